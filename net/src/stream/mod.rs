//! What all streams of bytes have in common: TCP, Unix sockets, pipes.
//!
//! The types that users see are written out by the macros of `methods`, as methods and foreign traits cannot
//! be generic over the type that has them; what these do is here, once.

mod methods;
pub(crate) mod split;

use std::io::{self, IoSlice, IoSliceMut};
use std::net::Shutdown;
use std::task::{Context, Poll};

use runtime_core::reactor::{Direction, Interest, Registered, Source};

use crate::buffers;

pub(crate) use self::methods::{
    reading_methods, reading_traits, ready_methods, socket_methods, writing_methods, writing_traits,
};

/// What a read has got.
#[derive(Clone, Copy, Debug)]
pub struct Got {
    pub(crate) count: usize,
    /// Whether the read stopped at a boundary, so that there may be more although the buffer is not full.
    pub(crate) cut: bool,
}

impl Got {
    /// All there was, or all that fits the buffer.
    pub(crate) fn whole(count: usize) -> Got {
        Got { count, cut: false }
    }
}

/// A source of events that bytes can be read from without waiting.
pub trait Readable: Source {
    /// Reads into a buffer that is not empty.
    #[doc(hidden)]
    fn read(&self, buf: &mut [u8]) -> io::Result<Got>;

    /// Reads into buffers, of which there are not more than a call takes.
    #[doc(hidden)]
    fn read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<Got>;
}

/// A source of events that bytes can be written to without waiting, and without a signal if nobody reads
/// them.
pub trait Writable: Source {
    /// Writes a buffer that is not longer than a call takes.
    #[doc(hidden)]
    fn write(&self, buf: &[u8]) -> io::Result<usize>;

    /// Writes buffers, of which there are not more than a call takes.
    #[doc(hidden)]
    fn write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize>;
}

/// The socket of a connection, whose directions can be ended one by one.
pub trait Socket: Readable + Writable {
    #[doc(hidden)]
    fn peek(&self, buf: &mut [u8]) -> io::Result<usize>;

    #[doc(hidden)]
    fn shutdown(&self, how: Shutdown) -> io::Result<()>;
}

#[inline]
pub(crate) fn poll_read<S: Readable>(
    io: &Registered<S>,
    cx: &mut Context<'_>,
    buf: &mut [u8],
) -> Poll<io::Result<usize>> {
    let wanted = buf.len();
    // The system would have an empty read wait for data.
    if wanted == 0 {
        return Poll::Ready(Ok(0));
    }
    let mut count = 0;
    let read = io.poll_read_io(cx, wanted, |io| note(io.read(buf)?, wanted, &mut count));
    read.map_ok(|_| count)
}

/// As [`poll_read`], for a task that will read again; it comes with whether the task waits for more already.
#[inline(always)]
pub(crate) fn poll_read_ahead<S: Readable>(
    io: &Registered<S>,
    cx: &mut Context<'_>,
    buf: &mut [u8],
) -> Poll<io::Result<(usize, bool)>> {
    let wanted = buf.len();
    if wanted == 0 {
        return Poll::Ready(Ok((0, false)));
    }
    let mut count = 0;
    let read = io.poll_read_io_ahead(cx, wanted, |io| note(io.read(buf)?, wanted, &mut count));
    read.map_ok(|(_, waits)| (count, waits))
}

#[inline]
pub(crate) fn poll_read_vectored<S: Readable>(
    io: &Registered<S>,
    cx: &mut Context<'_>,
    bufs: &mut [IoSliceMut<'_>],
) -> Poll<io::Result<usize>> {
    let (bufs, wanted) = buffers::readable_list(bufs);
    if wanted == 0 {
        return Poll::Ready(Ok(0));
    }
    let mut count = 0;
    let read = io.poll_read_io(cx, wanted, |io| note(io.read_vectored(bufs)?, wanted, &mut count));
    read.map_ok(|_| count)
}

pub(crate) fn try_read<S: Readable>(io: &Registered<S>, buf: &mut [u8]) -> io::Result<usize> {
    let wanted = buf.len();
    if wanted == 0 {
        return Ok(0);
    }
    let mut count = 0;
    io.try_read_io(wanted, |io| note(io.read(buf)?, wanted, &mut count))?;
    Ok(count)
}

pub(crate) fn try_read_vectored<S: Readable>(
    io: &Registered<S>,
    bufs: &mut [IoSliceMut<'_>],
) -> io::Result<usize> {
    let (bufs, wanted) = buffers::readable_list(bufs);
    if wanted == 0 {
        return Ok(0);
    }
    let mut count = 0;
    io.try_read_io(wanted, |io| note(io.read_vectored(bufs)?, wanted, &mut count))?;
    Ok(count)
}

/// Tells the reactor what it is to conclude from a read, and `count` what there is.
///
/// A read that was cut short at a boundary passes for one that filled the buffer: the source is not drained.
#[inline]
fn note(got: Got, wanted: usize, count: &mut usize) -> io::Result<usize> {
    *count = got.count;
    Ok(if got.cut { wanted } else { got.count })
}

#[inline]
pub(crate) fn poll_write<S: Writable>(
    io: &Registered<S>,
    cx: &mut Context<'_>,
    buf: &[u8],
) -> Poll<io::Result<usize>> {
    // An empty write has room, however full the system's buffer is.
    if buf.is_empty() {
        return Poll::Ready(Ok(0));
    }
    let buf = buffers::writable(buf);
    io.poll_write_io(cx, buf.len(), |io| io.write(buf))
}

#[inline]
pub(crate) fn poll_write_vectored<S: Writable>(
    io: &Registered<S>,
    cx: &mut Context<'_>,
    bufs: &[IoSlice<'_>],
) -> Poll<io::Result<usize>> {
    let (bufs, wanted) = buffers::writable_list(bufs);
    if wanted == 0 {
        return Poll::Ready(Ok(0));
    }
    io.poll_write_io(cx, wanted, |io| io.write_vectored(bufs))
}

#[inline]
pub(crate) fn try_write<S: Writable>(io: &Registered<S>, buf: &[u8]) -> io::Result<usize> {
    if buf.is_empty() {
        return Ok(0);
    }
    let buf = buffers::writable(buf);
    io.try_write_io(buf.len(), |io| io.write(buf))
}

pub(crate) fn try_write_vectored<S: Writable>(
    io: &Registered<S>,
    bufs: &[IoSlice<'_>],
) -> io::Result<usize> {
    let (bufs, wanted) = buffers::writable_list(bufs);
    if wanted == 0 {
        return Ok(0);
    }
    io.try_write_io(wanted, |io| io.write_vectored(bufs))
}

pub(crate) async fn peek<S: Socket>(io: &Registered<S>, buf: &mut [u8]) -> io::Result<usize> {
    if buf.is_empty() {
        return Ok(0);
    }
    io.with_io(Interest::READABLE, |io| io.peek(buf)).await
}

pub(crate) fn poll_peek<S: Socket>(
    io: &Registered<S>,
    cx: &mut Context<'_>,
    buf: &mut [u8],
) -> Poll<io::Result<usize>> {
    if buf.is_empty() {
        return Poll::Ready(Ok(0));
    }
    io.poll_io(cx, Direction::Read, |io| io.peek(buf))
}

/// Shuts the writing side down; the peer reads the end of the stream. Once the connection is gone there is
/// nothing to shut down, which is fine as well.
pub(crate) fn close<S: Socket>(io: &Registered<S>) -> io::Result<()> {
    match io.get_ref().shutdown(Shutdown::Write) {
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
        result => result,
    }
}
