//! What Windows has to say about processes.

use std::io;
use std::thread;
use std::time::Duration;

use crate::watcher::Watched;

/// Fails: there are no signals.
pub(crate) fn send_signal(_id: u32, _signal: i32) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "processes cannot be sent signals on Windows"))
}

/// Fails: there are no signals.
pub(crate) fn send_signal_to_group(id: u32, signal: i32) -> io::Result<()> {
    send_signal(id, signal)
}

/// Ends a child without asking it.
pub(crate) fn terminate(child: &Watched) -> io::Result<()> {
    child.kill()
}

/// Sleeps for a while, as the standard library has no wait that leaves room for a kill.
pub(crate) fn wait_until_ended(_child: &Watched) {
    thread::sleep(Duration::from_millis(5));
}
