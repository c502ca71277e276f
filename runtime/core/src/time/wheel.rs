//! Finds due timers in constant time: a hierarchical timer wheel.
//!
//! Time is counted in nanoseconds and in ticks of 2^16 ns (65.5 us). Eight levels of 64
//! lists cover every `u64` of nanoseconds:
//!
//! ```text
//!   nanosecond  63..58  57..52  51..46  45..40  39..34  33..28  27..22  21..16  15..0
//!               level 7                                  2       1       0      within a tick
//!   one list    9 years 52 days 20 h    18 min  17 s    268 ms  4.2 ms  66 us
//! ```
//!
//! # Invariants
//! - A timer lies on the level of the highest bit in which its tick differs from `position`, on the list
//!   which its own bits select there. Hence, on every level, the occupied lists are those after the position,
//!   timers of a lower level are due before those of a higher one, and timers with equal deadlines share a
//!   list at all times, in the order of arming.
//! - `position` never goes back. When it enters the span of a list, that list is dealt out again, one level
//!   lower or more.
//! - A timer whose deadline is behind the position is on the list of the position itself. Comparisons of
//!   deadlines are always made in nanoseconds, so nothing fires early on account of its tick.
//! - `earliest`, if known, is the least deadline of the timers in the wheel, or a moment before it.
//!
//! # Slack
//! A hundred thousand sleeps spread over a second are due ten microseconds apart, and a wake-up costs
//! several. The loop may therefore wake for a timer as late as others that follow within a tick are due; the
//! kernel itself allows for 50 us by default, prctl(2) PR_SET_TIMERSLACK. A timer without such company does
//! not wait for any.
//!
//! # Pending timers
//! Most timers guard something that happens in time, and many are gone in the turn they were armed in. A new
//! timer therefore waits in a list of its own and is placed when the loop asks what is due or how long it may
//! sleep. Until then, arming and cancelling touch no other timer, however many there are.

use std::task::Waker;

use super::arena::{Arena, NONE, TimerKey};

const TICK_BITS: u32 = 16;
const LEVEL_BITS: u32 = 6;
const LEVELS: u32 = (u64::BITS - TICK_BITS) / LEVEL_BITS;

const PLACES: u16 = (LEVELS as u16) << LEVEL_BITS;
/// Due at `u64::MAX`, which stands for never.
const NEVER: u16 = PLACES;
const LISTS: usize = PLACES as usize + 1;

/// A coarse list is searched for its least deadline if it is no longer than this; a short search saves a
/// wake-up.
const SEARCH: usize = 8;

/// The timers of one loop, by nanoseconds.
#[derive(Debug)]
pub(super) struct Wheel {
    arena: Arena<LISTS>,
    /// The tick up to which every due timer has been taken out.
    position: u64,
    /// One bit for every list that is not empty.
    occupied: [u64; LEVELS as usize],
    earliest: Earliest,
    /// Scratch for `fire`: deadline and index of timers that are due, on no list.
    due: Vec<(u64, u32)>,
}

/// As many timers as are sorted fastest by insertion.
const SMALL: usize = 20;

/// How long, in nanoseconds, a timer may be kept waiting for another.
const SLACK: u64 = (1 << TICK_BITS) - 1;

/// What is known about the least deadline among the timers in the wheel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Earliest {
    /// It has to be looked up.
    Unknown,
    /// The wheel is empty.
    Nothing,
    /// It is not before `first`. Another one, or the same, is `last`, within the slack.
    At { first: u64, last: u64 },
}

impl Wheel {
    /// Makes an empty wheel that stands at `now`.
    pub(super) fn new(now: u64) -> Self {
        Self {
            arena: Arena::new(),
            position: now >> TICK_BITS,
            occupied: [0; LEVELS as usize],
            earliest: Earliest::Nothing,
            due: Vec::new(),
        }
    }

    /// Says whether the loop need not look: nothing is armed, and no memory waits to be given back.
    #[inline]
    pub(super) fn is_idle(&self) -> bool {
        self.arena.is_idle()
    }

    /// Arms a timer if there is memory for it; otherwise gives the waker back for [`grow`](Self::grow).
    #[inline(always)]
    pub(super) fn arm(&mut self, deadline: u64, waker: Waker) -> Result<TimerKey, Waker> {
        self.arena.insert(deadline, waker)
    }

    /// Arms a timer for which there is no memory yet.
    pub(super) fn grow(&mut self, deadline: u64, waker: Waker) -> TimerKey {
        self.arena.grow(deadline, waker)
    }

    /// Cancels a timer and hands out its waker, or `None` if it has fired or been cancelled.
    #[inline(always)]
    pub(super) fn cancel(&mut self, key: TimerKey) -> Option<Waker> {
        self.arena.cancel_pending(key).unwrap_or_else(|index| self.cancel_placed(index))
    }

    #[inline(never)]
    fn cancel_placed(&mut self, index: u32) -> Option<Waker> {
        self.take_out(index);
        self.arena.release(index)
    }

