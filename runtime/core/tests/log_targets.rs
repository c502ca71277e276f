//! What the loop has to say can be told apart, and turned on and off, by its targets.
#![cfg(feature = "tracing")]

#[path = "support/subscriber.rs"]
mod subscriber;

use std::future::pending;
use std::thread;
use std::time::Duration;

use runtime::{Builder, Runtime};
use subscriber::{Said, listen};
use tracing::Level;

/// The only event.
fn only(said: Vec<Said>) -> (&'static str, Level) {
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(!said[0].message().is_empty());
    (said[0].target, said[0].level)
}

#[test]
fn a_failure_is_about_an_exception() {
    let said = listen(|| {
        let rt = Runtime::new().unwrap();
        rt.block_on(async { drop(runtime::spawn(async { panic!("on purpose") })) });
        rt.stop();
        rt.run_forever().unwrap();
    });
    assert!(said[0].field("cause").contains("on purpose"), "{said:?}");
    assert_eq!(only(said), ("runtime::exception", Level::ERROR));
}

#[test]
fn a_slow_poll_is_about_slowness() {
    let threshold = Duration::from_millis(5);
    let said = listen(|| {
        let rt = Builder::new().debug(true).slow_callback_duration(threshold).build().unwrap();
        rt.block_on(async { thread::sleep(threshold) });
    });
    assert_eq!(only(said), ("runtime::slow", Level::WARN));
}

#[test]
fn a_task_left_behind_is_about_debugging() {
    let said = listen(|| {
        let slow = Duration::from_secs(3600);
        let rt = Builder::new().debug(true).slow_callback_duration(slow).build().unwrap();
        drop(rt.spawn(pending::<()>()));
    });
    assert_eq!(only(said), ("runtime::debug", Level::WARN));
}
