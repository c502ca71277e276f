//! A signal has a process describe its loops.
#![cfg(unix)]

mod common;

use std::fs;
use std::path::Path;
use std::time::Duration;

use runtime::inspect::{DumpTo, dump, dump_on_signal};
use runtime::signal::SignalKind;
use rustix::process::{Signal, getpid, kill_process};

use common::Home;

/// Waits until so many dumps are in the file.
fn dumps_in(path: &Path, count: usize) -> String {
    loop {
        let text = fs::read_to_string(path).unwrap_or_default();
        if text.matches("end of dump\n").count() >= count {
            return text;
        }
        std::thread::yield_now();
    }
}

fn send(signal: Signal) {
    kill_process(getpid(), signal).unwrap();
}

#[test]
fn a_dump_describes_each_loop() {
    let (first, second) = (Home::new(), Home::new());
    let text = dump(Duration::from_secs(10));
    for home in [&first, &second] {
        assert!(text.contains(&format!("loop {} on thread home", home.id)), "{text}");
    }
    assert!(text.matches("`boss`").count() >= 2, "{text}");
    assert!(text.contains("2 tasks, 0 ready"), "{text}");
}

#[test]
fn signals_append_dumps_to_a_file_also_while_a_loop_is_blocked() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("dumps");
    let home = Home::new();
    let guard = dump_on_signal(SignalKind::user_defined1(), DumpTo::File(path.clone())).unwrap();
    send(Signal::USR1);
    let text = dumps_in(&path, 1);
    assert!(text.contains(&format!("loop {} on thread home", home.id)), "{text}");
    assert!(text.contains("`worker`"), "{text}");
    assert!(!text.contains("on thread runtime-dump"), "{text}");

    let release = home.block();
    send(Signal::USR1);
    let text = dumps_in(&path, 2);
    assert!(text.contains("did not answer within 1s"), "{text}");
    drop((release, guard));
}

#[test]
fn a_signal_means_what_it_meant_before_once_the_guard_is_dropped() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("dumps");
    // By default, SIGURG is ignored.
    let kind = SignalKind::from_raw(Signal::URG.as_raw());
    let guard = dump_on_signal(kind, DumpTo::File(path.clone())).unwrap();
    send(Signal::URG);
    let once = dumps_in(&path, 1);
    drop(guard);
    send(Signal::URG);
    // A second guard hears of what comes after it, and nobody of what came before.
    let second = directory.path().join("second");
    let _guard = dump_on_signal(kind, DumpTo::File(second.clone())).unwrap();
    send(Signal::URG);
    dumps_in(&second, 1);
    assert_eq!(fs::read_to_string(&path).unwrap(), once);
}

#[test]
fn a_signal_that_cannot_be_heard_is_an_error() {
    let error = dump_on_signal(SignalKind::from_raw(9), DumpTo::Stderr).unwrap_err();
    assert!(!error.to_string().is_empty());
}

#[test]
fn a_file_that_cannot_be_written_goes_to_the_standard_error_stream() {
    if std::env::var_os("ROLE").is_some() {
        let home = Home::new();
        let to = DumpTo::File("/nonexistent/of/course".into());
        dump_on_signal(SignalKind::user_defined2(), to).unwrap().forget();
        send(Signal::USR2);
        // The parent waits for the dump, and then for the end.
        let _ = std::io::stdin().read_line(&mut String::new());
        drop(home);
        std::process::exit(17);
    }
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_file_that_cannot_be_written_goes_to_the_standard_error_stream"])
        .arg("--nocapture")
        .env("ROLE", "child")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut lines = lines.map(Result::unwrap).skip_while(|line| !line.contains("/nonexistent/of"));
    assert!(lines.next().unwrap().contains("could not be written"));
    assert!(lines.any(|line| line.contains("`boss`")));
    drop(child.stdin.take());
    assert_eq!(child.wait().unwrap().code(), Some(17));
}
