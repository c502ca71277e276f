//! Interests in the words of mio, where there are priorities.

use super::Interest;

/// Translates an interest.
pub(super) fn mio_interest(interest: Interest) -> mio::Interest {
    let parts = [
        (interest.is_readable(), mio::Interest::READABLE),
        (interest.is_writable(), mio::Interest::WRITABLE),
        // Errors are always reported, but mio knows no empty interest: take the quietest.
        (interest.is_priority() || interest == Interest::ERROR, mio::Interest::PRIORITY),
    ];
    let wanted = parts.into_iter().filter_map(|(wanted, part)| wanted.then_some(part));
    wanted.reduce(mio::Interest::add).expect("an interest is never empty")
}
