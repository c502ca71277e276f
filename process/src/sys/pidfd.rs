//! Descriptors that stand for a child, on Linux.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, WaitId, WaitIdOptions, WaitIdStatus, pidfd_open, waitid};

use super::kill::kill_by_pidfd;

/// What a wait status has set if a signal has left a core dump.
const CORE: i32 = 0x80;

/// Signals go to the group of the same number (`PIDFD_SIGNAL_PROCESS_GROUP`).
const GROUP: u32 = 1 << 2;

/// Whether the system does not have the call, or never lets us make it.
static REFUSED: AtomicBool = AtomicBool::new(false);

/// A descriptor that stands for a child, as its pid does, but never comes to mean another process.
///
/// It is readable when the child has ended. Clones are the same descriptor.
#[derive(Clone, Debug)]
pub(crate) struct PidFd(Arc<OwnedFd>);

impl PidFd {
    /// Opens one, for a child that is not reaped (pidfd_open(2), Linux 5.3).
    pub(crate) fn open(id: u32) -> io::Result<PidFd> {
        if REFUSED.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let pid = i32::try_from(id).ok().and_then(Pid::from_raw).ok_or(io::ErrorKind::NotFound)?;
        match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(fd) => Ok(PidFd(Arc::new(fd))),
            Err(error) => {
                // Others, such as the lack of descriptors, pass.
                if [Errno::NOSYS, Errno::PERM, Errno::ACCESS, Errno::INVAL].contains(&error) {
                    REFUSED.store(true, Ordering::Relaxed);
                }
                Err(error.into())
            }
        }
    }

    /// Reaps the child, if it has ended.
    pub(crate) fn reap(&self, child: &mut Child) -> io::Result<Option<ExitStatus>> {
        loop {
            match waitid(WaitId::PidFd(self.as_fd()), WaitIdOptions::EXITED | WaitIdOptions::NOHANG)
            {
                Ok(ended) => return Ok(ended.as_ref().map(status)),
                Err(Errno::INTR) => {}
                // Linux 5.3 has pidfds but cannot wait for them.
                Err(Errno::INVAL | Errno::NOSYS | Errno::PERM | Errno::ACCESS) => {
                    return child.try_wait();
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Sends a signal to the child (pidfd_send_signal(2), Linux 5.1), which is a success if foreign code has
    /// reaped it. None if the system does not do that, or not for us.
    pub(crate) fn send_signal(&self, signal: i32) -> Option<io::Result<()>> {
        match kill_by_pidfd(self.as_fd(), signal, 0) {
            Ok(()) => Some(Ok(())),
            Err(error) => match Errno::from_io_error(&error) {
                Some(Errno::SRCH) => Some(Ok(())),
                // If the child may not be signalled, the other call will say so, too.
                Some(Errno::NOSYS | Errno::PERM | Errno::ACCESS) => None,
                _ => Some(Err(error)),
            },
        }
    }

    /// Sends a signal to the process group that the child leads, or has led: it reaches those who are left also
    /// when the child has been reaped, and never another group of that number (Linux 6.9). 0 is no signal, and
    /// finds out whether anybody is left. None if the system does not do that, or not for us.
    pub(crate) fn send_signal_to_group(&self, signal: i32) -> Option<Sent> {
        match kill_by_pidfd(self.as_fd(), signal, GROUP) {
            Ok(()) => Some(Sent::ToSome),
            Err(error) => {
                (Errno::from_io_error(&error) == Some(Errno::SRCH)).then_some(Sent::ToNobody)
            }
        }
    }
}

/// Whether a group had anybody to be signalled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    ToSome,
    ToNobody,
}

impl AsFd for PidFd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl AsRawFd for PidFd {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

fn status(ended: &WaitIdStatus) -> ExitStatus {
    let raw = match (ended.exit_status(), ended.terminating_signal()) {
        (Some(code), _) => (code & 0xff) << 8,
        (None, signal) => signal.unwrap_or_default() | if ended.dumped() { CORE } else { 0 },
    };
    ExitStatus::from_raw(raw)
}
