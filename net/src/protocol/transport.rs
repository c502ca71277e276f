//! The handle by which a connection is written to and ended.

use std::any::Any;
use std::fmt;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::rc::Rc;

use super::kind::{self, AnyProtocol};
use super::link::Link;
use super::state::{CHOKED, CLOSING, ENDED, FINISHING, LOST, PAUSED};

/// A connection, as its protocol and whoever else has to do with it sees it.
///
/// It is a handle: cloning it is cheap, and all clones are the same connection. It stays on the thread of its
/// loop. None of its methods wait, and all may be called from within the callbacks of the protocol; after
/// `connection_lost` they do nothing.
///
/// The connection does not depend on the handle: it ends when the peer ends it, when it fails, or when it is
/// closed. Only when there is no handle left *and* nothing is read any more, because the peer has ended its
/// side or reading has been paused, so that nobody could ever end it, it is closed.
///
/// # Examples
///
/// ```
/// use runtime::net::TcpStream;
/// use runtime::net::protocol::{Transport, create_connection, create_server, Protocol};
///
/// /// Says what it is told, and is told nothing.
/// struct Silent;
///
/// impl Protocol for Silent {
///     fn data_received(&mut self, _: &[u8]) {}
/// }
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let server = create_server(|| Silent, "127.0.0.1:0").await?;
///     let transport = create_connection(|| Silent, server.local_addrs()[0]).await?;
///     transport.with_stream(|stream: &TcpStream| stream.set_nodelay(false));
///     transport.write(b"hello");
///     transport.close();
///     assert!(transport.is_closing());
///     Ok(())
/// })
/// # }
/// ```
pub struct Transport {
    link: Rc<dyn Link>,
}

impl Transport {
    pub(super) fn new(link: Rc<dyn Link>) -> Transport {
        Transport { link }
    }

    /// Sends `data` at once if there is room, and keeps the rest to be sent as soon as there is.
    ///
    /// What has to be kept is copied. When more than the [high-water
    /// mark](Transport::set_write_buffer_limits) waits, the protocol's `pause_writing` is called, before this
    /// returns unless one of its callbacks is what calls.
    ///
    /// What is written to a transport that is closing or closed is thrown away. An error of the system ends
    /// the connection, and `connection_lost` is told.
    ///
    /// # Panics
    ///
    /// After [`write_eof`](Transport::write_eof), as long as the connection lives.
    #[inline]
    #[track_caller]
    pub fn write(&self, data: &[u8]) {
        if !self.link.write(data) {
            after_eof();
        }
    }

