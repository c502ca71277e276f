//! Moves bytes between rustls and the stream below it.
//!
//! futures-rustls makes the handshake and writes. Reading is done here: a buffered read has no counterpart
//! there, and there an empty read would count as the end. Besides, whoever writes and then reads without a
//! flush would wait for an answer to what is still in the buffers of rustls when the socket could not take
//! all of it at once. So a read sends that first.

use std::io::{self, Read, Write};
use std::ops::DerefMut;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use futures_io::{AsyncRead, AsyncWrite};
use futures_rustls::rustls::{self, ConnectionCommon, SideData};

/// What became of a read.
pub(super) enum Filled {
    /// It was decrypted, which need not have given any plain text.
    Yes,
    /// It cannot be, nor can anything that follows.
    Refused(rustls::Error),
}

/// Reads once from `stream` and has rustls decrypt it.
pub(super) fn poll_fill<S, C, D>(
    stream: &mut S,
    connection: &mut C,
    writer: Option<&Waker>,
    cx: &mut Context<'_>,
) -> Poll<io::Result<Filled>>
where
    S: AsyncRead + AsyncWrite + Unpin,
    C: DerefMut<Target = ConnectionCommon<D>>,
    D: SideData,
{
    if connection.wants_write() {
        let waker = both(cx.waker(), writer);
        send(stream, connection, &mut Context::from_waker(&waker));
    }
    match connection.read_tls(&mut Blocking { stream, cx }) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
        Err(error) => return Poll::Ready(Err(error)),
    }
    if let Err(error) = connection.process_new_packets() {
        // The alert that tells the peer why. If it does not get through, so be it.
        send(stream, connection, cx);
        return Poll::Ready(Ok(Filled::Refused(error)));
    }
    Poll::Ready(Ok(Filled::Yes))
}

/// Sends what can be sent. An error is left to the next write, which will find it again.
fn send<S, C, D>(stream: &mut S, connection: &mut C, cx: &mut Context<'_>)
where
    S: AsyncWrite + Unpin,
    C: DerefMut<Target = ConnectionCommon<D>>,
    D: SideData,
{
    while connection.wants_write() {
        match connection.write_tls(&mut Blocking { stream, cx }) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
    let _ = Pin::new(stream).poll_flush(cx);
}

/// A stream that answers at once, with `WouldBlock` when it has to wait, as rustls wants it.
struct Blocking<'a, 'c, S> {
    stream: &'a mut S,
    cx: &'a mut Context<'c>,
}

fn at_once<T>(outcome: Poll<io::Result<T>>) -> io::Result<T> {
    match outcome {
        Poll::Ready(result) => result,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

impl<S: AsyncRead + Unpin> Read for Blocking<'_, '_, S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        at_once(Pin::new(&mut *self.stream).poll_read(self.cx, buf))
    }
}

impl<S: AsyncWrite + Unpin> Write for Blocking<'_, '_, S> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        at_once(Pin::new(&mut *self.stream).poll_write(self.cx, buf))
    }

    fn write_vectored(&mut self, bufs: &[io::IoSlice<'_>]) -> io::Result<usize> {
        at_once(Pin::new(&mut *self.stream).poll_write_vectored(self.cx, bufs))
    }

    fn flush(&mut self) -> io::Result<()> {
        at_once(Pin::new(&mut *self.stream).poll_flush(self.cx))
    }
}

/// A waker for the task that reads and the one that writes, when both wait until the stream takes more.
///
/// A stream knows one writer. The halves of a split stream may be with two tasks, and the reader must not
/// push the writer out.
fn both(reader: &Waker, writer: Option<&Waker>) -> Waker {
    match writer {
        Some(writer) if !writer.will_wake(reader) => {
            Waker::from(Arc::new(Both { reader: reader.clone(), writer: writer.clone() }))
        }
        _ => reader.clone(),
    }
}

struct Both {
    reader: Waker,
    writer: Waker,
}

impl Wake for Both {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.reader.wake_by_ref();
        self.writer.wake_by_ref();
    }
}
