//! What a poll selector watches, and what it leaves out for the time being.
//!
//! A source is *armed* for what somebody may be waiting for. What has been reported is armed again
//! only when somebody asks for it anew, so a level becomes an edge:
//!
//! ```text
//!                     register, reregister
//!                             │
//!                             ▼   poll(2) says so: reported once
//!              armed for interest ───────────────────────► not armed, left out of poll(2)
//!                             ▲                                   │
//!                             └───────────────────────────────────┘
//!                               the call would have blocked: rearm
//! ```
//!
//! # Errors and hang-ups that last
//!
//! poll(2) reports those unasked, at every look, for as long as they last. As a rule they end what
//! the source is good for, and nobody waits for it again. But there is, say, the error queue of a
//! socket, which someone else is to empty, while a task goes on to wait for data. That task could
//! keep the loop busy for nothing. So after two reports in a row of nothing else the source has to
//! *pause*, for longer each time: it is left out for up to 64 ms though it is armed.

use std::collections::HashMap;
use std::collections::btree_map::{BTreeMap, Entry};
use std::io;
use std::os::fd::RawFd;
use std::time::{Duration, Instant};

use libc::{c_short, pollfd};

use super::super::{Event, Interest, Token};
use super::flags;

/// The first pause, which doubles with each one ...
const PAUSE: Duration = Duration::from_millis(1);
/// ... so often.
const DOUBLINGS: u32 = 6;

/// What a poll selector watches.
#[derive(Debug, Default)]
pub(super) struct Watches {
    watches: BTreeMap<RawFd, Watch>,
    numbers: HashMap<Token, RawFd>,
}

/// One source.
#[derive(Debug)]
struct Watch {
    token: Token,
    interest: Interest,
    /// What there has been no report of since it was last asked for.
    armed: Option<Interest>,
    /// The end of the stream has been reported.
    ended: bool,
    /// How many reports in a row were of nothing but errors and hang-ups.
    unasked: u32,
    /// When the pause is over.
    resumes: Option<Instant>,
}

impl Watch {
    fn new(token: Token, interest: Interest) -> Watch {
        let armed = Some(interest);
        Watch { token, interest, armed, ended: false, unasked: 0, resumes: None }
    }
}

impl Watches {
    /// Enters a source, armed for all it is registered for.
    pub(super) fn register(
        &mut self,
        number: RawFd,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        match self.watches.entry(number) {
            Entry::Occupied(_) => Err(io::ErrorKind::AlreadyExists.into()),
            Entry::Vacant(vacancy) => {
                vacancy.insert(Watch::new(token, interest));
                self.numbers.insert(token, number);
                Ok(())
            }
        }
    }

    /// Begins anew with a source.
    pub(super) fn reregister(
        &mut self,
        number: RawFd,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        self.deregister(number)?;
        self.register(number, token, interest)
    }

