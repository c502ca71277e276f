//! From paths to addresses, and from the standard library's to those of socket2.

use std::ffi::OsStr;
use std::io;
use std::mem;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::SocketAddr;
use std::path::Path;

use socket2::SockAddr;

use super::names;
use crate::explained::explained;

/// How many bytes a path may have, the zero at its end not counted: 107 on Linux, 103 on macOS and the BSDs.
const LONGEST_PATH: usize =
    mem::size_of::<libc::sockaddr_un>() - mem::offset_of!(libc::sockaddr_un, sun_path) - 1;

/// The address that is the file `path`.
pub(super) fn of_path(path: &Path) -> io::Result<SocketAddr> {
    let bytes = path.as_os_str().as_bytes();
    let refused = |why: &str| {
        let message = format!("{path:?} cannot be the path of a Unix socket: {why}");
        io::Error::new(io::ErrorKind::InvalidInput, message)
    };
    // The standard library makes an unnamed address of it, and Linux gives a socket bound to that a name of
    // its choice.
    if bytes.is_empty() {
        return Err(refused("it is empty"));
    }
    if bytes.len() > LONGEST_PATH {
        let length = bytes.len();
        return Err(refused(&format!(
            "it has {length} bytes, and the system takes {LONGEST_PATH} at most"
        )));
    }
    SocketAddr::from_pathname(path).map_err(|cause| refused(&cause.to_string()))
}

/// The address whose path a system call has told; unnamed without one.
pub(super) fn of_path_bytes(path: Option<&[u8]>) -> io::Result<SocketAddr> {
    SocketAddr::from_pathname(OsStr::from_bytes(path.unwrap_or_default()))
}

/// The same address for socket2, whose convention for an abstract name is a leading zero.
pub(super) fn to_socket2(address: &SocketAddr) -> io::Result<SockAddr> {
    if let Some(path) = address.as_pathname() {
        return SockAddr::unix(path);
    }
    match names::abstract_name(address) {
        Some(name) => SockAddr::unix(OsStr::from_bytes(&[b"\0", name].concat())),
        None => SockAddr::unix(""),
    }
}

/// Says of an error, unless it means to wait, what was to be done with which address. The system's own error,
/// with its number, is the source of that.
pub(super) fn name_it(what: &str, address: &SocketAddr, cause: io::Error) -> io::Error {
    if cause.kind() == io::ErrorKind::WouldBlock {
        return cause;
    }
    explained(cause.kind(), format!("cannot {what} {address:?}: {cause}"), cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_a_path_is_told_why() {
        let long = "x".repeat(4096);
        let error = of_path(Path::new(&long)).expect_err("too long");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        let limit = format!("has 4096 bytes, and the system takes {LONGEST_PATH} at most");
        assert!(error.to_string().contains(&limit), "{error}");
        assert!(error.to_string().contains("xxx"), "{error}");
        assert!(of_path(Path::new("a\0b")).is_err());
        let error = of_path(Path::new("")).expect_err("empty");
        assert!(error.to_string().contains("empty"), "{error}");
    }

    #[test]
    fn the_longest_path_is_one() {
        let longest = "x".repeat(LONGEST_PATH);
        assert!(of_path(Path::new(&longest)).is_ok());
        assert!(SocketAddr::from_pathname(longest + "x").is_err());
    }
}
