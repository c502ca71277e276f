//! One look at epoll: the hot end of the selector on Linux.
//!
//! mio registers; this reads what has happened, from the same epoll instance. mio's own events say
//! the same by way of a function for each bit, which costs more than the rest of handling an event.
//! They also count out-of-band data as something to read, which it is not: readers would be called
//! for nothing.

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, EventFlags};
use rustix::time::Timespec;

use super::{Ready, Token};

/// How many events one look may bring; the rest comes with the next.
const CAPACITY: usize = 1024;

/// The events of one look.
pub(super) struct Batch {
    events: Vec<epoll::Event>,
}

impl Batch {
    pub(super) fn new() -> Batch {
        Batch { events: Vec::with_capacity(CAPACITY) }
    }

    /// Waits for events and hands each one over.
    ///
    /// The timeout is rounded up to milliseconds.
    #[inline]
    pub(super) fn wait(
        &mut self,
        poll: &mut mio::Poll,
        timeout: Option<Duration>,
        mut each: impl FnMut(Token, Ready),
    ) -> io::Result<()> {
        let timeout = timeout.map(milliseconds);
        self.events.clear();
        let events = spare_capacity(&mut self.events);
        epoll::wait(poll.registry().as_fd(), events, timeout.as_ref())?;
        for event in &self.events {
            // A token is a `usize`, and came in as one.
            each(Token(event.data.u64() as usize), ready(event.flags));
        }
        Ok(())
    }
}

/// Rounds up to milliseconds, as many as epoll_wait(2) can count.
fn milliseconds(timeout: Duration) -> Timespec {
    let most = Duration::from_millis(i32::MAX as u64);
    let timeout = timeout.min(most).as_nanos().div_ceil(1_000_000) as i64;
    Timespec { tv_sec: timeout / 1_000, tv_nsec: (timeout % 1_000 * 1_000_000) as _ }
}

/// Translates the flags of an event.
#[inline]
fn ready(flags: EventFlags) -> Ready {
    // The common flags are the low five bits: look them up together.
    let common = TABLE[(flags.bits() & 0x1f) as usize];
    // The peer has shut down its writing side.
    if flags.contains(EventFlags::RDHUP) { common.union(Ready::READ_CLOSED) } else { common }
}

static TABLE: [Ready; 32] = {
    let mut table = [Ready::EMPTY; 32];
    let mut flags = 0;
    while flags < 32 {
        table[flags] = of_common(EventFlags::from_bits_retain(flags as u32));
        flags += 1;
    }
    table
};

const fn of_common(flags: EventFlags) -> Ready {
    let input = flags.contains(EventFlags::IN);
    let urgent = flags.contains(EventFlags::PRI);
    let output = flags.contains(EventFlags::OUT);
    let error = flags.contains(EventFlags::ERR);
    let hang_up = flags.contains(EventFlags::HUP);
    let mut ready = Ready::EMPTY;
    if input {
        ready = ready.union(Ready::READABLE);
    }
    if urgent {
        ready = ready.union(Ready::PRIORITY);
    }
    if output {
        ready = ready.union(Ready::WRITABLE);
    }
    if error {
        ready = ready.union(Ready::ERROR);
    }
    if hang_up {
        ready = ready.union(Ready::READ_CLOSED).union(Ready::WRITE_CLOSED);
    }
    // The reading end of a pipe is gone: poll(2), "POLLERR".
    if error && (output || !input && !urgent && !hang_up) {
        ready = ready.union(Ready::WRITE_CLOSED);
    }
    ready
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_become_readiness() {
        let cases = [
            (EventFlags::IN, Ready::READABLE),
            (EventFlags::OUT, Ready::WRITABLE),
            (EventFlags::IN | EventFlags::OUT, Ready::READABLE | Ready::WRITABLE),
            (EventFlags::PRI, Ready::PRIORITY),
            (EventFlags::IN | EventFlags::RDHUP, Ready::READABLE | Ready::READ_CLOSED),
            (EventFlags::HUP, Ready::READ_CLOSED | Ready::WRITE_CLOSED),
            (EventFlags::ERR, Ready::ERROR | Ready::WRITE_CLOSED),
            (EventFlags::IN | EventFlags::ERR, Ready::READABLE | Ready::ERROR),
            (
                EventFlags::OUT | EventFlags::ERR,
                Ready::WRITABLE | Ready::ERROR | Ready::WRITE_CLOSED,
            ),
        ];
        for (flags, expected) in cases {
            assert_eq!(ready(flags), expected, "{flags:?}");
        }
    }

    #[test]
    fn timeouts_are_rounded_up() {
        for (timeout, seconds, nanoseconds) in [
            (Duration::ZERO, 0, 0),
            (Duration::from_nanos(1), 0, 1_000_000),
            (Duration::from_millis(1), 0, 1_000_000),
            (Duration::from_micros(1_000_001), 1, 1_000_000),
            (Duration::MAX, 2_147_483, 647_000_000),
        ] {
            let rounded = milliseconds(timeout);
            assert_eq!((rounded.tv_sec, rounded.tv_nsec), (seconds, nanoseconds), "{timeout:?}");
        }
    }
}
