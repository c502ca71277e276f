//! Both kinds of protocol as one.

use std::io;
use std::marker::PhantomData;
use std::task::{Poll, ready};

use super::{BufferedProtocol, Protocol, Received, Transport, scratch};

/// Marks what implements [`Protocol`].
#[derive(Debug)]
pub enum Streaming {}

/// Marks what implements [`BufferedProtocol`].
#[derive(Debug)]
pub enum Buffered {}

/// A [`Protocol`] or a [`BufferedProtocol`]; the compiler finds out which `Kind` it is.
///
/// Nothing else implements it. A type that implements both has to be asked for as one of them, such as by
/// `create_connection::<Buffered, _>(..)`.
pub trait AnyProtocol<Kind>: 'static + sealed::Receive<Kind> {}

impl<Kind, P: sealed::Receive<Kind> + 'static> AnyProtocol<Kind> for P {}

pub(super) mod sealed {
    use super::*;

    /// The callbacks, whichever trait they are of.
    pub trait Receive<Kind> {
        fn made(&mut self, transport: Transport);
        /// Lets `read` fill a buffer, and passes on what it has read, unless that is nothing.
        fn receive(
            &mut self,
            read: impl FnOnce(&mut [u8]) -> Poll<io::Result<Received>>,
        ) -> Poll<io::Result<Received>>;
        fn ended(&mut self) -> bool;
        fn pause(&mut self);
        fn resume(&mut self);
        fn lost(&mut self, error: Option<io::Error>);
    }
}

pub(super) use sealed::Receive;

impl<P: Protocol> Receive<Streaming> for P {
    fn made(&mut self, transport: Transport) {
        self.connection_made(transport);
    }

    #[inline(always)]
    fn receive(
        &mut self,
        read: impl FnOnce(&mut [u8]) -> Poll<io::Result<Received>>,
    ) -> Poll<io::Result<Received>> {
        let mut buffer = scratch::take();
        let outcome = read(&mut buffer);
        if let Poll::Ready(Ok(Received { count: count @ 1.., .. })) = outcome {
            self.data_received(&buffer[..count]);
        }
        scratch::put(buffer);
        outcome
    }

    fn ended(&mut self) -> bool {
        self.eof_received()
    }

    fn pause(&mut self) {
        self.pause_writing();
    }

    fn resume(&mut self) {
        self.resume_writing();
    }

    fn lost(&mut self, error: Option<io::Error>) {
        self.connection_lost(error);
    }
}

impl<P: BufferedProtocol> Receive<Buffered> for P {
    fn made(&mut self, transport: Transport) {
        self.connection_made(transport);
    }

    #[inline(always)]
    fn receive(
        &mut self,
        read: impl FnOnce(&mut [u8]) -> Poll<io::Result<Received>>,
    ) -> Poll<io::Result<Received>> {
        let buffer = self.get_buffer(scratch::SIZE);
        if buffer.is_empty() {
            return Poll::Ready(Err(no_room()));
        }
        let received = ready!(read(buffer))?;
        if received.count > 0 {
            self.buffer_updated(received.count);
        }
        Poll::Ready(Ok(received))
    }

    fn ended(&mut self) -> bool {
        self.eof_received()
    }

    fn pause(&mut self) {
        self.pause_writing();
    }

    fn resume(&mut self) {
        self.resume_writing();
    }

    fn lost(&mut self, error: Option<io::Error>) {
        self.connection_lost(error);
    }
}

#[cold]
fn no_room() -> io::Error {
    let message = "BufferedProtocol::get_buffer returned an empty buffer: there is no way to receive anything";
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

/// A protocol that has taken the place of another.
pub(super) trait Successor {
    fn receive(
        &mut self,
        read: &mut dyn FnMut(&mut [u8]) -> Poll<io::Result<Received>>,
    ) -> Poll<io::Result<Received>>;
    fn ended(&mut self) -> bool;
    fn pause(&mut self);
    fn resume(&mut self);
    fn lost(&mut self, error: Option<io::Error>);
}

struct Of<Kind, P>(P, PhantomData<Kind>);

/// Forgets the type of a protocol.
pub(super) fn successor<Kind: 'static, P: AnyProtocol<Kind>>(protocol: P) -> Box<dyn Successor> {
    Box::new(Of::<Kind, P>(protocol, PhantomData))
}

impl<Kind, P: Receive<Kind>> Successor for Of<Kind, P> {
    fn receive(
        &mut self,
        read: &mut dyn FnMut(&mut [u8]) -> Poll<io::Result<Received>>,
    ) -> Poll<io::Result<Received>> {
        self.0.receive(read)
    }

    fn ended(&mut self) -> bool {
        self.0.ended()
    }

    fn pause(&mut self) {
        self.0.pause();
    }

    fn resume(&mut self) {
        self.0.resume();
    }

    fn lost(&mut self, error: Option<io::Error>) {
        self.0.lost(error);
    }
}
