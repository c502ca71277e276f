//! Children whose loop listens to SIGCHLD are noticed though other code takes the signal away.
//!
//! One test, alone in its process: what a signal does is the whole process's.

#![cfg(target_os = "linux")]
#![allow(unsafe_code)]

use std::env;
use std::io;
use std::mem::{self, MaybeUninit};
use std::process::{self, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use runtime::Builder;
use runtime::process::watcher::{ChildWatcher, Fast, Signal, Watched};
use runtime::process::{BuilderExt, Child, Command};

/// Set in the process that blocks the signal.
const BLOCKING: &str = "BLOCKS_SIGCHLD";

#[test]
fn the_end_of_a_child_is_noticed_though_the_signal_is_gone() -> io::Result<()> {
    if env::var_os(BLOCKING).is_some() {
        // It is blocked in each thread, as it was when the program began, and nobody can tell.
        blocked(Signal::new())?;
        return blocked(Fast::new());
    }
    for handler in [nothing as *const () as usize, libc::SIG_IGN] {
        replaced(Signal::new(), handler)?;
        replaced(Fast::new(), handler)?;
    }
    again_blocking()
}

fn cat() -> io::Result<Child> {
    Command::new("cat").stdin(Stdio::piped()).spawn()
}

fn replaced(strategy: impl ChildWatcher + 'static, handler: usize) -> io::Result<()> {
    let refusals = Arc::new(AtomicUsize::new(0));
    let watcher = Counting { strategy, refusals: refusals.clone() };
    // It is told of the loss.
    let builder = Builder::new().child_watcher(watcher).exception_handler(|_| {});
    builder.build()?.block_on(async {
        let mut before = cat()?;
        let ours = set_handler(handler);
        assert_eq!(refusals.load(Ordering::Relaxed), 0);
        let mut after = cat()?;
        assert_eq!(refusals.load(Ordering::Relaxed), 1);
        for child in [&mut before, &mut after] {
            match child.wait().await {
                Ok(status) => assert!(status.success(), "{status}"),
                // The system has reaped it.
                Err(error) => assert_eq!(handler, libc::SIG_IGN, "{error}"),
            }
        }
        exchange(&ours);
        // All is as it was.
        assert!(cat()?.wait().await?.success());
        assert_eq!(refusals.load(Ordering::Relaxed), 1);
        Ok(())
    })
}

fn blocked(strategy: impl ChildWatcher + 'static) -> io::Result<()> {
    let runtime = Builder::new().child_watcher(strategy).build()?;
    runtime.block_on(async {
        let (mut one, mut other) = (cat()?, cat()?);
        let (one, other) = futures::future::join(one.wait(), other.wait()).await;
        assert!(one?.success() && other?.success());
        Ok(())
    })
}

fn again_blocking() -> io::Result<()> {
    let blocking = || {
        let mut command = process::Command::new("env");
        command.arg("--block-signal=CHLD");
        command
    };
    if !blocking().arg("true").status().is_ok_and(|status| status.success()) {
        println!("skipped: this system's env(1) cannot block signals");
        return Ok(());
    }
    let output = blocking().arg(env::current_exe()?).env(BLOCKING, "1").output()?;
    assert!(output.status.success(), "{output:?}");
    Ok(())
}

extern "C" fn nothing(_signal: libc::c_int) {}

/// Sets a handler as other code would, and returns what was there before.
fn set_handler(handler: usize) -> libc::sigaction {
    // SAFETY: zeros are a value of the structure, which is plain: no flags, and no signals blocked.
    let mut action: libc::sigaction = unsafe { mem::zeroed() };
    action.sa_sigaction = handler;
    exchange(&action)
}

fn exchange(action: &libc::sigaction) -> libc::sigaction {
    let mut before = MaybeUninit::uninit();
    // SAFETY: `action` has a handler of one argument, or was there before. `before` is memory for one structure,
    // which is written unless the call fails.
    unsafe {
        assert_eq!(libc::sigaction(libc::SIGCHLD, action, before.as_mut_ptr()), 0);
        before.assume_init()
    }
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
