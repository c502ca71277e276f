//! Who blocks the loop: a thread that notices a poll which takes too long while it is still going on.
//!
//! Debug mode ([`Builder::debug`]) tells of such a poll when it is over, which is of no use if it never is,
//! and cannot tell what it was about. The watchdog tells at once, with the stack of the loop's thread:
//!
//! ```text
//! runtime: warning: a task is blocking the loop of thread `main`; for 50.002ms so far; task 2 (client at 127.0.0.1:43502), spawned at
//! server/main.rs:75:56
//!    0: core::hint::black_box
//!           at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/hint.rs:491
//!    1: server::session::stretch
//!           at server/session.rs:53
//!    2: server::session::digest::{{closure}}
//!           at server/session.rs:41
//!    3: server::session::serve::{{closure}}
//!           at server/session.rs:29
//! runtime: warning: a task has given the loop of thread `main` back; it took 347.232ms; task 2 (client at 127.0.0.1:43502), spawned at
//! server/main.rs:75:56
//! ```
//!
//! The outermost line is the poll of the task, and the innermost what it is doing: here a client's task
//! digests a password where it should have asked [`spawn_blocking`](crate::spawn_blocking) to. What the loop
//! does around a poll is left out. [`Builder::watchdog`] says how to ask for it, and `RUNTIME_WATCHDOG=100ms`
//! does so for a program that has been built already; [`Handle::current_poll`] is for those who only want to
//! know what a loop is busy with.
//!
//! # What it costs
//!
//! Nothing for a loop that is not watched. One that is runs each poll in the observed mode, as in debug mode,
//! and reads the clock once for it: 390 instructions a poll on x86-64, where debug mode takes 510, and 0.2
//! microseconds on a machine with its hands full. The watchdog's thread wakes at most twice a threshold while
//! a watched loop is at work, and never while all of them wait.
//!
//! A report takes a few tens of microseconds of the blocked thread, for the signal and the copy of its stack
//! (at most 512 KiB). The watchdog's thread then reads the unwind tables and the debug information of the
//! program, at the first report: milliseconds in a small program, seconds in a large one that is not
//! optimised. Until that is done no other loop is reported, and a process that ends meanwhile takes the
//! report along. The tables, a few megabytes, stay in memory until the last loop that is watched is gone.
//!
//! # What it does not see
//!
//! - Many short polls, none of which is too long: debug mode tells of such passes.
//! - What runs outside of polls and callbacks: destructors while a loop is closed, and wakers that are not
//!   the loop's own.
//! - A stop of the whole process, by a signal or a debugger, that was shorter than the threshold, and so
//!   looks like a loop that was slow. Longer ones are told apart, and do not count.
//!
//! # Inside
//!
//! | file | idea |
//! |---|---|
//! | `post.rs` | what a loop tells other threads about the poll that it is in |
//! | `vigil.rs` | when to look at a loop, and what to report |
//! | `thread.rs` | the thread that watches all loops |
//! | `report.rs`, `source.rs` | what is told |
//! | `stack/` | the stack of another thread |
//! | `environment.rs`, `choice.rs` | the variable that asks for a watchdog; which signal it uses |
//! | `target_*.rs` | the loop's thread in the system |

#[cfg(target_os = "linux")]
mod choice;
mod environment;
pub(crate) mod post;
mod report;
mod source;
mod stack;
#[cfg_attr(target_os = "linux", path = "target_linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "target_other.rs")]
mod target;
mod thread;
mod vigil;

use std::sync::Arc;
use std::time::Duration;

use crate::builder::Builder;
use crate::current::with_current;
use crate::errors::Closed;
use crate::executor::{Special, panics::contain_quietly};
use crate::handle::Handle;
use crate::local::Local;

pub(crate) use self::environment::threshold_in_environment;
pub use self::report::BlockedReport;
pub(crate) use self::report::Callback;
pub use self::source::{CurrentPoll, PollSource};
pub use self::stack::{Frame, Stack};
use self::target::{SIGNAL, Target};
use self::thread::Watched;

/// How a loop is to be watched.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) threshold: Option<Duration>,
    pub(crate) callback: Option<Callback>,
    pub(crate) signal: i32,
}

impl Settings {
    pub(crate) fn from_environment() -> Settings {
        Settings { threshold: threshold_in_environment(), callback: None, signal: SIGNAL }
    }
}

