//! How a standard stream that is written to is waited for.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::task::{Context, Poll, ready};

use runtime_core::Handle;
use runtime_core::reactor::{AsyncFd, Direction, Interest, Registered};
use runtime_core::task::coop;
use rustix::fs::OFlags;
use rustix::io::{fcntl_dupfd_cloexec, retry_on_intr, write};
use rustix::net::{SendFlags, send};

use super::Target;
use super::descriptor::{ABOVE, Descriptor, Kind, kind};
use super::reopen::reopen;

/// What poll(2) promises room for when it reports any: `_POSIX_PIPE_BUF`, in bytes.
const SURE: usize = 512;

/// How a standard stream that is written to is waited for.
#[derive(Debug)]
pub(super) enum Output {
    /// A description of our own, nonblocking.
    Own(Registered<Descriptor>),
    /// A duplicate: a write to a socket can be told not to block.
    Socket(Registered<Descriptor>),
    /// A duplicate, which may block, but not for little at a time when poll(2) has said that there is room.
    Polled(AsyncFd<OwnedFd>),
    /// A duplicate of what is always ready.
    Plain(OwnedFd),
}

impl Output {
    pub(super) fn open(target: Target) -> io::Result<Output> {
        match target {
            Target::Stdout => Output::of(io::stdout().as_fd()),
            Target::Stderr => Output::of(io::stderr().as_fd()),
        }
    }

    fn of(fd: BorrowedFd<'_>) -> io::Result<Output> {
        let watch = |fd| Registered::with_interest(Descriptor(fd), Interest::WRITABLE);
        let kind = kind(fd)?;
        if matches!(kind, Kind::Pipe | Kind::Terminal) {
            if let Some(own) = reopen(fd, kind, OFlags::WRONLY) {
                return watch(own).map(Output::Own);
            }
        }
        let shared = fcntl_dupfd_cloexec(fd, ABOVE)?;
        match kind {
            Kind::Socket => watch(shared).map(Output::Socket),
            Kind::File => Ok(Output::Plain(shared)),
            Kind::Pipe | Kind::Terminal | Kind::Device => Output::polled(shared),
        }
    }

    /// Watches for room, if that can be done.
    fn polled(fd: OwnedFd) -> io::Result<Output> {
        match AsyncFd::try_with_interest(fd, Interest::WRITABLE) {
            Ok(watched) => Ok(Output::Polled(watched.level_triggered(true))),
            Err(error) => {
                let (fd, cause) = error.into_parts();
                // A device that is always ready is refused (EPERM of epoll_ctl(2)).
                if Handle::try_current().is_ok() { Ok(Output::Plain(fd)) } else { Err(cause) }
            }
        }
    }

    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self {
            Output::Own(io) => io.poll_io(cx, Direction::Write, |io| Ok(write(io, buf)?)),
            Output::Socket(io) => {
                io.poll_io(cx, Direction::Write, |io| Ok(send(io, buf, SendFlags::DONTWAIT)?))
            }
            Output::Polled(fd) => poll_write_little(fd, cx, buf),
            Output::Plain(fd) => poll_write_plain(fd, cx, buf),
        }
    }

    /// Does nothing: what has been written is the system's.
    pub(super) fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn poll_write_little(
    fd: &AsyncFd<OwnedFd>,
    cx: &mut Context<'_>,
    buf: &[u8],
) -> Poll<io::Result<usize>> {
    let buf = &buf[..buf.len().min(SURE)];
    loop {
        let mut guard = ready!(fd.poll_write_ready(cx))?;
        // It would block only where somebody else has made the shared description nonblocking.
        match guard.try_io(|fd| Ok(retry_on_intr(|| write(fd, buf))?)) {
            Ok(outcome) => return Poll::Ready(outcome),
            Err(_would_block) => {}
        }
    }
}

fn poll_write_plain(fd: &OwnedFd, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
    let budget = ready!(coop::poll_proceed(cx));
    budget.made_progress();
    Poll::Ready(retry_on_intr(|| write(fd, buf)).map_err(io::Error::from))
}
