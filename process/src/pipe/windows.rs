//! The parent's end of a pipe, which threads of the blocking pool read and write.
//!
//! The standard library's pipes cannot be waited for here but by a call that blocks. One such call at a time
//! is under way for each pipe, on a buffer of its own.

use std::future::Future;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem;
use std::os::windows::io::OwnedHandle;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use runtime_core::task::JoinHandle;
use runtime_core::{Handle, spawn_blocking};

/// How many bytes one call moves at most.
const CHUNK: usize = 32 * 1024;

/// What a job gives back: the pipe, the buffer, and how the call ended.
type Done = (std::fs::File, Vec<u8>, io::Result<usize>);

#[derive(Debug)]
enum State {
    Idle(std::fs::File),
    Busy(JoinHandle<Done>),
    Gone,
}

fn open(pipe: impl Into<OwnedHandle>) -> io::Result<State> {
    Handle::try_current().map_err(io::Error::other)?;
    Ok(State::Idle(pipe.into().into()))
}

/// Waits for the job under way, if there is one.
fn poll_idle(
    state: &mut State,
    cx: &mut Context<'_>,
) -> Poll<Option<(Vec<u8>, io::Result<usize>)>> {
    let State::Busy(job) = state else { return Poll::Ready(None) };
    let done = match ready!(Pin::new(job).poll(cx)) {
        Ok((pipe, buffer, outcome)) => {
            *state = State::Idle(pipe);
            (buffer, outcome)
        }
        Err(error) => {
            *state = State::Gone;
            (Vec::new(), Err(io::Error::other(error)))
        }
    };
    Poll::Ready(Some(done))
}

fn into_blocking(state: State) -> io::Result<OwnedHandle> {
    match state {
        State::Idle(pipe) => Ok(pipe.into()),
        State::Busy(_) => {
            Err(io::Error::new(io::ErrorKind::ResourceBusy, "a call on the pipe is under way"))
        }
        State::Gone => Err(closed()),
    }
}

/// The end that reads what the child writes.
#[derive(Debug)]
pub(crate) struct Reader {
    state: State,
    /// What has been read, and how much of it has been handed out.
    buffer: Vec<u8>,
    taken: usize,
}

impl Reader {
    pub(crate) fn new(pipe: impl Into<OwnedHandle>) -> io::Result<Reader> {
        Ok(Reader { state: open(pipe)?, buffer: Vec::new(), taken: 0 })
    }

    pub(crate) fn into_blocking(self) -> io::Result<OwnedHandle> {
        into_blocking(self.state)
    }

    pub(crate) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            let left = &self.buffer[self.taken..];
            if !left.is_empty() || buf.is_empty() {
                let count = left.len().min(buf.len());
                buf[..count].copy_from_slice(&left[..count]);
                self.taken += count;
                return Poll::Ready(Ok(count));
            }
            if let Some((buffer, outcome)) = ready!(poll_idle(&mut self.state, cx)) {
                let count = outcome?;
                (self.buffer, self.taken) = (buffer, 0);
                self.buffer.truncate(count);
                if count == 0 {
                    return Poll::Ready(Ok(0));
                }
                continue;
            }
            let State::Idle(mut pipe) = mem::replace(&mut self.state, State::Gone) else {
                return Poll::Ready(Err(closed()));
            };
            let mut buffer = mem::take(&mut self.buffer);
            self.taken = 0;
            self.state = State::Busy(spawn_blocking(move || {
                buffer.resize(CHUNK, 0);
                let outcome = pipe.read(&mut buffer);
                (pipe, buffer, outcome)
            }));
        }
    }

    /// Reads behind what is in the vector already.
    pub(crate) fn poll_append(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &mut Vec<u8>,
    ) -> Poll<io::Result<usize>> {
        let mut part = [0; 4096];
        let count = ready!(self.poll_read(cx, &mut part))?;
        bytes.extend_from_slice(&part[..count]);
        Poll::Ready(Ok(count))
    }

    pub(crate) fn poll_read_vectored(
        &mut self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        match bufs.iter_mut().find(|buf| !buf.is_empty()) {
            Some(buf) => self.poll_read(cx, buf),
            None => Poll::Ready(Ok(0)),
        }
    }
}

/// The end that writes what the child reads.
#[derive(Debug)]
pub(crate) struct Writer {
    state: State,
    /// The error of a write that has been reported as done.
    failure: Option<io::Error>,
}

impl Writer {
    pub(crate) fn new(pipe: impl Into<OwnedHandle>) -> io::Result<Writer> {
        Ok(Writer { state: open(pipe)?, failure: None })
    }

    pub(crate) fn into_blocking(self) -> io::Result<OwnedHandle> {
        into_blocking(self.state)
    }

    pub(crate) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_flush(cx))?;
        let State::Idle(mut pipe) = mem::replace(&mut self.state, State::Gone) else {
            return Poll::Ready(Err(closed()));
        };
        let buffer = buf[..buf.len().min(CHUNK)].to_vec();
        let count = buffer.len();
        self.state = State::Busy(spawn_blocking(move || {
            let outcome = pipe.write_all(&buffer).map(|()| buffer.len());
            (pipe, buffer, outcome)
        }));
        Poll::Ready(Ok(count))
    }

    /// Never writes: it takes a thread that may wait.
    pub(crate) fn try_write(&self, _buf: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::WouldBlock.into())
    }

    pub(crate) fn poll_write_vectored(
        &mut self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match bufs.iter().find(|buf| !buf.is_empty()) {
            Some(buf) => self.poll_write(cx, buf),
            None => Poll::Ready(Ok(0)),
        }
    }

    /// Waits until what was written is in the pipe.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some((_, Err(error))) = ready!(poll_idle(&mut self.state, cx)) {
            self.failure = Some(error);
        }
        Poll::Ready(self.failure.take().map_or(Ok(()), Err))
    }

    pub(crate) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = ready!(self.poll_flush(cx));
        self.state = State::Gone;
        Poll::Ready(flushed)
    }
}

#[cold]
fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "this end of the pipe has been closed")
}
