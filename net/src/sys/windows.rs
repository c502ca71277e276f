//! What Windows calls the conditions that TCP has to tell apart.

use std::fs::File;
use std::io;
use std::os::windows::fs::FileExt;

use super::AcceptFailure;

// Numbers from winsock2.h.
const WSAEMFILE: i32 = 10024;
const WSAEAFNOSUPPORT: i32 = 10047;
const WSAENETDOWN: i32 = 10050;
const WSAECONNRESET: i32 = 10054;
const WSAENOBUFS: i32 = 10055;

/// Whether listeners set `SO_REUSEADDR`: not here, where it would let any program take the port over.
pub(crate) const REUSE_ADDRESS: bool = false;

/// Whether a nonblocking connect has only begun.
pub(crate) fn is_in_progress(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}

/// Whether a socket could not be made, or bound, because the system lacks the family of the address.
pub(crate) fn is_family_missing(error: &io::Error) -> bool {
    error.raw_os_error() == Some(WSAEAFNOSUPPORT)
}

/// Sorts the errors of accept.
pub(crate) fn accept_failure(error: &io::Error) -> AcceptFailure {
    match error.raw_os_error() {
        Some(WSAEMFILE | WSAENOBUFS) => AcceptFailure::Exhausted,
        Some(WSAECONNRESET | WSAENETDOWN) => AcceptFailure::Connection,
        _ => AcceptFailure::Listener,
    }
}

/// Reads a file at an offset in bytes; moves its position.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    file.seek_read(buffer, offset)
}
