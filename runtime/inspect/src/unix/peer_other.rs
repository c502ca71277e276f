//! Who a client is, where only the modes of socket and directory tell.

use std::os::unix::net::UnixStream;

/// Whether a client is of this user: who is not cannot connect.
pub(super) fn is_trusted(_: &UnixStream) -> bool {
    true
}
