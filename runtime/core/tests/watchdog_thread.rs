//! There is one watchdog's thread for all loops, and none without a loop that is watched.
//!
//! One test, in a process of its own: it counts threads.
#![cfg(target_os = "linux")]

use std::fs;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use runtime::watchdog::BlockedReport;
use runtime::{Builder, Runtime};

const NEVER: Duration = Duration::from_secs(3600);

fn watchdogs() -> usize {
    let threads = fs::read_dir("/proc/self/task").unwrap();
    let names =
        threads.filter_map(|thread| fs::read_to_string(thread.unwrap().path().join("comm")).ok());
    names.filter(|name| name.trim_end() == "watchdog").count()
}

fn wait_for(count: usize) {
    while watchdogs() != count {
        thread::yield_now();
    }
}

fn watched() -> Runtime {
    Builder::new().watchdog(NEVER).build().unwrap()
}

#[test]
fn its_thread_is_one_and_ends_with_the_last_loop() {
    let unwatched = Builder::new().watchdog(Duration::ZERO).build().unwrap();
    assert_eq!(watchdogs(), 0);
    let (first, second) = (watched(), watched());
    // A thread says its name itself, a moment after it has been started.
    wait_for(1);
    drop(first);
    second.block_on(async {});
    assert_eq!(watchdogs(), 1);
    drop(second);
    wait_for(0);
    unwatched.block_on(async {});

    // And there is another one when it is needed.
    let (send, reports) = channel();
    let tell = move |_: &BlockedReport| send.send(()).unwrap();
    let rt = Builder::new().watchdog(Duration::from_millis(10)).on_blocked(tell).build().unwrap();
    rt.block_on(async { reports.recv().unwrap() });
    rt.handle().set_watchdog(None).unwrap();
    rt.turn(Some(Duration::ZERO)).unwrap();
    wait_for(0);
}
