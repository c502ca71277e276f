//! Without a handler a failure is logged as one error with all that is known of it; so is a handler that
//! panics.
#![cfg(feature = "tracing")]

mod support;

use std::process::Command;
use std::thread;

use runtime::task::yield_now;
use runtime::{Builder, ExceptionContext, Runtime, default_exception_handler};
use support::subscriber::listen;
use tracing::Level;

/// Not in debug mode, whatever the environment says: printing a panic may be slow.
fn builder() -> Builder {
    Builder::new().debug(false)
}

fn quiet() -> Runtime {
    builder().build().unwrap()
}

fn fail(rt: &Runtime) {
    rt.block_on(async {
        let task = runtime::task::Builder::new().name("unlucky");
        drop(task.spawn(async { panic!("of course") }));
        yield_now().await;
        yield_now().await;
    });
}

#[test]
fn a_failed_task_is_one_error_with_fields() {
    let said = listen(|| fail(&quiet()));
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(said[0].level, Level::ERROR);
    assert!(said[0].message().contains("a task panicked"), "{said:?}");
    assert!(said[0].field("cause").contains("of course"), "{said:?}");
    assert_eq!(said[0].field("task.name"), "unlucky");
    assert!(said[0].field("task.id").parse::<u64>().is_ok(), "{said:?}");
    assert!(said[0].field("location").contains("exception_log.rs"), "{said:?}");
}

#[test]
fn a_failed_callback_is_one_error_with_fields() {
    let said = listen(|| {
        let rt = quiet();
        rt.call_soon(|| panic!("of course"));
        rt.block_on(yield_now());
    });
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(said[0].field("callback"), "call_soon");
    assert!(said[0].field("location").contains("exception_log.rs"), "{said:?}");
}

#[test]
fn a_handler_that_panics_is_logged_with_what_it_was_told() {
    let said = listen(|| {
        let handler = |_: &ExceptionContext| panic!("the handler is no better");
        fail(&builder().exception_handler(handler).build().unwrap());
    });
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].message().contains("the handler is no better"), "{said:?}");
    assert!(said[0].message().contains("a task panicked"), "{said:?}");
    assert!(said[0].field("cause").contains("of course"), "{said:?}");
    assert_eq!(said[0].field("task.name"), "unlucky");
}

#[test]
fn a_handler_may_leave_it_to_the_default() {
    let said = listen(|| {
        fail(&builder().exception_handler(default_exception_handler).build().unwrap());
        let rt = quiet();
        rt.default_exception_handler(&ExceptionContext::new("said by hand"));
    });
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(said[0].field("task.name"), "unlucky");
    assert_eq!(said[1].message(), "said by hand");
}

#[test]
fn a_failure_found_after_the_loop_has_closed_is_logged() {
    let said = listen(|| {
        let rt = quiet();
        let task = rt.spawn(async { panic!("of course") });
        rt.block_on(yield_now());
        rt.close().unwrap();
        drop::<runtime::task::JoinHandle<()>>(task);
    });
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].field("cause").contains("of course"), "{said:?}");
    // Also on another thread.
    let rt = quiet();
    let task = rt.spawn(async { panic!("of course") });
    rt.block_on(yield_now());
    rt.close().unwrap();
    let said = thread::spawn(|| listen(|| drop::<runtime::task::JoinHandle<()>>(task)));
    assert_eq!(said.join().unwrap().len(), 1);
}

#[test]
fn without_a_subscriber_it_is_a_line_on_the_standard_error_stream() {
    const NAME: &str = "without_a_subscriber_it_is_a_line_on_the_standard_error_stream";
    if std::env::var_os("ROLE").is_some() {
        return fail(&quiet());
    }
    let mut child = Command::new(std::env::current_exe().unwrap());
    let child = child.args(["--exact", NAME, "--nocapture"]).env("ROLE", "child").output().unwrap();
    let stderr = String::from_utf8(child.stderr).unwrap();
    let lines: Vec<&str> = stderr.lines().filter(|line| line.starts_with("runtime: ")).collect();
    assert_eq!(lines.len(), 1, "{stderr}");
    for part in ["a task panicked", "\"of course\"", "(unlucky), spawned at ", "exception_log.rs"] {
        assert!(lines[0].contains(part), "{stderr}");
    }
}

#[test]
fn a_subscriber_that_panics_does_not_end_the_loop() {
    struct Broken;
    impl tracing::Subscriber for Broken {
        fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            tracing::span::Id::from_u64(1)
        }
        fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
        fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
        fn event(&self, _: &tracing::Event<'_>) {
            panic!("the disk is full");
        }
        fn enter(&self, _: &tracing::span::Id) {}
        fn exit(&self, _: &tracing::span::Id) {}
    }
    tracing::subscriber::with_default(Broken, || {
        let rt = quiet();
        fail(&rt);
        assert_eq!(rt.block_on(rt.spawn(async { "alive" })).unwrap(), "alive");
    });
}
