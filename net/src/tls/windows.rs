//! The socket of the stream below.

use std::os::windows::io::{AsRawSocket, AsSocket, BorrowedSocket, RawSocket};

use super::TlsStream;

impl<S: AsSocket> AsSocket for TlsStream<S> {
    fn as_socket(&self) -> BorrowedSocket<'_> {
        self.get_ref().as_socket()
    }
}

impl<S: AsRawSocket> AsRawSocket for TlsStream<S> {
    fn as_raw_socket(&self) -> RawSocket {
        self.get_ref().as_raw_socket()
    }
}
