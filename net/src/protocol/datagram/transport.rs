//! The handle by which datagrams are sent.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use super::super::state::{CLOSING, LOST};
use super::endpoint::Endpoint;
use crate::UdpSocket;

/// A socket for datagrams, as its protocol and whoever else has to do with it sees it.
///
/// It is a handle: cloning it is cheap, and all clones are the same socket, which stays open until it is
/// [closed](DatagramTransport::close). None of its methods wait, and all may be called from within the
/// callbacks of the protocol.
#[derive(Clone)]
pub struct DatagramTransport {
    endpoint: Rc<Endpoint>,
}

impl DatagramTransport {
    pub(super) fn new(endpoint: Rc<Endpoint>) -> DatagramTransport {
        DatagramTransport { endpoint }
    }

    /// Sends a datagram to an address, at once if there is room, else as soon as there is.
    ///
    /// What has to wait is copied. An error goes to `error_received`. After a close this does nothing.
    #[doc(alias = "sendto")]
    pub fn send_to(&self, data: &[u8], to: SocketAddr) {
        self.endpoint.send(data, Some(to));
    }

    /// Sends a datagram to the address that the socket is connected to; as
    /// [`send_to`](DatagramTransport::send_to).
    pub fn send(&self, data: &[u8]) {
        self.endpoint.send(data, None);
    }

    /// Sets how many bytes have to wait to be sent for the protocol to be told to pause, and how few for it
    /// to resume.
    ///
    /// The rules are those of
    /// [`Transport::set_write_buffer_limits`](crate::protocol::Transport::set_write_buffer_limits). Each
    /// datagram counts for eight bytes more than it has.
    ///
    /// # Panics
    ///
    /// If `low` is more than `high`.
    #[track_caller]
    pub fn set_write_buffer_limits(&self, high: Option<usize>, low: Option<usize>) {
        let high = high.or(low.map(|low| low.saturating_mul(4))).unwrap_or(64 * 1024);
        let low = low.unwrap_or(high / 4);
        assert!(low <= high, "the low-water mark ({low}) must not be above the high one ({high})");
        self.endpoint.limits.set((low, high));
        self.endpoint.tell_aside();
    }

    /// The low- and the high-water mark, in bytes.
    #[doc(alias = "get_write_buffer_limits")]
    pub fn write_buffer_limits(&self) -> (usize, usize) {
        self.endpoint.limits.get()
    }

    /// How many bytes wait to be sent.
    #[doc(alias = "get_write_buffer_size")]
    pub fn write_buffer_size(&self) -> usize {
        self.endpoint.size.get()
    }

    /// Closes the socket when everything that waits has been sent. Nothing is received from now on.
    ///
    /// `connection_lost` is called with `None` at the end, not before this returns.
    pub fn close(&self) {
        if !self.endpoint.state.has(CLOSING | LOST) {
            self.endpoint.state.set(CLOSING);
            self.endpoint.notify();
        }
    }

    /// Closes the socket without sending what waits.
    ///
    /// `connection_lost` is called with `None`, not before this returns.
    pub fn abort(&self) {
        self.endpoint.abort();
    }

    /// Whether the socket is closing or closed.
    pub fn is_closing(&self) -> bool {
        self.endpoint.state.has(CLOSING)
    }

    /// The address of the socket.
    ///
    /// # Errors
    ///
    /// Those of getsockname(2); [`NotConnected`](io::ErrorKind::NotConnected) after the end.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.with_socket(UdpSocket::local_addr).unwrap_or_else(|| Err(closed()))
    }

    /// The address that the socket is connected to.
    ///
    /// # Errors
    ///
    /// Those of getpeername(2); [`NotConnected`](io::ErrorKind::NotConnected) if it is not connected, and
    /// after the end.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.with_socket(UdpSocket::peer_addr).unwrap_or_else(|| Err(closed()))
    }

    /// Calls `f` with the socket, for its options; `None` if it is closed already.
    #[doc(alias = "get_extra_info")]
    pub fn with_socket<R>(&self, f: impl FnOnce(&UdpSocket) -> R) -> Option<R> {
        self.endpoint.socket.borrow().as_ref().map(f)
    }
}

#[cold]
fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, "the socket is closed")
}

impl fmt::Debug for DatagramTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatagramTransport")
            .field("closing", &self.is_closing())
            .field("write_buffer_size", &self.write_buffer_size())
            .finish_non_exhaustive()
    }
}
