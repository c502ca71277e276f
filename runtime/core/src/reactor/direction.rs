//! The two directions of a source.

use super::Ready;

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
    /// Returns everything that an event can say about this direction.
    #[inline]
    pub(super) const fn side(self) -> Ready {
        match self {
            Direction::Read => Ready::READ_SIDE,
            Direction::Write => Ready::WRITE_SIDE,
        }
    }
}
