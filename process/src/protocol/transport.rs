//! The handle by which a child is signalled and ended.

use std::fmt;
use std::io;
use std::process::ExitStatus;
use std::rc::Rc;

use super::PipeTransport;
use super::shared::Shared;
use super::sys;

/// A child process, as its protocol and whoever else has to do with it sees it.
///
/// It is a handle: cloning it is cheap, and all clones are the same child. It stays on the thread of its
/// loop. None of its methods wait, and all may be called from within the callbacks of the protocol.
#[derive(Clone)]
pub struct SubprocessTransport {
    shared: Handle,
}

/// A handle to a child, which tells the task when it goes: the last one to go takes the child's input along.
#[derive(Clone)]
pub(super) struct Handle(Rc<Shared>);

impl Handle {
    pub(super) fn get(&self) -> &Shared {
        &self.0
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // This one, and the task.
        if Rc::strong_count(&self.0) == 2 {
            self.0.notify();
        }
    }
}

impl SubprocessTransport {
    pub(super) fn new(shared: Rc<Shared>) -> SubprocessTransport {
        SubprocessTransport { shared: Handle(shared) }
    }

    /// The pid that the child has, or had until it ended.
    ///
    /// To signal the child use [`send_signal`](SubprocessTransport::send_signal), which cannot hit another.
    #[doc(alias = "get_pid")]
    pub fn pid(&self) -> u32 {
        self.shared.get().pid
    }

    /// The exit code of the child, or `-n` if signal `n` has ended it; `None` as long as it runs.
    ///
    /// It is known when `process_exited` is called.
    #[doc(alias = "get_returncode")]
    pub fn returncode(&self) -> Option<i32> {
        self.status().and_then(sys::returncode)
    }

    /// The exit status of the child; `None` as long as it runs, and if the status has been lost to other code
    /// of this process.
    pub fn status(&self) -> Option<ExitStatus> {
        self.shared.get().status.get()
    }

    /// The transport of a pipe: 0 for the standard input, 1 for the standard output, 2 for the standard error
    /// of the child.
    ///
    /// `None` for what is not piped. A pipe that has been closed has a transport still.
    #[doc(alias = "get_pipe_transport")]
    pub fn pipe_transport(&self, fd: i32) -> Option<PipeTransport> {
        let place = usize::try_from(fd).ok()?;
        let exists = self.shared.get().pipes.get(place)?.exists;
        exists.then(|| PipeTransport::new(self.shared.clone(), place))
    }

    /// Sends a signal to the child, by its number or its kind.
    ///
    /// # Errors
    ///
    /// As [`Child::send_signal`](crate::Child::send_signal). A child that has ended is left alone, which is a
    /// success.
    pub fn send_signal(&self, signal: impl Into<i32>) -> io::Result<()> {
        self.shared.get().child.send_signal(signal)
    }

    /// Asks the child to end: `SIGTERM` on Unix. On Windows it is killed.
    ///
    /// # Errors
    ///
    /// As [`Child::terminate`](crate::Child::terminate). A child that has ended is left alone, which is a
    /// success.
    pub fn terminate(&self) -> io::Result<()> {
        self.shared.get().child.terminate()
    }

    /// Kills the child: `SIGKILL` on Unix.
    ///
    /// # Errors
    ///
    /// As [`Child::start_kill`](crate::Child::start_kill). A child that has ended is left alone, which is a
    /// success.
    pub fn kill(&self) -> io::Result<()> {
        self.shared.get().child.start_kill()
    }

    /// Closes all pipes, and kills the child if it runs. What waits to be written is thrown away.
    ///
    /// `connection_lost` is called when the child has ended, not before this returns.
    pub fn close(&self) {
        self.shared.get().close();
    }

    /// Whether the transport is closing or closed.
    pub fn is_closing(&self) -> bool {
        self.shared.get().closing.get() || self.shared.get().lost.get()
    }
}

impl fmt::Debug for SubprocessTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubprocessTransport")
            .field("pid", &self.pid())
            .field("status", &self.status())
            .field("is_closing", &self.is_closing())
            .finish_non_exhaustive()
    }
}
