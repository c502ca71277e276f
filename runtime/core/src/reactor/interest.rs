//! What a source is watched for.

use std::fmt;
use std::num::NonZeroU8;
use std::ops::{BitOr, BitOrAssign};

use super::Ready;

const READABLE: u8 = 1;
const WRITABLE: u8 = 2;
const PRIORITY: u8 = 4;
const ERROR: u8 = 8;

/// What a source is watched for, or what a task waits for; never empty.
///
/// Interests are combined with `|`.
///
/// # Examples
///
/// ```
/// use runtime::reactor::Interest;
///
/// let both = Interest::READABLE | Interest::WRITABLE;
/// assert!(both.is_readable() && both.is_writable());
/// assert_eq!(both.remove(Interest::WRITABLE), Some(Interest::READABLE));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interest(NonZeroU8);

impl Interest {
    /// Data to read, a connection to accept, or the end of the stream.
    pub const READABLE: Interest = Interest::from_bits(READABLE);
    /// Room to write, the end of a connect, or a peer that reads no more.
    pub const WRITABLE: Interest = Interest::from_bits(WRITABLE);
    /// Out-of-band data and other exceptional conditions (`EPOLLPRI`, `POLLPRI`).
    ///
    /// Known to Linux and Android; elsewhere nothing is ever reported for it. The end of the stream
    /// ends a wait for it as well, where the source is registered for [`READABLE`] too; without that
    /// a selector may tell of a hang-up only.
    ///
    /// [`READABLE`]: Interest::READABLE
    pub const PRIORITY: Interest = Interest::from_bits(PRIORITY);
    /// An error condition (`EPOLLERR`).
    ///
    /// Errors are reported whatever a source is registered for; as a thing to wait for, this
    /// interest leaves everything else aside.
    pub const ERROR: Interest = Interest::from_bits(ERROR);

    /// One more than the bits of all interests together.
    pub(super) const BITS_END: u8 = 1 << 4;

    #[inline]
    pub(super) const fn bits(self) -> u8 {
        self.0.get()
    }

    pub(super) const fn from_bits(bits: u8) -> Interest {
        match NonZeroU8::new(bits) {
            Some(bits) => Interest(bits),
            None => panic!("an interest is never empty"),
        }
    }

    /// Returns both interests together; the same as `|`, for constants.
    #[must_use]
    pub const fn add(self, other: Interest) -> Interest {
        Interest::from_bits(self.0.get() | other.0.get())
    }

    /// Returns this interest without `other`, or `None` if nothing remains.
    #[must_use]
    pub const fn remove(self, other: Interest) -> Option<Interest> {
        match NonZeroU8::new(self.0.get() & !other.0.get()) {
            Some(bits) => Some(Interest(bits)),
            None => None,
        }
    }

    /// Returns what both have in common, or `None` if that is nothing.
    #[cfg_attr(any(loom, not(unix)), allow(dead_code))]
    pub(super) const fn common(self, other: Interest) -> Option<Interest> {
        match NonZeroU8::new(self.0.get() & other.0.get()) {
            Some(bits) => Some(Interest(bits)),
            None => None,
        }
    }

    /// Tells whether reading is of interest.
    #[must_use]
    pub const fn is_readable(self) -> bool {
        self.0.get() & READABLE != 0
    }

    /// Tells whether writing is of interest.
    #[must_use]
    pub const fn is_writable(self) -> bool {
        self.0.get() & WRITABLE != 0
    }

    /// Tells whether out-of-band data is of interest.
    #[must_use]
    pub const fn is_priority(self) -> bool {
        self.0.get() & PRIORITY != 0
    }

    /// Tells whether errors are of interest.
    #[must_use]
    pub const fn is_error(self) -> bool {
        self.0.get() & ERROR != 0
    }

    /// Returns the readiness that satisfies this interest.
    ///
    /// An error satisfies every interest: the next call reports it, and nobody else would.
    #[inline]
    pub(super) const fn satisfied_by(self) -> Ready {
        let mut ready = Ready::ERROR;
        if self.is_readable() {
            ready = ready.union(Ready::READABLE).union(Ready::READ_CLOSED);
        }
        if self.is_writable() {
            ready = ready.union(Ready::WRITABLE).union(Ready::WRITE_CLOSED);
        }
        if self.is_priority() {
            ready = ready.union(Ready::PRIORITY).union(Ready::READ_CLOSED);
        }
        ready
    }
}

impl BitOr for Interest {
    type Output = Interest;

    fn bitor(self, other: Interest) -> Interest {
        self.add(other)
    }
}

impl BitOrAssign for Interest {
    fn bitor_assign(&mut self, other: Interest) {
        *self = self.add(other);
    }
}

impl fmt::Debug for Interest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (Interest::READABLE, "READABLE"),
            (Interest::WRITABLE, "WRITABLE"),
            (Interest::PRIORITY, "PRIORITY"),
            (Interest::ERROR, "ERROR"),
        ];
        let mut separator = "";
        for (interest, name) in names {
            if self.0.get() & interest.0.get() != 0 {
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
        let all = Interest::READABLE | Interest::WRITABLE | Interest::PRIORITY | Interest::ERROR;
        assert_eq!(format!("{all:?}"), "READABLE | WRITABLE | PRIORITY | ERROR");
    }

    #[test]
    fn nothing_remains_is_none() {
        assert_eq!(Interest::ERROR.remove(Interest::ERROR), None);
    }

    #[test]
    fn a_hang_up_or_an_error_satisfies_readers_and_writers() {
        for interest in [Interest::READABLE, Interest::WRITABLE] {
            assert!(interest.satisfied_by().contains(Ready::ERROR));
        }
        assert!(Interest::READABLE.satisfied_by().contains(Ready::READ_CLOSED));
        assert!(Interest::WRITABLE.satisfied_by().contains(Ready::WRITE_CLOSED));
    }
}
