//! A child process, as its parent has it.

#[cfg(unix)]
mod group;
mod handle;
mod signals;
mod talk;

use std::future::poll_fn;
use std::io;
use std::process::ExitStatus;

use crate::pipe::{ChildStderr, ChildStdin, ChildStdout};
use crate::watcher::{self, Origin, Watched};

pub use self::handle::ChildHandle;

/// A child process, made by [`Command::spawn`](crate::Command::spawn).
///
/// # Reaping
///
/// The child is reaped when it has ended, whatever becomes of this handle: dropped, it leaves the child
/// running (unless [`kill_on_drop`](crate::Command::kill_on_drop) was asked for), and no zombie afterwards.
/// No signal goes to a pid that has been reaped, as that may be a stranger's by then: signalling a child that
/// has ended does nothing, and succeeds.
///
/// # Examples
///
/// ```
/// use runtime::process::Command;
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let mut child = Command::new("sleep").arg("60").spawn()?;
///     assert!(child.id().is_some());
///     child.kill().await?;
///     assert!(!child.wait().await?.success());
///     assert_eq!(child.id(), None);
///     Ok(())
/// })
/// # }
/// ```
#[derive(Debug)]
pub struct Child {
    watched: Watched,
    kill_on_drop: bool,
    /// The pipe to its standard input, if that is [piped](std::process::Stdio::piped).
    pub stdin: Option<ChildStdin>,
    /// The pipe from its standard output, if that is [piped](std::process::Stdio::piped).
    pub stdout: Option<ChildStdout>,
    /// The pipe from its standard error, if that is [piped](std::process::Stdio::piped).
    pub stderr: Option<ChildStderr>,
}

impl Child {
    /// Takes over a child that was spawned by the standard library.
    ///
    /// It is as one that a [`Command`](crate::Command) of ours has spawned: reaped when it ends, without
    /// `kill_on_drop`.
    ///
    /// # Errors
    ///
    /// Fails when a pipe cannot be watched, as outside a loop. The child is killed then, and reaped.
    pub fn from_std(child: std::process::Child) -> io::Result<Child> {
        Child::adopt(child, Origin::Elsewhere, false)
    }

    /// Makes sure that a new child is watched, and gives its pipes to the loop.
    pub(crate) fn adopt(
        mut std: std::process::Child,
        origin: Origin,
        kill_on_drop: bool,
    ) -> io::Result<Child> {
        let (stdin, stdout, stderr) = (std.stdin.take(), std.stdout.take(), std.stderr.take());
        let watched = Watched::new(std);
        // Watched before anything else can fail, so that it is reaped in any case. What fails below kills it
        // on the way out.
        let mut child =
            Child { watched, kill_on_drop: true, stdin: None, stdout: None, stderr: None };
        watcher::watch(&child.watched, origin);
        child.stdin = stdin.map(ChildStdin::from_std).transpose()?;
        child.stdout = stdout.map(ChildStdout::from_std).transpose()?;
        child.stderr = stderr.map(ChildStderr::from_std).transpose()?;
        child.kill_on_drop = kill_on_drop;
        Ok(child)
    }

    /// What waits for the child and signals it.
    pub(crate) fn watched(&self) -> &Watched {
        &self.watched
    }

    /// The pid of the child, as long as it is the child's: `None` once it has been reaped.
    ///
    /// A child that ends is reaped in the background, so the number may be out of date as soon as it is
    /// returned. To signal the child, use [`send_signal`](Child::send_signal), which cannot hit another.
    pub fn id(&self) -> Option<u32> {
        (!self.watched.is_reaped()).then(|| self.watched.id())
    }

    /// Waits until the child has ended, and returns its exit status.
    ///
    /// It closes [`stdin`](Child::stdin) first, if that is still there, for a child that reads its input to
    /// the end would never end otherwise. Call it as often as you like; the status stays the same.
    ///
    /// A child that fills a pipe which nobody reads does not end either: see
    /// [`wait_with_output`](Child::wait_with_output).
    ///
    /// # Errors
    ///
    /// Fails when the status is lost, since other code in this process has reaped the child, or the process
    /// ignores `SIGCHLD`.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a status that nobody waits for is kept.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use runtime::{process::Command, time::timeout};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let mut child = Command::new("sleep").arg("60").kill_on_drop(true).spawn()?;
    ///     if timeout(Duration::from_millis(10), child.wait()).await.is_err() {
    ///         println!("process {:?} takes its time", child.id());
    ///     }
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        drop(self.stdin.take());
        poll_fn(|cx| self.watched.poll_outcome(cx)).await
    }

    /// Returns the exit status if the child has ended, and `None` if it runs. Leaves [`stdin`](Child::stdin)
    /// as it is.
    ///
    /// # Errors
    ///
    /// As [`wait`](Child::wait).
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.watched.try_reap();
        self.watched.outcome().transpose()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.kill_on_drop {
            // A child that may not be killed, as one that has become another user's, lives on.
            let _ = self.watched.kill();
        }
    }
}

impl TryFrom<std::process::Child> for Child {
    type Error = io::Error;

    /// As [`from_std`](Child::from_std).
    fn try_from(child: std::process::Child) -> io::Result<Child> {
        Child::from_std(child)
    }
}