impl Builder {
    /// Watches the loop from another thread, which reports whatever keeps it in one poll, or one callback,
    /// for longer than `threshold`, while that is still going on; zero turns it off.
    ///
    /// A report says which task or callback it is, where it was spawned or made, how long it has been going
    /// on, and what the loop's thread is doing at that moment: its stack, from the function that blocks to
    /// the poll of the task. It goes to `tracing` with the feature of that name, else to the standard error
    /// stream, and to the function given by [`on_blocked`](Builder::on_blocked). There is one report a poll,
    /// another one whenever its time has doubled, and a last one when it is over.
    ///
    /// The default is what the environment variable `RUNTIME_WATCHDOG` says, such as `100ms`, `2s` or
    /// `500us`; else there is no watchdog. [`Handle::set_watchdog`] changes it later.
    ///
    /// A loop that waits for something to do blocks nobody. Time in which the whole process was stopped, by a
    /// signal or a debugger, does not count, nor does time in which the machine was suspended.
    ///
    /// # Costs
    ///
    /// One thread watches all loops of a process. While one of them has something to do it wakes at most
    /// twice a threshold, however many polls there are; while all wait, it sleeps. It ends with the last loop
    /// that is watched.
    ///
    /// A loop that is watched reads the clock once a poll, see [the module](crate::watchdog). One that is not
    /// pays nothing.
    ///
    /// # Stacks
    ///
    /// They need the feature `watchdog`, and Linux on x86-64 or aarch64; elsewhere a report comes without,
    /// and [says so](Stack::reason). The thread is asked for its stack by a signal, see
    /// [`watchdog_signal`](Builder::watchdog_signal). Names of functions come from the symbols of the
    /// program, and lines from its debug information: a profile with `debug = "line-tables-only"` has both.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use std::time::Duration;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let (send, reports) = mpsc::channel();
    /// let rt = runtime::Builder::new()
    ///     .watchdog(Duration::from_millis(20))
    ///     .on_blocked(move |report| drop(send.send(report.clone())))
    ///     .build()?;
    /// rt.block_on(async {
    ///     let parser = runtime::task::Builder::new().name("parser");
    ///     let report = parser.spawn(async move { reports.recv() }).await.unwrap().unwrap();
    ///     // It was made while `recv` kept the loop.
    ///     assert_eq!(report.task().unwrap().name(), Some("parser"));
    ///     println!("{report}");
    /// });
    /// # Ok(())
    /// # }
    /// ```
    pub fn watchdog(mut self, threshold: Duration) -> Builder {
        self.watchdog.threshold = Some(threshold).filter(|threshold| !threshold.is_zero());
        self
    }

    /// Calls `f` with each report of the [watchdog](Builder::watchdog), besides what it writes.
    ///
    /// It is called on the thread of the watchdog: what it does delays further reports, and it must not wait
    /// for the loop, which is blocked. A panic in it is reported, and has no other consequence.
    pub fn on_blocked(mut self, f: impl Fn(&BlockedReport) + Send + Sync + 'static) -> Builder {
        self.watchdog.callback = Some(Arc::new(f));
        self
    }
}

impl Handle {
    /// Watches the loop, from now on, as [`Builder::watchdog`] does; `None`, or a threshold of zero, ends
    /// that. From another thread it takes effect at the loop's next turn: a poll that blocks already goes
    /// unnoticed.
    ///
    /// # Errors
    ///
    /// If the loop is closed.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// runtime::run(async {
    ///     // Clients complain that the server hesitates.
    ///     let handle = runtime::Handle::current();
    ///     handle.set_watchdog(Duration::from_millis(100)).unwrap();
    ///     handle.set_watchdog(None).unwrap();
    /// });
    /// ```
    pub fn set_watchdog(&self, threshold: impl Into<Option<Duration>>) -> Result<(), Closed> {
        let threshold = threshold.into().filter(|threshold| !threshold.is_zero());
        let here = with_current(|local| {
            let here = Arc::ptr_eq(&local.core, self.core());
            if here {
                set(local, threshold);
            }
            here
        });
        if here == Some(true) || self.core().post(move |local| set(local, threshold)) {
            return Ok(());
        }
        Err(Closed::new())
    }

    /// The poll, or callback, that the loop is in right now, as any thread can tell without asking the loop:
    /// `None` if it is in none, is not run, or is neither [watched](Builder::watchdog) nor
    /// [inspected](Builder::inspect).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let rt = runtime::Builder::new().watchdog(Duration::from_secs(1)).build()?;
    /// let handle = rt.handle().clone();
    /// assert!(handle.current_poll().is_none());
    /// let looks = runtime::task::Builder::new().name("looks").spawn_on(
    ///     async move {
    ///         let operator = std::thread::spawn(move || handle.current_poll());
    ///         operator.join().unwrap()
    ///     },
    ///     rt.handle(),
    /// );
    /// let poll = rt.block_on(looks).unwrap().unwrap();
    /// assert_eq!(poll.source().task().unwrap().name(), Some("looks"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn current_poll(&self) -> Option<CurrentPoll> {
        self.core().shared.post.get()?.current()
    }
}

/// Has the loop watched from the beginning, if that is wanted. On its own thread.
pub(crate) fn install(local: &Local, settings: Settings) {
    if let Some(threshold) = settings.threshold {
        watch(local, threshold, &settings);
    }
    local.watchdog.set(Some(Box::new(settings)));
}

fn set(local: &Local, threshold: Option<Duration>) {
    let Some(settings) = local.watchdog.take() else { return };
    match threshold {
        Some(threshold) => watch(local, threshold, &settings),
        None => {
            local.executor.cease_to_observe(Special::WATCHDOG);
            thread::unwatch(post::of(local));
            post::heed(local);
        }
    }
    local.watchdog.set(Some(settings));
}

fn watch(local: &Local, threshold: Duration, settings: &Settings) {
    let (post, target) = (post::of(local).clone(), Target::here(settings.signal));
    local.executor.observe(Special::WATCHDOG);
    thread::watch(Watched { post, target, threshold, callback: settings.callback.clone() });
}

/// Ceases to watch a loop that is closed.
pub(crate) fn uninstall(local: &Local) {
    if let Some(post) = local.core.shared.post.get() {
        thread::unwatch(post);
    }
    // Its callback is the user's.
    contain_quietly(|| drop(local.watchdog.take()));
}
