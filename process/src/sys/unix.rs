//! What Unix has to say about processes.

use std::io;
use std::process::Child;

use rustix::io::Errno;
use rustix::process::{Pid, WaitId, WaitIdOptions, getpgid, waitid};

use super::kill::kill as kill_by_pid;
use super::pidfd::PidFd;
use crate::watcher::Watched;

/// Kills a process that is known to be a child of this one, and not reaped.
pub(crate) fn kill(child: &mut Child, pidfd: Option<&PidFd>) -> io::Result<()> {
    send_signal(child.id(), pidfd, libc::SIGKILL)
}

/// Sends a signal to such a process, by the descriptor that stands for it if there is one.
///
/// The descriptor keeps its meaning though foreign code reap the child at this moment, which the pid does not.
pub(crate) fn send_signal(id: u32, pidfd: Option<&PidFd>, signal: i32) -> io::Result<()> {
    if let Some(sent) = pidfd.and_then(|pidfd| pidfd.send_signal(signal)) {
        return sent;
    }
    let pid = pid(id).ok_or(io::ErrorKind::NotFound)?;
    kill_by_pid(pid.as_raw_nonzero().get(), signal)
}

/// Sends a signal to the process group that such a process leads.
///
/// As long as there is the leader, the number is that of its group.
pub(crate) fn send_signal_to_group(id: u32, signal: i32) -> io::Result<()> {
    let pid = pid(id).ok_or(io::ErrorKind::NotFound)?;
    if getpgid(Some(pid))? != pid {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("process {id} leads no process group: spawn it with `process_group(0)`"),
        ));
    }
    kill_by_pid(-pid.as_raw_nonzero().get(), signal)
}

/// Asks a child to end.
pub(crate) fn terminate(child: &Watched) -> io::Result<()> {
    child.send_signal(libc::SIGTERM)
}

/// Sleeps until a child has ended, and leaves it to be reaped (`WNOWAIT`).
///
/// May return early; returns at once if the child is out of reach. Fails if the system does not let us wait.
pub(crate) fn wait_until_ended(child: &Watched) -> io::Result<()> {
    let pid = pid(child.id()).ok_or(io::ErrorKind::NotFound)?;
    match waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
        Ok(_) | Err(Errno::INTR | Errno::CHILD) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn pid(id: u32) -> Option<Pid> {
    i32::try_from(id).ok().and_then(Pid::from_raw)
}
