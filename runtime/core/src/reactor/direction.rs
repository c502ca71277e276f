//! The two directions of a source.

use super::{Interest, Ready};

/// One of the two directions of a source.
///
/// Each has one place for the waker of the `poll_*` functions of
/// [`Registered`](super::Registered).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Reading, accepting, receiving.
    Read = 0,
    /// Writing, connecting, sending.
    Write = 1,
}

impl Direction {
    /// Returns what a poller of this direction waits for.
    pub(super) const fn interest(self) -> Interest {
        match self {
            Direction::Read => Interest::READABLE,
            Direction::Write => Interest::WRITABLE,
        }
    }

    /// Returns everything that an event can say about this direction.
    #[inline]
    pub(super) const fn side(self) -> Ready {
        match self {
            Direction::Read => Ready::READ_SIDE,
            Direction::Write => Ready::WRITE_SIDE,
        }
    }
}
