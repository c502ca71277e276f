//! What users implement.

use std::io;

use super::Transport;

/// What becomes of a connection of bytes, one callback for each event.
///
/// The callbacks are called on the loop's thread, one at a time, in this order:
///
/// ```text
///   connection_made ─► data_received ... ─► eof_received ─► connection_lost
///                      pause_writing, resume_writing, pause_writing ...
/// ```
///
/// `connection_made` is first and `connection_lost` last, each exactly once; `eof_received` comes at most
/// once, and not if the connection is closed or fails before the peer has ended its side. `pause_writing` and
/// `resume_writing` alternate.
///
/// A callback may call any method of its [`Transport`], and drop it. Callbacks that such a call gives rise to
/// come when it has returned, because there is only one `&mut self`. One that panics ends its connection: the
/// loop's exception handler is told, and `connection_lost` is called with an error.
///
/// A [`BufferedProtocol`] says where the bytes go and saves a copy.
///
/// # Examples
///
/// A protocol that collects what it is told:
///
/// ```
/// use std::cell::RefCell;
/// use std::io;
/// use std::rc::Rc;
///
/// use runtime::net::protocol::{Protocol, Transport};
///
/// struct Collect {
///     received: Rc<RefCell<Vec<u8>>>,
/// }
///
/// impl Protocol for Collect {
///     fn connection_made(&mut self, transport: Transport) {
///         transport.write(b"go on\n");
///     }
///
///     fn data_received(&mut self, data: &[u8]) {
///         self.received.borrow_mut().extend_from_slice(data);
///     }
///
///     fn connection_lost(&mut self, error: Option<io::Error>) {
///         println!("{} bytes, {error:?}", self.received.borrow().len());
///     }
/// }
/// ```
pub trait Protocol: 'static {
    /// The connection stands; `transport` is how to write to it and how to end it.
    ///
    /// Whatever this keeps of the transport is dropped with the protocol, after `connection_lost`.
    fn connection_made(&mut self, transport: Transport) {
        let _ = transport;
    }

    /// Some bytes have arrived, at least one, in no particular division.
    fn data_received(&mut self, data: &[u8]);

    /// The peer has ended its side. Returns whether this side is to stay open.
    ///
    /// By default the transport is then closed, after all that was written has been sent. If it stays open,
    /// it is to be closed by [`Transport::close`]; it is also closed when the last handle to it has been
    /// dropped.
    fn eof_received(&mut self) -> bool {
        false
    }

    /// More waits to be sent than the [high-water mark](Transport::set_write_buffer_limits) says; write no
    /// more for now.
    fn pause_writing(&mut self) {}

    /// What waits to be sent has come down to the low-water mark; go on writing.
    fn resume_writing(&mut self) {}

    /// The connection is over: because of an error, or `None` if it was closed or aborted on this side, or
    /// ended by the peer.
    ///
    /// What is written from now on is thrown away. The socket is closed when this returns.
    fn connection_lost(&mut self, error: Option<io::Error>) {
        let _ = error;
    }
}

/// As [`Protocol`], with a buffer of the protocol's own, into which the system puts the bytes directly.
///
/// For each event that there is something to read, [`get_buffer`](BufferedProtocol::get_buffer) is asked
/// where to, and [`buffer_updated`](BufferedProtocol::buffer_updated) is told how much. Nothing is copied on
/// the way. A buffer that has room to spare saves asking the system whether there is more.
///
/// # Examples
///
/// An echo server's whole work:
///
/// ```
/// use runtime::net::protocol::{BufferedProtocol, Transport};
///
/// struct Echo {
///     transport: Option<Transport>,
///     buffer: Vec<u8>,
/// }
///
/// impl BufferedProtocol for Echo {
///     fn connection_made(&mut self, transport: Transport) {
///         self.transport = Some(transport);
///     }
///
///     fn get_buffer(&mut self, _size_hint: usize) -> &mut [u8] {
///         &mut self.buffer
///     }
///
///     fn buffer_updated(&mut self, count: usize) {
///         if let Some(transport) = &self.transport {
///             transport.write(&self.buffer[..count]);
///         }
///     }
/// }
/// ```
pub trait BufferedProtocol: 'static {
    /// As [`Protocol::connection_made`].
    fn connection_made(&mut self, transport: Transport) {
        let _ = transport;
    }

    /// Where to put what has arrived; `size_hint` bytes are a good size, more or less is fine as well.
    ///
    /// It may be called more than once before there is something. An empty buffer is an error that ends the
    /// connection.
    fn get_buffer(&mut self, size_hint: usize) -> &mut [u8];

    /// So many bytes, at least one, were put at the beginning of the buffer.
    fn buffer_updated(&mut self, count: usize);

    /// As [`Protocol::eof_received`].
    fn eof_received(&mut self) -> bool {
        false
    }

    /// As [`Protocol::pause_writing`].
    fn pause_writing(&mut self) {}

    /// As [`Protocol::resume_writing`].
    fn resume_writing(&mut self) {}

    /// As [`Protocol::connection_lost`].
    fn connection_lost(&mut self, error: Option<io::Error>) {
        let _ = error;
    }
}
