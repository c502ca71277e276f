//! The errors of the reactor, in words.

use std::io;

use crate::outside;

pub(super) fn no_loop() -> io::Error {
    io::Error::other(outside::no_loop())
}

pub(super) fn closed() -> io::Error {
    io::Error::other(
        "the runtime that this source was registered with has been closed; create the source anew \
         inside of a running one",
    )
}

pub(super) fn too_many_sources() -> io::Error {
    io::Error::other("the reactor has no room for another source")
}

/// Says what to do about a registration that the system refused.
pub(super) fn explain_registration(error: io::Error) -> io::Error {
    match error.kind() {
        // epoll_ctl(2): EPERM, "the target file fd does not support epoll".
        io::ErrorKind::PermissionDenied => io::Error::new(
            error.kind(),
            format!(
                "the system cannot tell when this descriptor is ready, as for regular files and \
                 directories; use it with `spawn_blocking` instead ({error})"
            ),
        ),
        io::ErrorKind::AlreadyExists => io::Error::new(
            error.kind(),
            format!(
                "this descriptor is registered with the same loop already; share the one \
                 registration, or register a duplicate of the descriptor ({error})"
            ),
        ),
        _ => error,
    }
}
