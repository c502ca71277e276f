//! Debug mode reports slow polls, with the task's name and where it was spawned.

use std::process::Command;
use std::time::Duration;

/// The report goes to the standard error stream, so a process of its own is looked at.
fn stderr_of(test: &str, debug: Option<&str>) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", test, "--nocapture"]).env("ROLE", "child").env_remove("RUNTIME_DEBUG");
    if let Some(debug) = debug {
        child.env("RUNTIME_DEBUG", debug);
    }
    String::from_utf8(child.output().unwrap().stderr).unwrap()
}

fn is_child() -> bool {
    std::env::var_os("ROLE").is_some()
}

fn run_a_slow_task(rt: &runtime::Runtime) {
    rt.block_on(async {
        let slow = runtime::task::Builder::new().name("sleeper");
        slow.spawn(async { std::thread::sleep(Duration::from_millis(5)) }).await.unwrap();
    });
}

#[test]
fn a_slow_poll_is_reported() {
    if is_child() {
        let builder = runtime::Builder::new().debug(true);
        let rt = builder.slow_callback_duration(Duration::from_millis(1)).build().unwrap();
        return run_a_slow_task(&rt);
    }
    let stderr = stderr_of("a_slow_poll_is_reported", None);
    assert!(stderr.contains("(sleeper), spawned at "), "{stderr}");
    assert!(stderr.contains("debug_mode.rs"), "{stderr}");
}

#[test]
fn the_environment_turns_it_on() {
    if is_child() {
        let builder = runtime::Builder::new();
        let rt = builder.slow_callback_duration(Duration::from_millis(1)).build().unwrap();
        return run_a_slow_task(&rt);
    }
    assert!(stderr_of("the_environment_turns_it_on", Some("1")).contains("sleeper"));
    assert!(!stderr_of("the_environment_turns_it_on", Some("0")).contains("sleeper"));
    assert!(!stderr_of("the_environment_turns_it_on", None).contains("sleeper"));
}