    /// Removes a source.
    pub(super) fn deregister(&mut self, number: RawFd) -> io::Result<()> {
        match self.watches.remove(&number) {
            Some(watch) => {
                self.numbers.remove(&watch.token);
                Ok(())
            }
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// Arms a source for `interest` as well; tells whether that changes anything.
    pub(super) fn rearm(&mut self, token: Token, interest: Interest) -> bool {
        let watch = self.numbers.get(&token).and_then(|number| self.watches.get_mut(number));
        let Some(watch) = watch else { return false };
        // What it was not registered for is nobody's business, errors aside.
        let Some(interest) = (watch.interest | Interest::ERROR).common(interest) else {
            return false;
        };
        let armed = watch.armed.map_or(interest, |armed| armed | interest);
        let changes = watch.armed != Some(armed);
        watch.armed = Some(armed);
        changes
    }

    /// Appends what poll(2) is to be asked; returns for how long the answer will do at most.
    ///
    /// The clock is read if there is somebody who pauses.
    pub(super) fn ask(
        &mut self,
        questions: &mut Vec<pollfd>,
        clock: impl Fn() -> Instant,
    ) -> Option<Duration> {
        let mut now = None;
        let mut shortest = None;
        for (number, watch) in &mut self.watches {
            let Some(armed) = watch.armed else { continue };
            if let Some(moment) = watch.resumes {
                let now = *now.get_or_insert_with(&clock);
                let pause = moment.saturating_duration_since(now);
                if !pause.is_zero() {
                    shortest =
                        Some(shortest.map_or(pause, |shortest: Duration| shortest.min(pause)));
                    continue;
                }
                watch.resumes = None;
            }
            let events = flags::asked(armed, watch.ended);
            questions.push(pollfd { fd: *number, events, revents: 0 });
        }
        shortest
    }

    /// Learns from an answer of poll(2), and makes an event of it.
    pub(super) fn answer(
        &mut self,
        number: RawFd,
        said: c_short,
        clock: impl Fn() -> Instant,
    ) -> Option<Event> {
        // Another thread may have deregistered it meanwhile.
        let watch = self.watches.get_mut(&number)?;
        let ready = flags::ready(said);
        watch.armed = watch.armed.and_then(|armed| flags::left(armed, said));
        watch.ended |= ready.is_read_closed();
        if said & !flags::UNASKED == 0 {
            // The first one may be news.
            if let Some(doublings) = watch.unasked.checked_sub(1) {
                watch.resumes = clock().checked_add(PAUSE * (1 << doublings));
            }
            watch.unasked = (watch.unasked + 1).min(DOUBLINGS + 1);
        } else {
            watch.unasked = 0;
        }
        Some(Event { token: watch.token, ready })
    }

    /// Returns how many sources there are.
    pub(super) fn len(&self) -> usize {
        self.watches.len()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use libc::{POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI};

    use super::super::super::Ready;
    use super::*;

    const SOURCE: RawFd = 7;
    const TOKEN: Token = Token(70);
    const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

    fn watching(interest: Interest) -> Watches {
        let mut watches = Watches::default();
        watches.register(SOURCE, TOKEN, interest).expect("it is new");
        watches
    }

    fn never() -> Instant {
        panic!("nobody pauses")
    }

    /// What poll(2) would be asked of the only source; None if it is left out.
    fn asked(watches: &mut Watches, clock: impl Fn() -> Instant) -> Option<c_short> {
        let mut questions = Vec::new();
        watches.ask(&mut questions, clock);
        assert!(questions.len() <= 1);
        questions.first().map(|question| question.events)
    }

    fn answer(watches: &mut Watches, said: c_short) -> Ready {
        watches.answer(SOURCE, said, never).expect("it is registered").ready
    }

    #[test]
    fn what_has_been_reported_is_asked_for_again_when_it_is_rearmed() {
        let mut watches = watching(BOTH);
        assert_eq!(asked(&mut watches, never), Some(flags::asked(BOTH, false)));
        assert_eq!(answer(&mut watches, POLLOUT), Ready::WRITABLE);
        assert_eq!(asked(&mut watches, never), Some(flags::asked(Interest::READABLE, false)));
        assert_eq!(answer(&mut watches, POLLIN), Ready::READABLE);
        assert_eq!(asked(&mut watches, never), None);

        assert!(watches.rearm(TOKEN, Interest::WRITABLE));
        assert!(!watches.rearm(TOKEN, Interest::WRITABLE), "it is known already");
        assert_eq!(asked(&mut watches, never), Some(POLLOUT));
    }

    #[test]
    fn a_source_that_has_hung_up_is_left_out_until_it_is_rearmed() {
        for said in [POLLHUP, POLLERR, POLLNVAL, POLLIN | POLLHUP] {
            let mut watches = watching(BOTH | Interest::PRIORITY);
            answer(&mut watches, said);
            assert_eq!(asked(&mut watches, never), None);
            assert!(watches.rearm(TOKEN, Interest::PRIORITY));
            assert_eq!(asked(&mut watches, never).map(|flags| flags & POLLPRI), Some(POLLPRI));
        }
    }

    #[test]
    fn what_a_source_was_not_registered_for_is_not_asked_for() {
        let mut watches = watching(Interest::READABLE);
        answer(&mut watches, POLLIN);
        assert!(!watches.rearm(TOKEN, Interest::WRITABLE));
        assert_eq!(asked(&mut watches, never), None);
        // Errors are not asked for, they come; but somebody has to look.
        assert!(watches.rearm(TOKEN, Interest::ERROR));
        assert_eq!(asked(&mut watches, never), Some(0));
    }

    #[test]
    fn an_error_that_lasts_makes_a_source_pause_for_longer_each_time() {
        let mut watches = watching(Interest::READABLE);
        let now = Cell::new(Instant::now());
        let report = |watches: &mut Watches| {
            assert!(asked(watches, || now.get()).is_some());
            let event = watches.answer(SOURCE, POLLERR, || now.get());
            assert!(event.is_some_and(|event| event.ready.is_error()));
            watches.rearm(TOKEN, Interest::READABLE);
        };
        report(&mut watches);
        for milliseconds in [1, 2, 4, 8, 16, 32, 64, 64, 64] {
            report(&mut watches);
            let pause = Duration::from_millis(milliseconds);
            let mut questions = Vec::new();
            assert_eq!(watches.ask(&mut questions, || now.get()), Some(pause));
            assert!(questions.is_empty());
            now.set(now.get() + pause);
        }
    }

    #[test]
    fn data_ends_the_pauses() {
        let mut watches = watching(Interest::READABLE);
        for said in [POLLERR, POLLIN | POLLERR, POLLERR] {
            answer(&mut watches, said);
            watches.rearm(TOKEN, Interest::READABLE);
            assert!(asked(&mut watches, never).is_some());
        }
    }

    #[test]
    fn a_token_that_is_not_registered_any_more_finds_nobody() {
        let mut watches = watching(BOTH);
        watches.reregister(SOURCE, Token(71), BOTH).unwrap();
        assert!(!watches.rearm(TOKEN, BOTH));
        let event = watches.answer(SOURCE, POLLIN, never).expect("it is registered");
        assert_eq!(event.token, Token(71));
        watches.deregister(SOURCE).unwrap();
        assert!(!watches.rearm(Token(71), BOTH));
        assert!(watches.answer(SOURCE, POLLIN, never).is_none());
        assert_eq!((watches.len(), watches.numbers.len()), (0, 0));
    }
}
