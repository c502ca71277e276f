//! `AsyncFd` works with the descriptors that Linux has for everything.

#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::pin::pin;

use futures::poll;
use runtime_core::reactor::{AsyncFd, Interest};
use rustix::event::{EventfdFlags, eventfd};
use rustix::io::{read, write};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};

mod support;

use support::selectors::{self, on_each_selector, run};

on_each_selector!(
    an_eventfd_counts,
    a_timerfd_rings,
    a_pipe_carries_bytes_and_its_end,
    a_pidfd_tells_of_the_end_of_a_process,
);

fn count(fd: &OwnedFd) -> io::Result<u64> {
    let mut count = [0; 8];
    read(fd, &mut count)?;
    Ok(u64::from_ne_bytes(count))
}

fn an_eventfd_counts() {
    run(async {
        let event = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC).unwrap();
        let event = AsyncFd::try_from(event).unwrap();
        for round in 1..4_u64 {
            let mut wait = pin!(event.async_io(Interest::READABLE, count));
            assert!(poll!(&mut wait).is_pending());
            for _ in 0..round {
                write(event.get_ref(), &1_u64.to_ne_bytes()).unwrap();
            }
            assert_eq!(wait.await.unwrap(), round);
        }
    });
}

fn a_timerfd_rings() {
    run(async {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags).unwrap();
        let soon = Timespec { tv_sec: 0, tv_nsec: 1_000_000 };
        let every = Itimerspec { it_interval: soon, it_value: soon };
        timerfd_settime(&timer, TimerfdTimerFlags::empty(), &every).unwrap();
        let timer = AsyncFd::with_interest(timer, Interest::READABLE).unwrap();
        for _ in 0..3 {
            assert!(timer.async_io(Interest::READABLE, count).await.unwrap() > 0);
        }
    });
}

fn a_pipe_carries_bytes_and_its_end() {
    run(async {
        let (reader, writer) = pipe_with(PipeFlags::NONBLOCK | PipeFlags::CLOEXEC).unwrap();
        let reader = AsyncFd::with_interest(reader, Interest::READABLE).unwrap();
        let writer = AsyncFd::with_interest(writer, Interest::WRITABLE).unwrap();
        let sender = runtime_core::spawn(async move {
            let chunk = [7; 10_000];
            for _ in 0..50 {
                let mut rest = &chunk[..];
                while !rest.is_empty() {
                    let sent = writer.async_io(Interest::WRITABLE, |fd| Ok(write(fd, rest)?)).await;
                    rest = &rest[sent.unwrap()..];
                }
            }
            // Here the descriptor is closed, by way of its owner.
            drop(OwnedFd::from(writer));
        });
        let (mut sum, mut buffer) = (0, [0; 4096]);
        loop {
            let got = reader.async_io(Interest::READABLE, |fd| Ok(read(fd, &mut buffer)?)).await;
            match got.unwrap() {
                0 => break,
                length => sum += length,
            }
        }
        assert_eq!(sum, 500_000);
        sender.await.unwrap();
    });
}

fn a_pidfd_tells_of_the_end_of_a_process() {
    run(async {
        let mut child = std::process::Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .spawn()
            .expect("there is a cat");
        let pid = Pid::from_child(&child);
        let process = pidfd_open(pid, PidfdFlags::empty()).unwrap();
        let process = AsyncFd::with_interest(process, Interest::READABLE).unwrap();
        let mut wait = pin!(process.readable());
        assert!(poll!(&mut wait).is_pending());
        drop(child.stdin.take());
        let _ = wait.await.unwrap();
        assert!(child.try_wait().unwrap().expect("it has ended").success());
    });
}

// poll(2) takes them: see `reactor_poll`.
#[test]
fn what_cannot_be_watched_is_given_back() {
    runtime_core::run(async {
        let path = std::env::current_exe().unwrap();
        for path in [path.as_path(), path.parent().unwrap()] {
            let error = AsyncFd::try_new(File::open(path).unwrap()).unwrap_err();
            assert!(error.to_string().contains("spawn_blocking"), "{error}");
            let (file, cause) = error.into_parts();
            assert_eq!(cause.kind(), io::ErrorKind::PermissionDenied);
            assert_eq!(file.metadata().unwrap().len(), fs::metadata(path).unwrap().len());
        }
    });
    let (reader, _writer) = pipe_with(PipeFlags::CLOEXEC).unwrap();
    let error = AsyncFd::try_with_interest(reader, Interest::READABLE).unwrap_err();
    assert!(error.to_string().contains("no reactor running"), "{error}");
    let (_reader, _) = error.into_parts();
}
