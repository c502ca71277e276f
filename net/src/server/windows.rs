//! The sockets of connections.

use std::os::windows::io::{AsRawSocket, AsSocket, BorrowedSocket, RawSocket};

use super::Connection;

impl<S: AsSocket> AsSocket for Connection<S> {
    fn as_socket(&self) -> BorrowedSocket<'_> {
        (**self).as_socket()
    }
}

impl<S: AsRawSocket> AsRawSocket for Connection<S> {
    fn as_raw_socket(&self) -> RawSocket {
        (**self).as_raw_socket()
    }
}
