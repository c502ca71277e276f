//! What Unix calls the conditions that TCP has to tell apart.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use rustix::io::Errno;

use super::AcceptFailure;

/// Whether listeners set `SO_REUSEADDR`: it lets a server start while connections of its predecessor linger.
pub(crate) const REUSE_ADDRESS: bool = true;

/// Whether a nonblocking connect has only begun.
pub(crate) fn is_in_progress(error: &io::Error) -> bool {
    Errno::from_io_error(error) == Some(Errno::INPROGRESS)
}

/// Whether a socket could not be made, or bound, because the system lacks the family of the address.
pub(crate) fn is_family_missing(error: &io::Error) -> bool {
    Errno::from_io_error(error) == Some(Errno::AFNOSUPPORT)
}

/// Sorts the errors of accept(2).
///
/// Linux hands errors already pending on the new connection to the caller of accept; the manual page lists
/// them and asks to treat them like an interrupted call. `EOPNOTSUPP` is on that list too, but a socket that
/// cannot accept at all says the same, so it goes to the caller.
pub(crate) fn accept_failure(error: &io::Error) -> AcceptFailure {
    match Errno::from_io_error(error) {
        Some(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM) => {
            AcceptFailure::Exhausted
        }
        Some(
            Errno::CONNABORTED
            | Errno::CONNRESET
            | Errno::INTR
            | Errno::PROTO
            | Errno::NOPROTOOPT
            | Errno::NETDOWN
            | Errno::NETUNREACH
            | Errno::HOSTDOWN
            | Errno::HOSTUNREACH
            | Errno::TIMEDOUT,
        ) => AcceptFailure::Connection,
        _ => AcceptFailure::Listener,
    }
}

/// Reads a file at an offset in bytes.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    file.read_at(buffer, offset)
}
