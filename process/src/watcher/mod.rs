//! How the end of a child process is noticed.
//!
//! A [`ChildWatcher`] is given each child that is spawned, and sees to it that [`Watched::try_reap`] is
//! called once the child has ended. That call does the rest: it reaps the child, keeps the status, and wakes
//! who waits for it.
//!
//! | strategy | how | what a child costs |
//! |---|---|---|
//! | `Pidfd` | a descriptor that becomes readable (Linux) | a descriptor |
//! | `Signal` | SIGCHLD, upon which each child is asked for (Unix) | a system call for each end of another, and for each second |
//! | `Fast` | SIGCHLD, upon which all children that have ended are reaped, **also those of others** (Unix) | a system call for each second |
//! | [`Thread`] | a thread that waits | a thread |
//! | [`Polling`] | a timer | a system call now and then |
//!
//! [`DefaultWatcher`] takes the first that the system allows, without `Fast`, and replaces any other that it
//! does not. A loop has the watcher that it was [built with](BuilderExt::child_watcher), or else that of the
//! process ([`set_child_watcher`]).
//!
//! Watchers keep children with the loop that has spawned them. When that closes, or a watcher lets go of a
//! child in another way, a thread takes care of it, which exists for as long as there are such orphans. It
//! sleeps until one of them ends where there are pidfds, and looks at them now and then elsewhere.

#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "bell_other.rs")]
mod bell;
mod children;
mod chosen;
mod default;
mod gate;
mod kept;
mod orphans;
mod panics;
mod polling;
mod thread;
mod watched;

#[cfg(all(test, unix))]
mod tests;

#[cfg(unix)]
mod fast;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod pidfd;
#[cfg(unix)]
mod sigchld;
#[cfg(unix)]
mod signal;
#[cfg(unix)]
mod strays;
#[cfg_attr(not(unix), path = "sweeping_other.rs")]
mod sweeping;

use std::fmt;
use std::io;
use std::sync::Arc;

pub use self::chosen::{BuilderExt, child_watcher, set_child_watcher};
pub use self::default::DefaultWatcher;
#[cfg(unix)]
pub use self::fast::Fast;
#[cfg(any(target_os = "linux", target_os = "android"))]
pub use self::pidfd::Pidfd;
pub use self::polling::Polling;
#[cfg(unix)]
pub use self::signal::Signal;
pub use self::thread::Thread;
pub use self::watched::Watched;

/// A way to notice that child processes have ended.
///
/// # For implementers
///
/// A watcher never reaps by itself: it finds out that a child may have ended, by whatever means, and calls
/// [`try_reap`](Watched::try_reap), as often as it likes, until that returns true. Only then may it let go of
/// the child, whatever becomes of the handle that the program has: this is what keeps zombies away. Where the
/// system says which child has ended, ask it to leave the child be (`WNOWAIT`, waitid(2)); a pid that is
/// reaped behind the back of its [`Watched`] might be signalled afterwards.
///
/// # For callers
///
/// Children are handed over by `Command::spawn`; nobody else has to call it.
pub trait ChildWatcher: Send + Sync + fmt::Debug {
    /// Begins to watch a child, which may have ended already.
    ///
    /// Called on the thread that spawned it, inside of its loop. Must not wait for the child.
    ///
    /// # Errors
    ///
    /// When it cannot, because the system refuses what it takes, say; the next strategy is tried then.
    fn watch(&self, child: &Watched) -> io::Result<()>;

    /// The watcher in the form in which it is kept. This is not for implementers: it is how an `Arc` gets
    /// around a second one when [`set_child_watcher`] is given a previous watcher.
    fn into_shared(self) -> Arc<dyn ChildWatcher>
    where
        Self: Sized + 'static,
    {
        Arc::new(self)
    }
}

impl ChildWatcher for Arc<dyn ChildWatcher> {
    fn watch(&self, child: &Watched) -> io::Result<()> {
        (**self).watch(child)
    }

    fn into_shared(self) -> Arc<dyn ChildWatcher> {
        self
    }
}

/// Lets a child be spawned, and then watched, without being reaped in between. To be kept meanwhile.
pub(crate) fn spawning() -> gate::Hold {
    gate::hold()
}

/// Where a new child comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It was spawned while no sweep could reap it.
    Here,
    /// It was spawned by the standard library, some time ago.
    Elsewhere,
}

/// Hands a new child to the watcher that is in charge, to the next best if that one cannot, and to the
/// orphans if the loop is closing.
///
/// From here on the child is taken care of.
pub(crate) fn watch(child: &Watched, origin: Origin) {
    {
        // A sweep either knows it by now, or has kept its status.
        let _hold = gate::hold();
        children::enter(child);
        sweeping::claim(child, origin);
    }
    orphans::look();
    if child_watcher().watch(child).is_err() && DefaultWatcher::new().watch(child).is_err() {
        orphans::adopt(child.clone());
    }
}

#[cold]
fn no_loop() -> io::Error {
    io::Error::other("there is no reactor running; children are watched by a loop")
}