    /// Gives an armed timer a new deadline; it counts as armed last. Returns false if it has fired or been
    /// cancelled.
    pub(super) fn reset(&mut self, key: TimerKey, deadline: u64) -> bool {
        let Some(index) = self.arena.find(key) else { return false };
        if self.take_out(index) {
            self.arena.count_out();
        }
        self.arena.set_deadline(index, deadline);
        self.arena.push_pending(index);
        true
    }

    /// Returns the deadline of a timer while it is armed.
    #[inline(always)]
    pub(super) fn deadline(&self, key: TimerKey) -> Option<u64> {
        self.arena.find(key).map(|index| self.arena.slot(index).deadline)
    }

    /// Goes through the deadlines and wakers of the timers that are armed.
    pub(super) fn armed(&self) -> impl Iterator<Item = (TimerKey, u64, &Waker)> {
        self.arena.armed()
    }

    /// Goes through the timers that nobody has asked for since they were armed, the latest first.
    pub(super) fn pending(&self) -> impl Iterator<Item = (TimerKey, &Waker)> {
        self.arena.pending()
    }

    /// Reaches the waker of a timer while it is armed.
    pub(super) fn waker(&mut self, key: TimerKey) -> Option<&mut Option<Waker>> {
        self.arena.find(key).map(|index| self.arena.waker(index))
    }

    /// Returns the least deadline, or for timers further away a moment before it, or `None` if nothing will
    /// ever be due.
    pub(super) fn next_deadline(&mut self) -> Option<u64> {
        let mut index = self.arena.take_pending();
        while index != NONE {
            let next = self.arena.slot(index).next;
            self.arena.count_in();
            self.place(index);
            index = next;
        }
        self.arena.tidy();
        if self.earliest == Earliest::Unknown {
            self.earliest = self.search();
        }
        match self.earliest {
            Earliest::At { first, .. } => Some(first),
            _ => None,
        }
    }

    /// Returns when to wake up, which is at the least deadline or, to spare another wake-up, within the slack
    /// after it.
    pub(super) fn next_wake(&mut self) -> Option<u64> {
        let first = self.next_deadline();
        match self.earliest {
            Earliest::At { last, .. } => Some(last),
            _ => first,
        }
    }

    /// Takes out every timer that is due at `now` and appends their wakers in the order of their deadlines,
    /// and of their arming where these are equal.
    pub(super) fn fire(&mut self, now: u64, wakers: &mut Vec<Waker>) {
        let quiet = match self.earliest {
            Earliest::Nothing => true,
            Earliest::At { first, .. } => now < first && now >> TICK_BITS <= self.position,
            Earliest::Unknown => false,
        };
        if quiet {
            self.position = self.position.max(now >> TICK_BITS);
        } else {
            self.turn_to(now);
        }
        let mut index = self.arena.take_pending();
        while index != NONE {
            let next = self.arena.slot(index).next;
            self.arena.count_in();
            self.settle(index, now);
            index = next;
        }
        if !self.due.is_empty() {
            self.hand_out(wakers);
        }
        self.arena.tidy();
    }

    /// Takes out every timer, due or not.
    pub(super) fn close(&mut self, wakers: &mut Vec<Waker>) {
        // None is pending after this.
        self.next_deadline();
        for list in 0..LISTS as u16 {
            let index = self.arena.take_list(list);
            self.let_go(index, wakers);
        }
        self.occupied = [0; LEVELS as usize];
        self.earliest = Earliest::Nothing;
        self.arena.tidy();
    }

    /// Releases a timer and all that follow it on its list.
    fn let_go(&mut self, mut index: u32, wakers: &mut Vec<Waker>) {
        while index != NONE {
            let next = self.arena.slot(index).next;
            wakers.extend(self.arena.release(index));
            index = next;
        }
    }

    /// Takes a timer off its list. Returns false if it was pending.
    fn take_out(&mut self, index: u32) -> bool {
        let Some((list, emptied)) = self.arena.unlink(index) else { return false };
        if list < PLACES {
            if emptied {
                self.occupied[usize::from(list >> LEVEL_BITS)] &= !(1 << (list & 63));
            }
            // The moment at which an emptied list begins may be what is known.
            let deadline = self.arena.slot(index).deadline;
            let known = matches!(self.earliest, Earliest::At { first, last } if deadline == first || deadline == last);
            if emptied || known {
                self.earliest = Earliest::Unknown;
            }
        }
        true
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.arena.capacity()
    }

    /// Puts a timer that is on no list into the wheel.
    fn place(&mut self, index: u32) {
        let deadline = self.arena.slot(index).deadline;
        if deadline == u64::MAX {
            self.arena.push(index, NEVER);
            return;
        }
        let tick = (deadline >> TICK_BITS).max(self.position);
        let level = (u64::BITS - 1 - ((tick ^ self.position) | 63).leading_zeros()) / LEVEL_BITS;
        let place = (tick >> (level * LEVEL_BITS)) & 63;
        self.occupied[level as usize] |= 1 << place;
        self.arena.push(index, (level as u16) << LEVEL_BITS | place as u16);
        match &mut self.earliest {
            Earliest::Unknown => {}
            Earliest::Nothing => self.earliest = Earliest::At { first: deadline, last: deadline },
            Earliest::At { first, last } => {
                if deadline < *first {
                    *first = deadline;
                    *last = deadline;
                } else if deadline > *last && deadline - *first <= SLACK {
                    *last = deadline;
                }
            }
        }
    }

