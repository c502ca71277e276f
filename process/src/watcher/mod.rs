//! How the end of a child process is noticed.
//!
//! A [`ChildWatcher`] is given each child that is spawned, and sees to it that [`Watched::try_reap`] is called once the child has ended.
//! That call does the rest: it reaps the child, keeps the status, and wakes who waits for it.

mod thread;
mod watched;

use std::fmt;
use std::io;

pub use self::thread::Thread;
pub use self::watched::Watched;

/// A way to notice that child processes have ended.
///
/// # For implementers
///
/// A watcher never reaps by itself: it finds out that a child may have ended, by whatever means, and calls
/// [`try_reap`](Watched::try_reap), as often as it likes, until that returns true. Only then may it let go of the child, whatever
/// becomes of the handle that the program has: this is what keeps zombies away. Where the system says which child has ended, ask it to
/// leave the child be (`WNOWAIT`, waitid(2)); a pid that is reaped behind the back of its [`Watched`] might be signalled afterwards.
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
}

/// Hands a new child to the watcher that is in charge.
///
/// # Errors
///
/// When no strategy works. The child is not watched, but on the list of those that are tried now and then.
pub(crate) fn watch(child: &Watched) -> io::Result<()> {
    Thread::new().watch(child)
}
