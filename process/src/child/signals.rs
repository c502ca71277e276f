//! Signals to a child.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use runtime_core::time::timeout;

use super::{Child, ChildHandle};
use crate::sys;

/// Ending a child, and sending it signals.
impl Child {
    /// Kills the child, and waits until it has ended (`SIGKILL` on Unix).
    ///
    /// Nobody is there to be asked; what the child has started itself goes on.
    ///
    /// # Errors
    ///
    /// Fails when the system refuses, as it does if the child has become another user's; else as
    /// [`wait`](Child::wait).
    ///
    /// # Cancel safety
    ///
    /// The child is killed by the first poll. Cancelled later, only the waiting ends.
    pub async fn kill(&mut self) -> io::Result<()> {
        self.start_kill()?;
        self.wait().await.map(drop)
    }

    /// Kills the child, and does not wait until it has ended.
    ///
    /// # Errors
    ///
    /// Fails when the system refuses. A child that has ended is left alone, which is a success.
    pub fn start_kill(&self) -> io::Result<()> {
        self.watched.kill()
    }

    /// Asks the child to end, and does not wait until it does: `SIGTERM` on Unix. On Windows it is killed.
    ///
    /// # Errors
    ///
    /// As [`start_kill`](Child::start_kill).
    pub fn terminate(&self) -> io::Result<()> {
        sys::terminate(&self.watched)
    }

    /// Asks the child to end, waits for up to `grace`, and kills it if it has not ended by then. Returns the
    /// exit status.
    ///
    /// [`stdin`](Child::stdin) is closed, as by [`wait`](Child::wait).
    ///
    /// # Errors
    ///
    /// As [`kill`](Child::kill).
    ///
    /// # Panics
    ///
    /// Outside a loop.
    ///
    /// # Cancel safety
    ///
    /// The child is asked by the first poll. Cancelled later, it is not killed.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use runtime::process::Command;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let mut server = Command::new("sleep").arg("60").spawn()?;
    ///     let status = server.terminate_then_kill(Duration::from_secs(5)).await?;
    ///     assert!(!status.success());
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub async fn terminate_then_kill(&mut self, grace: Duration) -> io::Result<ExitStatus> {
        self.terminate()?;
        if let Ok(outcome) = timeout(grace, self.wait()).await {
            return outcome;
        }
        self.start_kill()?;
        self.wait().await
    }

    /// Returns a handle by which the child can be signalled from elsewhere, as while this one is busy
    /// waiting.
    pub fn handle(&self) -> ChildHandle {
        ChildHandle::new(self.watched.clone())
    }

    /// Sends a signal to the child, by its number or its kind.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for a number that is none of a signal's, `EPERM` if the
    /// child may not be signalled, [`Unsupported`](io::ErrorKind::Unsupported) on Windows. A child that has
    /// ended is left alone, which is a success.
    pub fn send_signal(&self, signal: impl Into<i32>) -> io::Result<()> {
        self.watched.send_signal(signal.into())
    }

    /// Sends a signal to the whole process group that the child leads: to it, and to what it has started.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) if it leads none, as it takes
    /// `Command::process_group(0)`, or setsid(2) in the child, to make one; else as
    /// [`send_signal`](Child::send_signal). Once the child itself has been reaped the group is left alone,
    /// which is a success, as its number might be another's by then.
    ///
    /// # Examples
    ///
    #[cfg_attr(unix, doc = "```")]
    #[cfg_attr(not(unix), doc = "```ignore")]
    /// use runtime::process::Command;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     // The shell waits for two children, which its own end would not end.
    ///     let mut shell = Command::shell("sleep 60 & sleep 60 & wait").process_group(0).spawn()?;
    ///     shell.send_signal_to_group(15)?;
    ///     assert!(!shell.wait().await?.success());
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn send_signal_to_group(&self, signal: impl Into<i32>) -> io::Result<()> {
        self.watched.send_signal_to_group(signal.into())
    }
}
