//! Running a command.

use std::future::Future;
use std::io;
use std::process::{ExitStatus, Output, Stdio};

use runtime_core::Handle;

use super::{Command, failure, sys};
use crate::child::Child;
use crate::watcher::{self, Origin};

/// Running the command.
impl Command {
    /// Starts the program as a child process.
    ///
    /// It may be called again for another child of the same kind. The program has begun to run, or else has
    /// failed to, when this returns; that takes as long as fork(2) and execve(2) do.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) and [`PermissionDenied`](io::ErrorKind::PermissionDenied) of the
    /// program or the directory, which the message names; what the system says when it is out of descriptors,
    /// processes or memory. Fails also outside a loop. No child, descriptor or zombie is left behind then.
    ///
    /// In a process that ignores `SIGCHLD` the standard library panics over a program that cannot be run, in
    /// some cases. That is an error here, which does not say more; the hook for panics is called.
    pub fn spawn(&mut self) -> io::Result<Child> {
        // Found out before there is a child that nobody could take care of.
        Handle::try_current().map_err(io::Error::other)?;
        let _spawning = watcher::spawning();
        let spawned = sys::spawn(self);
        let std = spawned.map_err(|cause| failure::name(&self.std, cause))?;
        Child::adopt(std, Origin::Here, self.kill_on_drop)
    }

    /// Starts the program, waits until it has ended, and returns its exit status.
    ///
    /// It starts when this is called, not when the future is polled. The streams are inherited unless told
    /// otherwise; those that are piped are closed, as nobody could use them.
    ///
    /// # Errors
    ///
    /// As [`spawn`](Command::spawn) and [`Child::wait`].
    ///
    /// # Cancel safety
    ///
    /// The child lives on unless [`kill_on_drop`](Command::kill_on_drop) was asked for, and is reaped in
    /// either case.
    pub fn status(&mut self) -> impl Future<Output = io::Result<ExitStatus>> + Send + use<> {
        let child = self.spawn();
        async move {
            let mut child = child?;
            (child.stdin, child.stdout, child.stderr) = (None, None, None);
            child.wait().await
        }
    }

    /// Starts the program, reads all of its output, waits until it has ended, and returns both, and its exit
    /// status.
    ///
    /// It starts when this is called, not when the future is polled. Unless told otherwise, the program has
    /// no input, and its standard output and standard error are piped; if told otherwise, what is not piped
    /// comes out empty. To give it some input, see [`Child::communicate`].
    ///
    /// # Errors
    ///
    /// As [`spawn`](Command::spawn) and [`Child::wait_with_output`].
    ///
    /// # Cancel safety
    ///
    /// What was read is lost. The child lives on unless [`kill_on_drop`](Command::kill_on_drop) was asked
    /// for, and is reaped in either case.
    pub fn output(&mut self) -> impl Future<Output = io::Result<Output>> + Send + use<> {
        let child = self.spawn_for_output();
        async move { child?.wait_with_output().await }
    }

    /// Starts the program, with pipes for those of the three streams of which nothing was said.
    pub(crate) fn spawn_with_pipes(&mut self) -> io::Result<Child> {
        self.spawn_with([Stdio::piped(), Stdio::piped(), Stdio::piped()])
    }

    fn spawn_for_output(&mut self) -> io::Result<Child> {
        self.spawn_with([Stdio::null(), Stdio::piped(), Stdio::piped()])
    }

    fn spawn_with(&mut self, streams: [Stdio; 3]) -> io::Result<Child> {
        let chosen = self.chosen;
        let ours = [!chosen.stdin, !chosen.stdout, !chosen.stderr];
        self.set_streams(ours, streams);
        let child = self.spawn();
        self.set_streams(ours, [Stdio::inherit(), Stdio::inherit(), Stdio::inherit()]);
        child
    }

    fn set_streams(&mut self, ours: [bool; 3], [stdin, stdout, stderr]: [Stdio; 3]) {
        if ours[0] {
            self.std.stdin(stdin);
        }
        if ours[1] {
            self.std.stdout(stdout);
        }
        if ours[2] {
            self.std.stderr(stderr);
        }
    }
}
