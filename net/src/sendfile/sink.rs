//! Where a file can be sent.

use std::any::{Any, TypeId};
use std::fmt;

use futures_io::AsyncWrite;

use crate::tcp::{OwnedWriteHalf, TcpStream};
use crate::zero_copy::{self, Socket};

/// Where a file can be sent: a socket of ours, or whatever can be written to.
///
/// Made from `&TcpStream`, or from `&mut` of any type that implements [`AsyncWrite`], for
/// [`sendfile`](super::sendfile).
pub struct FileSink<'a> {
    /// The stream, if the system can send to it by itself.
    pub(super) socket: Option<Socket<'a>>,
    pub(super) writer: Box<dyn AsyncWrite + Send + Unpin + 'a>,
}

impl<'a> From<&'a TcpStream> for FileSink<'a> {
    fn from(stream: &'a TcpStream) -> FileSink<'a> {
        FileSink { socket: zero_copy::socket(stream), writer: Box::new(stream) }
    }
}

impl<'a, W: AsyncWrite + Send + Unpin + 'static> From<&'a mut W> for FileSink<'a> {
    fn from(writer: &'a mut W) -> FileSink<'a> {
        if known::<W>() {
            of_known(writer)
        } else {
            FileSink { socket: None, writer: Box::new(writer) }
        }
    }
}

/// Tells whether a type is a stream of ours that can be sent to without borrowing it exclusively.
fn known<W: 'static>() -> bool {
    [TypeId::of::<TcpStream>(), TypeId::of::<OwnedWriteHalf>()].contains(&TypeId::of::<W>())
}

fn of_known(writer: &dyn Any) -> FileSink<'_> {
    if let Some(half) = writer.downcast_ref::<OwnedWriteHalf>() {
        return FileSink::from(half.as_ref());
    }
    FileSink::from(writer.downcast_ref::<TcpStream>().expect("the two are all there are"))
}

impl fmt::Debug for FileSink<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileSink").field("socket", &self.socket.is_some()).finish_non_exhaustive()
    }
}
