//! A strategy that a sandbox does not allow is replaced by the next.
//!
//! One test after the other, as handlers of signals are the whole process's.

#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use runtime::Builder;
use runtime::process::watcher::{
    ChildWatcher, DefaultWatcher, Pidfd, Polling, Signal, Thread, Watched,
};
use runtime::process::{BuilderExt, Command};
use seccompiler::SeccompCmpOp::MaskedEq;

#[path = "common/sandbox.rs"]
mod sandbox;

use sandbox::{Refusal, inside};

#[test]
fn the_next_strategy_takes_the_place() {
    let threads = libc::CLONE_THREAD as u64;
    let no_pidfd = || Refusal::of(libc::SYS_pidfd_open, libc::EPERM);
    let no_pidfd_here = || Refusal::of(libc::SYS_pidfd_open, libc::ENOSYS);
    let no_handlers = || Refusal::of(libc::SYS_rt_sigaction, libc::EPERM);
    let no_threads = || {
        [
            // The C library goes back to the older call.
            Refusal::of(libc::SYS_clone3, libc::ENOSYS),
            Refusal::of(libc::SYS_clone, libc::EAGAIN).if_argument(0, MaskedEq(threads), threads),
        ]
    };
    inside(vec![no_pidfd()], || {
        assert_eq!(refused_by(Pidfd::new()), REFUSED);
        assert_eq!(refused_by(Signal::new()), ALLOWED);
        assert_eq!(refused_by(DefaultWatcher::new()), ALLOWED);
    });
    inside(vec![no_pidfd_here(), no_handlers()], || {
        assert_eq!(refused_by(Pidfd::new()), REFUSED);
        assert_eq!(refused_by(Signal::new()), REFUSED);
        assert_eq!(refused_by(Thread::new()), ALLOWED);
        assert_eq!(refused_by(DefaultWatcher::new()), ALLOWED);
    });
    let [no_clone3, no_clone] = no_threads();
    inside(vec![no_pidfd(), no_handlers(), no_clone3, no_clone], || {
        assert_eq!(refused_by(Signal::new()), REFUSED);
        assert_eq!(refused_by(Thread::new()), REFUSED);
        assert_eq!(refused_by(Polling::new()), ALLOWED);
        assert_eq!(refused_by(DefaultWatcher::new()), ALLOWED);
    });
}

const ALLOWED: usize = 0;
const REFUSED: usize = 3;

/// Runs three children, and tells how many of them the strategy could not watch. Their statuses arrive in any
/// case.
fn refused_by(strategy: impl ChildWatcher + 'static) -> usize {
    let refusals = Arc::new(AtomicUsize::new(0));
    let watcher = Counting { strategy, refusals: refusals.clone() };
    let runtime = Builder::new().child_watcher(watcher).build().expect("a loop can be built");
    runtime.block_on(async {
        for code in 0..REFUSED {
            let mut command = Command::new("/bin/sh");
            let status = command.args(["-c", &format!("exit {code}")]).status().await;
            assert_eq!(status.expect("the child is watched").code(), i32::try_from(code).ok());
        }
    });
    refusals.load(Ordering::Relaxed)
}

#[derive(Debug)]
struct Counting<W> {
    strategy: W,
    refusals: Arc<AtomicUsize>,
}

impl<W: ChildWatcher> ChildWatcher for Counting<W> {
    fn watch(&self, child: &Watched) -> io::Result<()> {
        let result = self.strategy.watch(child);
        self.refusals.fetch_add(usize::from(result.is_err()), Ordering::Relaxed);
        result
    }
}
