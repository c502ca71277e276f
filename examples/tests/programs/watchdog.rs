//! The server with a request that blocks its loop.

use crate::program::Example;

#[test]
fn watchdog_names_who_blocks_the_loop() {
    let output = Example::start("watchdog", &[]).output();
    for line in ["ann hears: pong", "1 poll(s) have blocked the loop", "(client at 127.0.0.1:"] {
        assert!(output.contains(line), "{line:?} is missing in:\n{output}");
    }
}

#[test]
fn watchdog_says_the_same_when_the_work_is_done_elsewhere() {
    let output = Example::start("watchdog", &["--mend"]).output();
    for line in ["bob hears: ", "blocked the loop"] {
        assert!(output.contains(line), "{line:?} is missing in:\n{output}");
    }
}
