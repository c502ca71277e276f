//! What a transport can do with its connection, whatever the types of stream and protocol.

use std::any::Any;
use std::io::{self, IoSlice};
use std::net::SocketAddr;

use super::connection::Connection;
use super::kind::{AnyProtocol, Successor};
use super::outgoing::Outgoing;
use super::state::{CLOSING, FAILED, FINISHING, LOST, NEWS, PENDING, State};
use super::wire::Wire;

/// States in which a write is not simply a system call.
const NOT_AT_ONCE: u16 = PENDING | FINISHING | OVER;
/// States in which a write is thrown away.
const OVER: u16 = CLOSING | FAILED | LOST;

/// What a transport can do with its connection.
pub(super) trait Link {
    /// Writes; `false` if the writing side has been ended.
    fn write(&self, data: &[u8]) -> bool;
    /// Writes; `false` if the writing side has been ended.
    fn write_vectored(&self, bufs: &[IoSlice<'_>]) -> bool;
    fn state(&self) -> &State;
    fn outgoing(&self) -> &Outgoing;
    /// Has the task look at the state.
    fn notify(&self);
    /// Tells the protocol to pause or resume writing, if that is due.
    fn tell_of_flow(&self);
    fn abort(&self);
    fn replace_protocol(&self, next: Box<dyn Successor>);
    fn can_write_eof(&self) -> bool;
    fn local_addr(&self) -> io::Result<SocketAddr>;
    fn peer_addr(&self) -> io::Result<SocketAddr>;
    fn show(&self, to: &mut dyn FnMut(&dyn Any));
}

impl<K: 'static, W: Wire, P: AnyProtocol<K>> Link for Connection<K, W, P> {
    #[inline]
    fn write(&self, data: &[u8]) -> bool {
        if self.state.has(NOT_AT_ONCE) || data.is_empty() {
            return self.write_later(|outgoing| outgoing.push(data));
        }
        let written = match &*self.wire.borrow() {
            Some(wire) => wire.try_write(data),
            None => return true,
        };
        match written {
            Ok(count) if count == data.len() && !W::FLUSHES => {}
            written => self.keep(written, |outgoing, count| outgoing.push(&data[count..])),
        }
        true
    }

    fn write_vectored(&self, bufs: &[IoSlice<'_>]) -> bool {
        let wanted = bufs.iter().fold(0, |sum: usize, buf| sum.saturating_add(buf.len()));
        if self.state.has(NOT_AT_ONCE) || wanted == 0 {
            return self.write_later(|outgoing| outgoing.push_rest(bufs, 0));
        }
        let written = match &*self.wire.borrow() {
            Some(wire) => wire.try_write_vectored(bufs),
            None => return true,
        };
        match written {
            Ok(count) if count == wanted && !W::FLUSHES => {}
            written => self.keep(written, |outgoing, count| outgoing.push_rest(bufs, count)),
        }
        true
    }

    fn state(&self) -> &State {
        &self.state
    }

    fn outgoing(&self) -> &Outgoing {
        &self.outgoing
    }

    fn notify(&self) {
        Connection::notify(self);
    }

    fn tell_of_flow(&self) {
        self.tell_of_flow_aside();
    }

    fn abort(&self) {
        if !self.state.has(FAILED | LOST) {
            Connection::abort(self);
        }
    }

    fn replace_protocol(&self, next: Box<dyn Successor>) {
        if self.state.has(LOST) {
            return;
        }
        let other = self.next.replace(Some(next));
        self.take_over();
        if self.state.has(NEWS) {
            self.notify();
        } else {
            self.tell_of_flow_aside();
        }
        drop(other);
    }

    fn can_write_eof(&self) -> bool {
        self.wire.borrow().as_ref().is_some_and(Wire::can_write_eof)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.wire.borrow().as_ref().map_or_else(|| Err(closed()), Wire::local_addr)
    }

    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.wire.borrow().as_ref().map_or_else(|| Err(closed()), Wire::peer_addr)
    }

    fn show(&self, to: &mut dyn FnMut(&dyn Any)) {
        if let Some(wire) = &*self.wire.borrow() {
            wire.show(to);
        }
    }
}

impl<K: 'static, W: Wire, P: AnyProtocol<K>> Connection<K, W, P> {
    /// Lets data join what waits already, or be thrown away.
    #[cold]
    fn write_later(&self, push: impl FnOnce(&Outgoing)) -> bool {
        if self.state.has(OVER) {
            return true;
        }
        if self.state.has(FINISHING) {
            return false;
        }
        push(&self.outgoing);
        self.tell_of_flow_aside();
        true
    }

    /// Keeps what was not written, for the task to write when there is room.
    #[cold]
    fn keep(&self, written: io::Result<usize>, push: impl FnOnce(&Outgoing, usize)) {
        let count = match written {
            Ok(count) => count,
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => 0,
                _ => return self.fail(error),
            },
        };
        push(&self.outgoing, count);
        self.state.set(PENDING);
        Connection::notify(self);
        self.tell_of_flow_aside();
    }
}

#[cold]
fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, "the connection is closed")
}
