//! A descriptor of ours for what a standard stream refers to.

use std::io::{self, IsTerminal};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token, event};
use rustix::fs::{FileType, fstat};

/// A descriptor that the reactor can watch.
#[derive(Debug)]
pub(super) struct Descriptor(pub(super) OwnedFd);

impl event::Source for Descriptor {
    fn register(
        &mut self,
        registry: &Registry,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        SourceFd(&self.as_raw_fd()).register(registry, token, interest)
    }

    fn reregister(
        &mut self,
        registry: &Registry,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        SourceFd(&self.as_raw_fd()).reregister(registry, token, interest)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        SourceFd(&self.as_raw_fd()).deregister(registry)
    }
}

impl AsRawFd for Descriptor {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

impl AsFd for Descriptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// What a stream is, as far as it matters to how one waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Pipe,
    Terminal,
    Socket,
    /// Some device; perhaps one that can be waited for.
    Device,
    /// A file on a disk or the like, always ready as far as poll(2) is concerned.
    File,
}

/// Finds out what a stream is.
pub(super) fn kind(fd: BorrowedFd<'_>) -> io::Result<Kind> {
    let metadata = fstat(fd)?;
    Ok(match FileType::from_raw_mode(metadata.st_mode) {
        FileType::Fifo => Kind::Pipe,
        FileType::Socket => Kind::Socket,
        FileType::CharacterDevice if fd.is_terminal() => Kind::Terminal,
        FileType::CharacterDevice => Kind::Device,
        _ => Kind::File,
    })
}

/// Duplicates get numbers from here on, and never take the place of a standard stream.
pub(super) const ABOVE: RawFd = 3;
