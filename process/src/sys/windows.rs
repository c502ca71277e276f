//! What Windows has to say about processes.

use std::io;
use std::process::Child;
use std::thread;
use std::time::Duration;

use super::pidfd::PidFd;
use crate::watcher::Watched;

/// Kills a child.
pub(crate) fn kill(child: &mut Child, _pidfd: Option<&PidFd>) -> io::Result<()> {
    child.kill()
}

/// Fails: there are no signals.
pub(crate) fn send_signal(_id: u32, _pidfd: Option<&PidFd>, _signal: i32) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "processes cannot be sent signals on Windows"))
}

/// Fails: there are no signals.
pub(crate) fn send_signal_to_group(id: u32, signal: i32) -> io::Result<()> {
    send_signal(id, None, signal)
}

/// Ends a child without asking it.
pub(crate) fn terminate(child: &Watched) -> io::Result<()> {
    child.kill()
}

/// Sleeps for a while, as the standard library has no wait that leaves room for a kill.
pub(crate) fn wait_until_ended(_child: &Watched) -> io::Result<()> {
    thread::sleep(Duration::from_millis(5));
    Ok(())
}
