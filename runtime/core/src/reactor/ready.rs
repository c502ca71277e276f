//! What the system reported about a source.

use std::fmt;
use std::ops::{BitAnd, BitOr, BitOrAssign, Sub};

/// What the system reported about a source; a set that may be empty.
///
/// Readiness is a hint: another task may have used it up by the time a call is made, so every
/// call still has to be non-blocking and may still fail with [`WouldBlock`].
///
/// A hang-up (`EPOLLHUP`) shows as [`READ_CLOSED`] and [`WRITE_CLOSED`] together.
///
/// [`WouldBlock`]: std::io::ErrorKind::WouldBlock
/// [`READ_CLOSED`]: Ready::READ_CLOSED
/// [`WRITE_CLOSED`]: Ready::WRITE_CLOSED
///
/// # Examples
///
/// ```
/// use runtime::reactor::Ready;
///
/// let ready = Ready::READABLE | Ready::READ_CLOSED;
/// assert!(ready.is_readable() && ready.is_read_closed());
/// assert_eq!(ready - Ready::READABLE, Ready::READ_CLOSED);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Ready(u8);

impl Ready {
    /// Nothing.
    pub const EMPTY: Ready = Ready(0);
    /// There is something to read or accept.
    pub const READABLE: Ready = Ready(1);
    /// There is room to write.
    pub const WRITABLE: Ready = Ready(1 << 1);
    /// The peer will send no more; what it sent before may still be unread.
    pub const READ_CLOSED: Ready = Ready(1 << 2);
    /// The peer will read no more.
    pub const WRITE_CLOSED: Ready = Ready(1 << 3);
    /// Out-of-band data, or another exceptional condition.
    pub const PRIORITY: Ready = Ready(1 << 4);
    /// An error waits to be fetched by the next call.
    pub const ERROR: Ready = Ready(1 << 5);
    /// Everything above.
    pub const ALL: Ready = Ready(0b11_1111);

    /// The part that concerns readers.
    pub(super) const READ_SIDE: Ready =
        Ready::READABLE.union(Ready::READ_CLOSED).union(Ready::PRIORITY).union(Ready::ERROR);
    /// The part that concerns writers.
    pub(super) const WRITE_SIDE: Ready =
        Ready::WRITABLE.union(Ready::WRITE_CLOSED).union(Ready::ERROR);

    pub(super) const fn from_bits_truncate(bits: u8) -> Ready {
        Ready(bits & Ready::ALL.0)
    }

    pub(super) const fn bits(self) -> u8 {
        self.0
    }

    pub(super) const fn union(self, other: Ready) -> Ready {
        Ready(self.0 | other.0)
    }

    pub(super) const fn intersection(self, other: Ready) -> Ready {
        Ready(self.0 & other.0)
    }

    /// Tells whether nothing was reported.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Tells whether everything in `other` is in this set as well.
    #[must_use]
    pub const fn contains(self, other: Ready) -> bool {
        self.0 & other.0 == other.0
    }

    /// Tells whether the two sets have anything in common.
    #[must_use]
    pub const fn intersects(self, other: Ready) -> bool {
        self.0 & other.0 != 0
    }

    /// Tells whether there is something to read, the end of the stream included.
    #[must_use]
    pub const fn is_readable(self) -> bool {
        self.intersects(Ready::READABLE.union(Ready::READ_CLOSED))
    }

    /// Tells whether a write would get an answer, be it a failure.
    #[must_use]
    pub const fn is_writable(self) -> bool {
        self.intersects(Ready::WRITABLE.union(Ready::WRITE_CLOSED))
    }

    /// Tells whether the peer will send no more.
    #[must_use]
    pub const fn is_read_closed(self) -> bool {
        self.intersects(Ready::READ_CLOSED)
    }

    /// Tells whether the peer will read no more.
    #[must_use]
    pub const fn is_write_closed(self) -> bool {
        self.intersects(Ready::WRITE_CLOSED)
    }

    /// Tells whether there is out-of-band data.
    #[must_use]
    pub const fn is_priority(self) -> bool {
        self.intersects(Ready::PRIORITY)
    }

    /// Tells whether there is an error to fetch.
    #[must_use]
    pub const fn is_error(self) -> bool {
        self.intersects(Ready::ERROR)
    }
}

impl BitOr for Ready {
    type Output = Ready;

    fn bitor(self, other: Ready) -> Ready {
        Ready(self.0 | other.0)
    }
}

impl BitOrAssign for Ready {
    fn bitor_assign(&mut self, other: Ready) {
        self.0 |= other.0;
    }
}

impl BitAnd for Ready {
    type Output = Ready;

    fn bitand(self, other: Ready) -> Ready {
        Ready(self.0 & other.0)
    }
}

impl Sub for Ready {
    type Output = Ready;

    fn sub(self, other: Ready) -> Ready {
        Ready(self.0 & !other.0)
    }
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (Ready::READABLE, "READABLE"),
            (Ready::WRITABLE, "WRITABLE"),
            (Ready::READ_CLOSED, "READ_CLOSED"),
            (Ready::WRITE_CLOSED, "WRITE_CLOSED"),
            (Ready::PRIORITY, "PRIORITY"),
            (Ready::ERROR, "ERROR"),
        ];
        if self.is_empty() {
            return f.write_str("EMPTY");
        }
        let mut separator = "";
        for (ready, name) in names {
            if self.intersects(ready) {
                write!(f, "{separator}{name}")?;
                separator = " | ";
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_debug_form_names_every_part() {
        assert_eq!(format!("{:?}", Ready::EMPTY), "EMPTY");
        assert_eq!(format!("{:?}", Ready::WRITABLE | Ready::ERROR), "WRITABLE | ERROR");
    }

    #[test]
    fn the_end_of_a_stream_is_readable() {
        assert!(Ready::READ_CLOSED.is_readable());
        assert!(!Ready::READ_CLOSED.is_writable());
    }

    #[test]
    fn the_two_sides_cover_everything() {
        assert_eq!(Ready::READ_SIDE | Ready::WRITE_SIDE, Ready::ALL);
        assert_eq!(Ready::READ_SIDE & Ready::WRITE_SIDE, Ready::ERROR);
    }
}
