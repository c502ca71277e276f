//! What bytes are in on the way from one socket to another.

use std::cell::RefCell;
use std::os::fd::{BorrowedFd, OwnedFd};

use runtime_core::reactor::try_loop_local;
use rustix::io::Result;
use rustix::net::{RecvFlags, SendFlags, recv, send};
use rustix::pipe::{PipeFlags, SpliceFlags, fcntl_setpipe_size, pipe_with, splice};

use crate::copy_bidirectional::BUFFER;

/// How many bytes a pipe is to hold. It has a slot for each 4 KiB, and a segment from the network takes a
/// slot, however short it is; so this is about a hundred kilobytes of those.
const PIPE: usize = 256 * 1024;
/// How many empty pipes a loop keeps.
const STOCK: usize = 32;
/// How many buffers a loop keeps; one is in use at a time, unless a peer is slow.
const BUFFERS: usize = 2;

/// What bytes are in on the way from one socket to another.
pub(super) enum Carrier {
    Pipe(Pipe),
    /// In place of a pipe, where there is none; with the index of the first byte.
    Buffer(Box<[u8]>, usize),
}

pub(super) struct Pipe {
    reader: OwnedFd,
    writer: OwnedFd,
}

/// Empty pipes.
#[derive(Default)]
struct Stock(RefCell<Vec<Pipe>>);

/// Buffers that nothing is in.
#[derive(Default)]
struct Buffers(RefCell<Vec<Box<[u8]>>>);

impl Carrier {
    /// Takes a pipe of the loop's stock, or makes one; a buffer if neither is possible, or if it is asked
    /// for.
    pub(super) fn take(buffer: bool) -> Carrier {
        let pipe = if buffer { None } else { Pipe::take() };
        pipe.map_or_else(|| Carrier::Buffer(take_buffer(), 0), Carrier::Pipe)
    }

    /// Puts it back when it is empty.
    pub(super) fn give_back(self) {
        match self {
            Carrier::Pipe(pipe) => pipe.give_back(),
            Carrier::Buffer(bytes, _) => give_buffer_back(bytes),
        }
    }

    /// Takes what there is from a socket, which leaves nothing else to be in here.
    pub(super) fn fill(&mut self, socket: BorrowedFd<'_>) -> Result<usize> {
        match self {
            Carrier::Pipe(pipe) => splice(socket, None, &pipe.writer, None, PIPE, flags()),
            Carrier::Buffer(bytes, first) => {
                *first = 0;
                recv(socket, &mut **bytes, RecvFlags::empty()).map(|(count, _)| count)
            }
        }
    }

    /// Hands bytes over to a socket, out of the `held` that are in here.
    pub(super) fn drain(&mut self, socket: BorrowedFd<'_>, held: usize) -> Result<usize> {
        match self {
            Carrier::Pipe(pipe) => splice(&pipe.reader, None, socket, None, held, flags()),
            Carrier::Buffer(bytes, first) => {
                let rest = &bytes[*first..*first + held];
                let count = send(socket, rest, SendFlags::NOSIGNAL)?;
                *first += count;
                Ok(count)
            }
        }
    }
}

/// Tells whether a read would get a byte, which stays where it is, or the end.
pub(super) fn peek(socket: BorrowedFd<'_>) -> Result<usize> {
    recv(socket, &mut [0], RecvFlags::PEEK).map(|(count, _)| count)
}

fn take_buffer() -> Box<[u8]> {
    let kept = try_loop_local(|buffers: &Buffers| buffers.0.borrow_mut().pop());
    kept.flatten().unwrap_or_else(|| vec![0; BUFFER].into())
}

fn give_buffer_back(bytes: Box<[u8]>) {
    let _ = try_loop_local(|buffers: &Buffers| {
        let mut buffers = buffers.0.borrow_mut();
        if buffers.len() < BUFFERS {
            buffers.push(bytes);
        }
    });
}

fn flags() -> SpliceFlags {
    SpliceFlags::MOVE | SpliceFlags::NONBLOCK
}

impl Pipe {
    fn take() -> Option<Pipe> {
        let kept = try_loop_local(|stock: &Stock| stock.0.borrow_mut().pop());
        kept.flatten().or_else(Pipe::new)
    }

    fn new() -> Option<Pipe> {
        let (reader, writer) = pipe_with(PipeFlags::NONBLOCK | PipeFlags::CLOEXEC).ok()?;
        // A user may have so much of this only, and the rest is smaller.
        let _ = fcntl_setpipe_size(&writer, PIPE);
        Some(Pipe { reader, writer })
    }

    fn give_back(self) {
        let _ = try_loop_local(|stock: &Stock| {
            let mut stock = stock.0.borrow_mut();
            if stock.len() < STOCK {
                stock.push(self);
            }
        });
    }
}
