//! How the standard input is waited for.

use std::io;
use std::os::fd::AsFd;
use std::task::{Context, Poll};

use runtime_core::reactor::{Direction, Interest, Registered};
use rustix::fs::OFlags;
use rustix::io::{fcntl_dupfd_cloexec, read};
use rustix::net::{RecvFlags, recv};

use super::descriptor::{ABOVE, Descriptor, Kind, kind};
use super::reader::Ticket;
use super::reopen::reopen;

/// How the standard input is waited for.
#[derive(Debug)]
pub(super) enum Input {
    /// A description of our own, nonblocking.
    Own(Registered<Descriptor>),
    /// A duplicate: a read of a socket can be told not to block.
    Socket(Registered<Descriptor>),
    /// The thread.
    Thread(Ticket),
}

impl Input {
    pub(super) fn open() -> io::Result<Input> {
        let stdin = io::stdin();
        let fd = stdin.as_fd();
        let watch = |fd| Registered::with_interest(Descriptor(fd), Interest::READABLE);
        let kind = kind(fd)?;
        match kind {
            Kind::Socket => return watch(fcntl_dupfd_cloexec(fd, ABOVE)?).map(Input::Socket),
            Kind::Pipe | Kind::Terminal => {
                if let Some(own) = reopen(fd, kind, OFlags::RDONLY) {
                    return watch(own).map(Input::Own);
                }
            }
            Kind::Device | Kind::File => {}
        }
        Ok(Input::Thread(Ticket::new()))
    }

    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        // A short read tells nothing here: a terminal gives a line at a time, a socket perhaps a message.
        match self {
            Input::Own(io) => io.poll_io(cx, Direction::Read, |io| Ok(read(io, buf)?)),
            Input::Socket(io) => {
                io.poll_io(cx, Direction::Read, |io| Ok(recv(io, buf, RecvFlags::DONTWAIT)?.0))
            }
            Input::Thread(ticket) => ticket.poll_read(cx, buf),
        }
    }
}
