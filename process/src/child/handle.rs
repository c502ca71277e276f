//! A way to signal a child that others wait for.

use std::io;

use crate::sys;
use crate::watcher::Watched;

/// A handle by which a child can be signalled, while [`Child::wait`](crate::Child::wait) has the child
/// itself.
///
/// Clones stand for the same child. It may go to other threads, and outlive the [`Child`](crate::Child);
/// dropping it does nothing. As with the child itself, no signal goes to a pid that has been reaped.
///
/// # Examples
///
/// ```
/// use runtime::process::Command;
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let mut server = Command::new("sleep").arg("60").spawn()?;
///     let handle = server.handle();
///     let end = runtime::spawn(async move { server.wait().await });
///     handle.terminate()?;
///     assert!(!end.await??.success());
///     assert_eq!(handle.id(), None);
///     Ok(())
/// })
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ChildHandle {
    watched: Watched,
}

impl ChildHandle {
    pub(super) fn new(watched: Watched) -> ChildHandle {
        ChildHandle { watched }
    }

    /// The pid of the child, as long as it is the child's. See [`Child::id`](crate::Child::id).
    pub fn id(&self) -> Option<u32> {
        (!self.watched.is_reaped()).then(|| self.watched.id())
    }

    /// Kills the child, and does not wait until it has ended.
    ///
    /// # Errors
    ///
    /// As [`Child::start_kill`](crate::Child::start_kill).
    pub fn start_kill(&self) -> io::Result<()> {
        self.watched.kill()
    }

    /// Asks the child to end, and does not wait until it does.
    ///
    /// # Errors
    ///
    /// As [`Child::terminate`](crate::Child::terminate).
    pub fn terminate(&self) -> io::Result<()> {
        sys::terminate(&self.watched)
    }

    /// Sends a signal to the child, by its number or its kind.
    ///
    /// # Errors
    ///
    /// As [`Child::send_signal`](crate::Child::send_signal).
    pub fn send_signal(&self, signal: impl Into<i32>) -> io::Result<()> {
        self.watched.send_signal(signal.into())
    }

    /// Sends a signal to the process group that the child leads.
    ///
    /// # Errors
    ///
    /// As [`Child::send_signal_to_group`](crate::Child::send_signal_to_group).
    pub fn send_signal_to_group(&self, signal: impl Into<i32>) -> io::Result<()> {
        self.watched.send_signal_to_group(signal.into())
    }
}
