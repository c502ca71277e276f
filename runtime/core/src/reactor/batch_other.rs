//! One look at the system: the hot end of the selector where mio does it all.

use std::io;
use std::time::Duration;

use mio::event;

use super::{Ready, Token};

/// How many events one look may bring; the rest comes with the next.
const CAPACITY: usize = 1024;

/// The events of one look.
pub(super) struct Batch {
    events: mio::Events,
}

impl Batch {
    pub(super) fn new() -> Batch {
        Batch { events: mio::Events::with_capacity(CAPACITY) }
    }

    /// Waits for events and hands each one over.
    #[inline]
    pub(super) fn wait(
        &mut self,
        poll: &mut mio::Poll,
        timeout: Option<Duration>,
        mut each: impl FnMut(Token, Ready),
    ) -> io::Result<()> {
        poll.poll(&mut self.events, timeout)?;
        for event in &self.events {
            each(Token(event.token().0), ready(event));
        }
        Ok(())
    }
}

fn ready(event: &event::Event) -> Ready {
    let reports = [
        (event.is_readable(), Ready::READABLE),
        (event.is_writable(), Ready::WRITABLE),
        (event.is_read_closed(), Ready::READ_CLOSED),
        (event.is_write_closed(), Ready::WRITE_CLOSED),
        (event.is_priority(), Ready::PRIORITY),
        (event.is_error(), Ready::ERROR),
    ];
    reports
        .into_iter()
        .filter(|(reported, _)| *reported)
        .fold(Ready::EMPTY, |ready, (_, part)| ready | part)
}
