//! Sockets as sendfile(2) and splice(2) see them.

use std::any::Any;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::OnceLock;
use std::task::{Context, Poll};

use runtime_core::reactor::{Direction, Interest};
use rustix::io::Errno;

use crate::server::Connection;
use crate::stream::{self, split::Split};
use crate::tcp::TcpStream;
use crate::unix::UnixStream;

/// A stream that sendfile(2) and splice(2) can be called on.
pub(crate) type Socket<'a> = &'a dyn Movable;

/// Calls with the descriptor of a stream, waiting for it in between.
pub(crate) trait Movable: Send + Sync {
    /// Makes a call that moves bytes, or waits until there is a point in making it.
    fn poll_move(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
        call: &mut dyn FnMut(BorrowedFd<'_>) -> rustix::io::Result<usize>,
    ) -> Poll<io::Result<usize>>;

    /// Whether out-of-band data has arrived, as far as is known; it may also be that the stream has ended.
    fn may_be_urgent(&self) -> bool;

    /// Ends the writing side.
    fn close(&self) -> io::Result<()>;
}

impl<T: Split<Socket: AsFd> + Send + Sync> Movable for T {
    fn poll_move(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
        call: &mut dyn FnMut(BorrowedFd<'_>) -> rustix::io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        self.registered().poll_io(cx, direction, |io| {
            loop {
                match call(io.as_fd()) {
                    Err(Errno::INTR) => {}
                    outcome => return Ok(outcome?),
                }
            }
        })
    }

    fn may_be_urgent(&self) -> bool {
        self.registered().try_io(Interest::PRIORITY, |_| Ok(())).is_ok()
    }

    fn close(&self) -> io::Result<()> {
        stream::close(self.registered())
    }
}

/// Makes a stream known to these calls, unless they could raise a signal.
///
/// Neither call can be told to do without `SIGPIPE`, as send(2) can, and an error is what we promise. So they
/// are used where the signal is ignored, as it is in every Rust program that does not ask for it.
pub(crate) fn socket<T: Split<Socket: AsFd> + Send + Sync>(stream: &T) -> Option<Socket<'_>> {
    sigpipe_is_ignored().then_some(stream)
}

/// The same for a stream that may be one of ours, perhaps as a server hands it out.
pub(crate) fn find<T: Any>(stream: &T) -> Option<Socket<'_>> {
    known::<TcpStream>(stream).or_else(|| known::<UnixStream>(stream))
}

fn known<T: Split<Socket: AsFd> + Send + Sync + 'static>(stream: &dyn Any) -> Option<Socket<'_>> {
    match stream.downcast_ref::<Connection<T>>() {
        Some(connection) => socket::<T>(connection),
        None => stream.downcast_ref::<T>().and_then(socket),
    }
}

/// Tells whether a call is not made for the descriptors that it was called with.
pub(crate) fn is_unsupported(error: &io::Error) -> bool {
    let errno = Errno::from_io_error(error);
    matches!(errno, Some(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP))
}

/// Looks once: programs that change their signals do so first of all.
fn sigpipe_is_ignored() -> bool {
    static IGNORED: OnceLock<bool> = OnceLock::new();
    *IGNORED.get_or_init(|| {
        // Safe Rust has no other way to ask. Where there is no /proc, nothing is known.
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        is_ignored(&status)
    })
}

/// Finds the signal in the mask that proc(5) calls `SigIgn`.
fn is_ignored(status: &str) -> bool {
    const SIGPIPE: u64 = 1 << (libc::SIGPIPE - 1);
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & SIGPIPE != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_of_ignored_signals_tells() {
        assert!(is_ignored("SigBlk:\t0000000000000000\nSigIgn:\t0000000000001000\n"));
        assert!(!is_ignored("SigBlk:\t0000000000001000\nSigIgn:\t0000000000000fff\n"));
        assert!(!is_ignored("SigIgn:\t?\n"));
        assert!(!is_ignored(""));
    }

    #[test]
    fn a_rust_program_ignores_the_signal() {
        assert!(sigpipe_is_ignored());
    }
}
