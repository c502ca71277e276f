//! Wakers that panic, or start further children, do no harm to whoever else waits for a child.
//!
//! One test, alone in its process: it looks which signals are caught.

#![cfg(target_os = "linux")]

use std::fs;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};

use runtime::process::watcher::{ChildWatcher, Fast, Signal, Watched};
use runtime::process::{BuilderExt, Command};
use runtime::task::yield_now;
use rustix::process::{WaitId, WaitIdOptions, waitid};

mod common;

use common::pid;
use common::selectors::{Choice, builder, on, run};
use common::watchers::ALL;

#[test]
fn the_others_are_told_all_the_same() -> io::Result<()> {
    for watcher in ALL {
        println!("{}", watcher.module);
        on(watcher, wakers_that_panic)?;
    }
    on(SLOW_SIGNAL, wakers_that_spawn)?;
    on(SLOW_FAST, wakers_that_spawn)
}

type Wait = Pin<Box<dyn Future<Output = io::Result<ExitStatus>>>>;

/// A child that ends when its input does, with a future that waits for its end.
fn cat() -> io::Result<(u32, impl Sized, Wait)> {
    let mut child = Command::new("cat").stdin(Stdio::piped()).spawn()?;
    let (id, stdin) = (child.id().expect("it runs"), child.stdin.take());
    Ok((id, stdin, Box::pin(async move { child.wait().await })))
}

fn until_ended(id: u32) -> io::Result<()> {
    // A watcher on another thread may have been faster.
    let _ = waitid(WaitId::Pid(pid(id)), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
    Ok(())
}

struct Panics(AtomicUsize);

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
        panic!("as it should");
    }
}

fn wakers_that_panic() -> io::Result<()> {
    let runtime = builder().exception_handler(|_| {}).build()?;
    runtime.block_on(async {
        let wakes = Arc::new(Panics(AtomicUsize::new(0)));
        let hostile = Waker::from(wakes.clone());
        let mut children: Vec<_> = (0..4).map(|_| cat()).collect::<io::Result<_>>()?;
        for (_, _, wait) in &mut children[..3] {
            assert!(wait.as_mut().poll(&mut Context::from_waker(&hostile)).is_pending());
        }
        let (friendly, _, mut wait) = children.pop().expect("there are four");
        // The loop stands still until all have ended, so that it comes by all of them at once.
        let ids: Vec<u32> = children
            .into_iter()
            .map(|(id, _, wait)| {
                std::mem::forget(wait);
                id
            })
            .collect();
        let waker = std::future::poll_fn(|cx| std::task::Poll::Ready(cx.waker().clone())).await;
        let _ = wait.as_mut().poll(&mut Context::from_waker(&waker));
        ids.into_iter().try_for_each(until_ended)?;
        until_ended(friendly)?;
        assert!(wait.await?.success());
        while wakes.0.load(Ordering::SeqCst) < 3 {
            yield_now().await;
        }
        assert_eq!(wakes.0.load(Ordering::SeqCst), 3);
        Ok(())
    })
}

const SLOW_SIGNAL: Choice =
    Choice { module: "slow_signal", setup: |builder| builder.child_watcher(Slow(Signal::new())) };
const SLOW_FAST: Choice =
    Choice { module: "slow_fast", setup: |builder| builder.child_watcher(Slow(Fast::new())) };

/// Whether children are to have ended by the time that they are watched.
static IS_SLOW: AtomicBool = AtomicBool::new(false);

/// Begins to watch late, if it is to.
#[derive(Debug)]
struct Slow<W>(W);

impl<W: ChildWatcher> ChildWatcher for Slow<W> {
    fn watch(&self, child: &Watched) -> io::Result<()> {
        if IS_SLOW.load(Ordering::SeqCst) {
            until_ended(child.id())?;
        }
        self.0.watch(child)
    }
}

struct Spawns(AtomicUsize);

impl Wake for Spawns {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
        IS_SLOW.store(true, Ordering::SeqCst);
        Command::new("true").spawn().expect("it can be run");
        IS_SLOW.store(false, Ordering::SeqCst);
    }
}

/// One ends, and the waker of who waits for it starts one that ends at once. The other one is watched still.
fn wakers_that_spawn() -> io::Result<()> {
    run(async {
        let spawns = Arc::new(Spawns(AtomicUsize::new(0)));
        let (id, stdin, mut wait) = cat()?;
        let (_, other_stdin, other_wait) = cat()?;
        assert!(is_caught(libc::SIGCHLD)?);
        let waker = Waker::from(spawns.clone());
        assert!(wait.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        drop(stdin);
        until_ended(id)?;
        while spawns.0.load(Ordering::SeqCst) == 0 {
            yield_now().await;
        }
        assert!(is_caught(libc::SIGCHLD)?, "nobody listens any more");
        drop(other_stdin);
        assert!(other_wait.await?.success());
        // Nothing is left to listen for.
        assert!(wait.await?.success());
        assert!(!is_caught(libc::SIGCHLD)?);
        Ok(())
    })
}

/// Whether this process has a handler for a signal (proc_pid_status(5)).
fn is_caught(signal: i32) -> io::Result<bool> {
    let status = fs::read_to_string("/proc/self/status")?;
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).expect("Linux tells");
    let mask = u64::from_str_radix(mask.trim(), 16).expect("a mask");
    Ok(mask & 1 << (signal - 1) != 0)
}
