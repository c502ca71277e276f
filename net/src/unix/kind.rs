//! Whether a descriptor is what it is taken for.

use std::io;
use std::os::fd::AsFd;

use rustix::net::AddressFamily;
use socket2::{SockRef, Type};

/// Refuses what is not a Unix socket of type `wanted`.
pub(super) fn check(fd: &impl AsFd, wanted: Type) -> io::Result<()> {
    let found = check_family(fd)?;
    if found != wanted {
        return Err(wrong(&format!("the Unix socket is of type {found:?}, not {wanted:?}")));
    }
    Ok(())
}

/// Refuses what is not a Unix socket, and tells the type of what is.
pub(super) fn check_family(fd: &impl AsFd) -> io::Result<Type> {
    let found = SockRef::from(fd).r#type().map_err(|cause| {
        io::Error::new(cause.kind(), format!("the descriptor is not that of a socket: {cause}"))
    })?;
    if rustix::net::getsockname(fd)?.address_family() != AddressFamily::UNIX {
        return Err(wrong("the socket is not a Unix socket"));
    }
    Ok(found)
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}
