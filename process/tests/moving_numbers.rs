//! Descriptors that a child gets under certain numbers, while other threads take and give back just those.
//!
//! One test, alone in its process: it guesses which numbers are the next.

#![cfg(unix)]

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use runtime::process::Command;
use rustix::pipe::{PipeFlags, pipe_with};

/// How often a command is run, and fails.
const ROUNDS: i32 = 1000;

#[test]
fn failures_are_told_whatever_other_threads_do_to_the_numbers() -> io::Result<()> {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                let file = File::open("/dev/null");
                thread::yield_now();
                drop(file);
            }
        });
        // Also when an assertion fails.
        let _ends = Ends(&is_over);
        runtime::run(async { (0..ROUNDS).try_for_each(fail) })
    })
}

struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn fail(round: i32) -> io::Result<()> {
    let (reader, writer) = pipe_with(PipeFlags::CLOEXEC)?;
    let next = File::open("/dev/null")?.as_raw_fd();
    let mut command = Command::new("/no/such/program");
    command.fd_mappings([(writer, next + round % 4)])?;
    let error = command.spawn().expect_err("no such program");
    assert_eq!(error.kind(), io::ErrorKind::NotFound, "{round}");
    drop(command);
    // Nothing of the report has gone where it does not belong.
    let mut bytes = Vec::new();
    File::from(reader).read_to_end(&mut bytes)?;
    assert_eq!(bytes, b"", "{round}");
    Ok(())
}
