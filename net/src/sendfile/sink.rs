//! Where a file can be sent.

#[cfg_attr(unix, path = "sink_unix.rs")]
#[cfg_attr(not(unix), path = "sink_other.rs")]
mod local;

use std::any::Any;
use std::fmt;
use std::ops::Deref;

use futures_io::AsyncWrite;

use crate::server::Connection;
use crate::stream::split::{Split, Writer};
use crate::tcp::{self, TcpStream};
use crate::zero_copy::{self, Socket};

/// Where a file can be sent: a socket of ours, or whatever can be written to.
///
/// Made from `&TcpStream`, `&UnixStream`, `&` their writing halves or a server's connection, or from `&mut`
/// of any type that implements [`AsyncWrite`], for [`sendfile`](super::sendfile).
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

impl<'a, T: Split + 'a, S: Deref<Target = T>> From<&'a Writer<S>> for FileSink<'a>
where
    &'a T: Into<FileSink<'a>>,
{
    fn from(half: &'a Writer<S>) -> FileSink<'a> {
        let stream: &'a T = half.as_ref();
        stream.into()
    }
}

impl<'a, S> From<&'a Connection<S>> for FileSink<'a>
where
    &'a S: Into<FileSink<'a>>,
{
    fn from(connection: &'a Connection<S>) -> FileSink<'a> {
        let stream: &'a S = connection;
        stream.into()
    }
}

impl<'a, W: AsyncWrite + Send + Unpin + 'static> From<&'a mut W> for FileSink<'a> {
    fn from(writer: &'a mut W) -> FileSink<'a> {
        if find(&*writer).is_some() {
            find(&*writer).expect("it has been found before")
        } else {
            FileSink { socket: None, writer: Box::new(writer) }
        }
    }
}

/// Recognises a stream of ours, which need not be borrowed exclusively.
fn find(writer: &dyn Any) -> Option<FileSink<'_>> {
    as_sink::<TcpStream>(writer)
        .or_else(|| as_sink::<Connection<TcpStream>>(writer))
        .or_else(|| as_sink::<tcp::OwnedWriteHalf>(writer))
        .or_else(|| local::find(writer))
}

fn as_sink<T: 'static>(writer: &dyn Any) -> Option<FileSink<'_>>
where
    for<'a> &'a T: Into<FileSink<'a>>,
{
    writer.downcast_ref::<T>().map(Into::into)
}

impl fmt::Debug for FileSink<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileSink").field("socket", &self.socket.is_some()).finish_non_exhaustive()
    }
}