    /// Writes several buffers one after the other, with as few system calls as possible (`writev`).
    ///
    /// # Panics
    ///
    /// As [`write`](Transport::write).
    #[track_caller]
    pub fn writelines(&self, lines: &[IoSlice<'_>]) {
        if !self.link.write_vectored(lines) {
            after_eof();
        }
    }

    /// Ends the writing side once everything has been sent; the peer reads the end of the stream. Reading
    /// goes on.
    pub fn write_eof(&self) {
        if !self.link.state().has(CLOSING | FINISHING) {
            self.link.state().set(FINISHING);
            self.link.notify();
        }
    }

    /// Whether the stream can end its writing side and go on reading. TCP and Unix streams can.
    pub fn can_write_eof(&self) -> bool {
        self.link.can_write_eof()
    }

    /// Reads nothing more until [`resume_reading`](Transport::resume_reading); the peer will have to wait
    /// when the system's buffers are full.
    ///
    /// No callback hands over data from now on. Nor is it noticed while reading is paused that the peer has
    /// gone.
    pub fn pause_reading(&self) {
        if self.is_reading() {
            self.link.state().set(PAUSED);
        }
    }

    /// Reads on.
    pub fn resume_reading(&self) {
        if self.link.state().has(PAUSED) {
            self.link.state().clear(PAUSED);
            self.link.notify();
        }
    }

    /// Whether data is read: reading is not paused, the peer has not ended its side, and the transport is not
    /// closing.
    pub fn is_reading(&self) -> bool {
        !self.link.state().has(PAUSED | ENDED | CLOSING | LOST)
    }

    /// Sets how many bytes have to wait to be sent for the protocol to be told to pause, and how few for it
    /// to resume.
    ///
    /// It pauses above `high` and resumes at or below `low`. By default `high` is 64 KiB, or four times `low`
    /// if that is given, and `low` a quarter of `high`. With 0 for `high` writing pauses whenever the system
    /// does not take everything at once.
    ///
    /// # Panics
    ///
    /// If `low` is more than `high`.
    #[track_caller]
    pub fn set_write_buffer_limits(&self, high: Option<usize>, low: Option<usize>) {
        let high = high.or(low.map(|low| low.saturating_mul(4))).unwrap_or(64 * 1024);
        let low = low.unwrap_or(high / 4);
        assert!(low <= high, "the low-water mark ({low}) must not be above the high one ({high})");
        self.link.outgoing().set_limits(low, high);
        self.link.tell_of_flow();
    }

    /// The low- and the high-water mark, in bytes.
    #[doc(alias = "get_write_buffer_limits")]
    pub fn write_buffer_limits(&self) -> (usize, usize) {
        self.link.outgoing().limits()
    }

    /// How many bytes wait to be sent.
    #[doc(alias = "get_write_buffer_size")]
    pub fn write_buffer_size(&self) -> usize {
        self.link.outgoing().len()
    }

    /// Whether more than the high-water mark waits to be sent, or has, and not yet little enough to resume.
    ///
    /// For loops that write within a callback, where `pause_writing` cannot be called in between.
    pub fn is_writing_paused(&self) -> bool {
        self.link.state().has(CHOKED) || self.link.outgoing().is_high()
    }

    /// Closes the connection when everything that was written has been sent, which may never be if the peer
    /// does not read.
    ///
    /// Nothing is read from now on. `connection_lost` is called with `None` at the end, not before this
    /// returns.
    pub fn close(&self) {
        if !self.link.state().has(CLOSING) {
            self.link.state().set(CLOSING);
            self.link.notify();
        }
    }

    /// Closes the connection without sending what waits to be sent.
    ///
    /// `connection_lost` is called with `None`, not before this returns.
    pub fn abort(&self) {
        self.link.abort();
    }

    /// Whether the connection is closing or closed.
    pub fn is_closing(&self) -> bool {
        self.link.state().has(CLOSING)
    }

    /// Puts another protocol in the place of the present one, which is dropped without being told.
    ///
    /// The next callback is the new one's; it is not told that the connection was made, but is told to pause
    /// writing if more waits to be sent than the high-water mark says. From within a callback this takes
    /// effect when that returns.
    pub fn set_protocol<Kind: 'static>(&self, protocol: impl AnyProtocol<Kind>) {
        self.link.replace_protocol(kind::successor(protocol));
    }

    /// The address of this end.
    ///
    /// # Errors
    ///
    /// Those of getsockname(2); [`NotConnected`](io::ErrorKind::NotConnected) after the end;
    /// [`Unsupported`](io::ErrorKind::Unsupported) if the stream has no Internet address.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.link.local_addr()
    }

    /// The address of the other end.
    ///
    /// # Errors
    ///
    /// As [`local_addr`](Transport::local_addr), with getpeername(2).
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.link.peer_addr()
    }

    /// Calls `f` with the stream, for its options and addresses; `None` if it is not an `S`, or closed
    /// already. Of a stream with TLS, the one below can be had as well.
    ///
    /// Leave reading and writing to the transport, which does not learn of what is done behind its back.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::TcpStream;
    /// use runtime::net::protocol::Transport;
    ///
    /// fn send_in_full_packets(transport: &Transport) {
    ///     transport.with_stream(|stream: &TcpStream| stream.set_nodelay(false));
    /// }
    /// ```
    #[doc(alias = "get_extra_info")]
    pub fn with_stream<S: 'static, R>(&self, f: impl FnOnce(&S) -> R) -> Option<R> {
        let mut f = Some(f);
        let mut result = None;
        self.link.show(&mut |stream: &dyn Any| {
            let Some(stream) = stream.downcast_ref::<S>() else { return };
            if let Some(f) = f.take() {
                result = Some(f(stream));
            }
        });
        result
    }
}

#[cold]
#[track_caller]
fn after_eof() -> ! {
    panic!("cannot write after write_eof: the writing side of the transport has ended");
}

impl Clone for Transport {
    #[inline]
    fn clone(&self) -> Transport {
        Transport { link: self.link.clone() }
    }
}

impl Drop for Transport {
    #[inline]
    fn drop(&mut self) {
        // The task of the connection has the other one.
        if Rc::strong_count(&self.link) == 2 && self.link.state().has(PAUSED | ENDED) {
            self.close();
        }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("closing", &self.is_closing())
            .field("reading", &self.is_reading())
            .field("write_buffer_size", &self.write_buffer_size())
            .finish_non_exhaustive()
    }
}
