//! Interests in the words of mio, where there are no priorities.

use super::Interest;

/// Translates an interest.
pub(super) fn mio_interest(interest: Interest) -> mio::Interest {
    match (interest.is_readable(), interest.is_writable()) {
        (true, true) => mio::Interest::READABLE | mio::Interest::WRITABLE,
        (false, true) => mio::Interest::WRITABLE,
        // Errors are always reported, but mio knows no empty interest.
        (_, false) => mio::Interest::READABLE,
    }
}