    /// Sorts a timer that is on no list into the due ones or the wheel.
    fn settle(&mut self, index: u32, now: u64) {
        let deadline = self.arena.slot(index).deadline;
        if deadline <= now {
            self.due.push((deadline, index));
        } else {
            self.place(index);
        }
    }

    /// Moves the position to `now` and deals out every list that it passes or enters.
    fn turn_to(&mut self, now: u64) {
        let from = self.position;
        let to = from.max(now >> TICK_BITS);
        self.position = to;
        // Before the earliest deadline nothing leaves the wheel, so that what is known of it stays true.
        if !matches!(self.earliest, Earliest::At { first, .. } if now < first) {
            self.earliest = Earliest::Unknown;
        }
        for level in 0..LEVELS {
            let (from, to) = (from >> (level * LEVEL_BITS), to >> (level * LEVEL_BITS));
            if level > 0 && from == to {
                break;
            }
            let mut passed = self.occupied[level as usize];
            if from >> LEVEL_BITS == to >> LEVEL_BITS {
                passed &= u64::MAX << (from & 63) & u64::MAX >> (63 - (to & 63));
            }
            self.occupied[level as usize] &= !passed;
            while passed != 0 {
                let place = passed.trailing_zeros();
                passed &= passed - 1;
                let first = self.arena.take_list((level << LEVEL_BITS | place) as u16);
                self.deal_out(first, now);
            }
        }
    }

    /// Settles a timer and all that follow it on its list.
    fn deal_out(&mut self, mut index: u32, now: u64) {
        while index != NONE {
            let next = self.arena.slot(index).next;
            self.settle(index, now);
            index = next;
        }
    }

    /// Looks up the earliest timer: it is on the first list of the lowest level that has any.
    fn search(&self) -> Earliest {
        let Some(level) = (0..LEVELS).find(|&level| self.occupied[level as usize] != 0) else {
            return Earliest::Nothing;
        };
        let place = self.occupied[level as usize].trailing_zeros();
        let list = (level << LEVEL_BITS | place) as u16;
        if level > 0 && self.deadlines(list).nth(SEARCH).is_some() {
            // Too many to look at: wake when the position enters the list, which deals it out.
            let bits = TICK_BITS + level * LEVEL_BITS;
            let above = self.position >> (level * LEVEL_BITS) & !63;
            let start = (above | u64::from(place)) << bits;
            return Earliest::At { first: start, last: start };
        }
        let (first, last) = self.deadlines(list).fold((u64::MAX, 0), |(first, last), deadline| {
            (first.min(deadline), last.max(deadline))
        });
        if last - first <= SLACK {
            return Earliest::At { first, last };
        }
        let last = self.deadlines(list).filter(|deadline| deadline - first <= SLACK).max();
        Earliest::At { first, last: last.unwrap_or(first) }
    }

    /// Goes through a list.
    fn deadlines(&self, list: u16) -> impl Iterator<Item = u64> {
        let mut index = self.arena.first(list);
        std::iter::from_fn(move || {
            let slot = self.arena.get(index)?;
            index = slot.next;
            Some(slot.deadline)
        })
    }

    /// Releases the due timers in order.
    fn hand_out(&mut self, wakers: &mut Vec<Waker>) {
        let mut due = std::mem::take(&mut self.due);
        wakers.reserve(due.len());
        if due.len() > SMALL {
            self.hand_out_many(&mut due, wakers);
        } else {
            // Stable: equal ones stay as they were armed.
            due.sort_by_key(|timer| timer.0);
            for &(_, index) in &due {
                self.release(index, wakers);
            }
        }
        due.clear();
        due.shrink_to(1024);
        self.due = due;
    }

    /// Sorts numbers instead of timers, in half the time: how much later than the first a timer is due, and
    /// below that its place among the others, which keeps equal ones as they were armed.
    fn hand_out_many(&mut self, due: &mut [(u64, u32)], wakers: &mut Vec<Waker>) {
        let first = due.iter().fold(u64::MAX, |first, timer| first.min(timer.0));
        let last = due.iter().fold(0, |last, timer| last.max(timer.0));
        let bits = usize::BITS - due.len().leading_zeros();
        if (last - first).leading_zeros() < bits {
            // They span months.
            due.sort_by_key(|timer| timer.0);
            return due.iter().for_each(|timer| self.release(timer.1, wakers));
        }
        let places = 0..due.len() as u64;
        let mut order: Vec<u64> = due
            .iter()
            .zip(places)
            .map(|(timer, place)| (timer.0 - first) << bits | place)
            .collect();
        order.sort_unstable();
        for place in order {
            let (_, index) = due[(place & ((1 << bits) - 1)) as usize];
            self.release(index, wakers);
        }
    }

    fn release(&mut self, index: u32, wakers: &mut Vec<Waker>) {
        if let Some(waker) = self.arena.release(index) {
            wakers.push(waker);
        }
    }
}
