//! Interests and readiness in the words of poll(2).

use libc::{POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI, c_short};

use super::super::{Interest, Ready};
use super::call::RDHUP;

/// What poll(2) reports unasked, for as long as it lasts.
pub(super) const UNASKED: c_short = POLLERR | POLLHUP | POLLNVAL;

/// Says what to ask for.
///
/// `ended` tells that the end of the stream has been reported. It lasts, so it is not asked for
/// again, unless by a reader, who comes across it anyway.
pub(super) fn asked(interest: Interest, ended: bool) -> c_short {
    let parts = [
        (interest.is_readable(), POLLIN | RDHUP),
        (interest.is_writable(), POLLOUT),
        (interest.is_priority(), POLLPRI),
        (interest.is_priority() && !ended, RDHUP),
    ];
    parts.iter().filter(|(wanted, _)| *wanted).fold(0, |flags, (_, part)| flags | part)
}

/// Translates what poll(2) has reported.
pub(super) fn ready(flags: c_short) -> Ready {
    const BOTH_CLOSED: Ready = Ready::READ_CLOSED.union(Ready::WRITE_CLOSED);
    let has = |flag| flags & flag != 0;
    let parts = [
        (has(POLLIN), Ready::READABLE),
        (has(POLLOUT), Ready::WRITABLE),
        (has(POLLPRI), Ready::PRIORITY),
        (has(RDHUP), Ready::READ_CLOSED),
        (has(POLLERR), Ready::ERROR),
        (has(POLLHUP), BOTH_CLOSED),
        // Not an open descriptor: whoever uses it learns as much from the next call.
        (has(POLLNVAL), BOTH_CLOSED | Ready::ERROR),
        // The reading end of a pipe is gone: poll(2), "POLLERR".
        (has(POLLERR) && !has(POLLIN | POLLPRI | POLLHUP), Ready::WRITE_CLOSED),
    ];
    parts.iter().filter(|(said, _)| *said).fold(Ready::EMPTY, |ready, (_, part)| ready | *part)
}

/// Returns what is left to watch for once `flags` have been reported to those who waited.
pub(super) fn left(armed: Interest, flags: c_short) -> Option<Interest> {
    let has = |flag| flags & flag != 0;
    let closed = has(POLLHUP | POLLERR | POLLNVAL);
    let parts = [
        (Interest::READABLE, closed || has(POLLIN | RDHUP)),
        (Interest::WRITABLE, closed || has(POLLOUT)),
        (Interest::PRIORITY, closed || has(POLLPRI | RDHUP)),
        // Whoever waits for an error alone goes on after a hang-up.
        (Interest::ERROR, has(POLLERR | POLLNVAL)),
    ];
    let mut over = parts.iter().filter(|(_, over)| *over).map(|(part, _)| *part);
    over.try_fold(armed, Interest::remove)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Interest =
        Interest::READABLE.add(Interest::WRITABLE).add(Interest::PRIORITY).add(Interest::ERROR);

    #[test]
    fn flags_become_readiness() {
        let closed = Ready::READ_CLOSED | Ready::WRITE_CLOSED;
        let cases = [
            (POLLIN, Ready::READABLE),
            (POLLOUT, Ready::WRITABLE),
            (POLLPRI, Ready::PRIORITY),
            (POLLIN | POLLHUP, Ready::READABLE | closed),
            (POLLHUP, closed),
            (POLLERR, Ready::ERROR | Ready::WRITE_CLOSED),
            (POLLOUT | POLLERR, Ready::WRITABLE | Ready::ERROR | Ready::WRITE_CLOSED),
            (POLLIN | POLLERR, Ready::READABLE | Ready::ERROR),
            (POLLNVAL, Ready::ERROR | closed),
        ];
        for (flags, expected) in cases {
            assert_eq!(ready(flags), expected, "{flags:#x}");
        }
    }

    #[test]
    fn an_error_is_reported_without_being_asked_for() {
        assert_eq!(asked(Interest::ERROR, false), 0);
    }

    #[test]
    fn the_end_of_a_stream_is_asked_for_once_unless_by_a_reader() {
        assert_eq!(asked(Interest::PRIORITY, false), POLLPRI | RDHUP);
        assert_eq!(asked(Interest::PRIORITY, true), POLLPRI);
        assert_eq!(asked(Interest::READABLE, true), POLLIN | RDHUP);
    }

    #[test]
    fn what_has_been_reported_is_not_watched_for() {
        assert_eq!(left(Interest::READABLE, POLLIN), None);
        assert_eq!(left(ALL, POLLIN), ALL.remove(Interest::READABLE));
        assert_eq!(left(ALL, POLLOUT), ALL.remove(Interest::WRITABLE));
        assert_eq!(left(ALL, POLLHUP), Some(Interest::ERROR));
        assert_eq!(left(ALL, POLLERR), None);
        assert_eq!(left(ALL, POLLNVAL), None);
    }

    #[test]
    fn nobody_is_left_out_whose_wait_goes_on() {
        // Whatever is reported ends the waits for all that is not watched for any longer.
        for flags in [POLLIN, POLLOUT, POLLPRI, POLLHUP, POLLERR, POLLNVAL, POLLIN | RDHUP] {
            for part in
                [Interest::READABLE, Interest::WRITABLE, Interest::PRIORITY, Interest::ERROR]
            {
                if left(part, flags).is_none() {
                    assert!(ready(flags).intersects(part.satisfied_by()), "{part:?}, {flags:#x}");
                }
            }
        }
    }
}
