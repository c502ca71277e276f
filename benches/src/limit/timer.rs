//! Timers in a wheel of two rings: 4,096 ticks of 66 microseconds, and 4,096 turns of those.

use std::{
    cell::Cell,
    future::Future,
    marker::PhantomPinned,
    pin::Pin,
    ptr,
    task::{Context, Poll, Waker},
    time::Duration,
};

/// A tick is 2^16 ns.
const TICK: u32 = 16;
/// A ring has 2^12 slots.
const RING: u32 = 12;
const SLOTS: usize = 1 << RING;

type Link = Cell<*const Sleep>;

/// One ring of slots; a bit says that a slot may have sleeps.
struct Ring {
    heads: [Link; SLOTS],
    filled: [Cell<u64>; SLOTS / 64],
}

struct Wheel {
    /// The last tick whose sleeps have fired.
    past: Cell<u64>,
    ticks: Ring,
    turns: Ring,
}

thread_local! {
    static WHEEL: Wheel = const { Wheel { past: Cell::new(0), ticks: Ring::new(), turns: Ring::new() } };
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Armed,
    Fired,
}

/// Waits for a moment. It is a link of its slot's list, so it is pinned while armed.
pub(crate) struct Sleep {
    tick: u64,
    state: Cell<State>,
    next: Link,
    /// The link that leads here.
    place: Cell<*const Link>,
    waker: Cell<Option<Waker>>,
    _pinned: PhantomPinned,
}

/// Sleeps for a while.
#[inline]
pub(crate) fn sleep(duration: Duration) -> Sleep {
    let deadline = now() + duration.as_secs() * 1_000_000_000 + u64::from(duration.subsec_nanos());
    Sleep {
        // Rounded up: late by a tick at most, never early.
        tick: (deadline >> TICK) + 1,
        state: Cell::new(State::New),
        next: Cell::new(ptr::null()),
        place: Cell::new(ptr::null()),
        waker: Cell::new(None),
        _pinned: PhantomPinned,
    }
}

/// Nanoseconds of the monotonic clock.
#[inline]
fn now() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` lives on this frame.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

impl Future for Sleep {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.into_ref().get_ref();
        match this.state.get() {
            State::Fired => return Poll::Ready(()),
            State::Armed => {}
            State::New => WHEEL.with(|wheel| wheel.arm(this)),
        }
        this.waker.set(Some(cx.waker().clone()));
        Poll::Pending
    }
}

impl Sleep {
    /// Arms a new sleep for a waker, without a poll.
    #[inline]
    pub(super) fn arm(self: Pin<&Self>, waker: Waker) {
        WHEEL.with(|wheel| wheel.arm(self.get_ref()));
        self.waker.set(Some(waker));
    }
}

impl Drop for Sleep {
    #[inline]
    fn drop(&mut self) {
        if self.state.get() == State::Armed {
            self.unlink();
        }
    }
}

impl Sleep {
    #[inline]
    fn unlink(&self) {
        let next = self.next.get();
        // SAFETY: an armed sleep's neighbours are armed and pinned, or slots of the wheel.
        unsafe {
            (*self.place.get()).set(next);
            if !next.is_null() {
                (*next).place.set(self.place.get());
            }
        }
    }
}

impl Ring {
    const fn new() -> Self {
        Self {
            heads: [const { Cell::new(ptr::null()) }; SLOTS],
            filled: [const { Cell::new(0) }; SLOTS / 64],
        }
    }

    #[inline]
    fn insert(&self, number: u64, sleep: &Sleep) {
        let slot = number as usize % SLOTS;
        let head = &self.heads[slot];
        let next = head.replace(sleep);
        sleep.next.set(next);
        sleep.place.set(head);
        if !next.is_null() {
            // SAFETY: whatever is in a slot is armed, so pinned and alive.
            unsafe { (*next).place.set(&sleep.next) };
        }
        let filled = &self.filled[slot / 64];
        filled.set(filled.get() | 1 << (slot % 64));
    }

    /// The first number after `past` whose slot may be filled, within one round.
    fn next(&self, past: u64) -> Option<u64> {
        let first = past + 1;
        let mut number = first;
        while number < first + SLOTS as u64 {
            let slot = number as usize % SLOTS;
            let filled = self.filled[slot / 64].get() >> (slot % 64);
            if filled != 0 {
                return Some(number + u64::from(filled.trailing_zeros()));
            }
            number += 64 - slot as u64 % 64;
        }
        None
    }

    /// Takes the first sleep out of a slot; the last one leaves the slot marked as empty.
    fn pop(&self, number: u64) -> Option<&Sleep> {
        let slot = number as usize % SLOTS;
        // SAFETY: whatever is in a slot is armed, so pinned and alive.
        let Some(sleep) = (unsafe { self.heads[slot].get().as_ref() }) else {
            let filled = &self.filled[slot / 64];
            filled.set(filled.get() & !(1 << (slot % 64)));
            return None;
        };
        sleep.unlink();
        Some(sleep)
    }
}

impl Wheel {
    #[inline]
    fn arm(&self, sleep: &Sleep) {
        if self.past.get() == 0 {
            self.past.set(now() >> TICK);
        }
        sleep.state.set(State::Armed);
        self.place(sleep);
    }

    #[inline]
    fn place(&self, sleep: &Sleep) {
        let past = self.past.get();
        let tick = sleep.tick.max(past + 1);
        if tick - past < SLOTS as u64 {
            self.ticks.insert(tick, sleep);
        } else {
            // Beyond the last turn of the ring, a sleep goes round again.
            let turn = (tick >> RING).min((past >> RING) + SLOTS as u64 - 1);
            self.turns.insert(turn, sleep);
        }
    }

    /// The next tick at which something is to be done.
    fn next(&self) -> Option<u64> {
        let past = self.past.get();
        let tick = self.ticks.next(past);
        let turn = self.turns.next(past >> RING).map(|turn| turn << RING);
        match (tick, turn) {
            (Some(tick), Some(turn)) => Some(tick.min(turn)),
            (tick, turn) => tick.or(turn),
        }
    }
}

/// Nanoseconds to the next deadline, if there is one.
pub(super) fn remaining() -> Option<u64> {
    WHEEL.with(|wheel| wheel.next().map(|tick| (tick << TICK).saturating_sub(now())))
}

/// Wakes every sleep that is due.
pub(super) fn fire() {
    WHEEL.with(|wheel| {
        if wheel.past.get() == 0 {
            return;
        }
        let present = now() >> TICK;
        while let Some(tick) = wheel.next().filter(|tick| *tick <= present) {
            wheel.past.set(tick);
            if tick % SLOTS as u64 == 0 {
                while let Some(sleep) = wheel.turns.pop(tick >> RING) {
                    if sleep.tick <= tick {
                        sleep.fire();
                    } else {
                        wheel.place(sleep);
                    }
                }
            }
            while let Some(sleep) = wheel.ticks.pop(tick) {
                sleep.fire();
            }
        }
        wheel.past.set(present.max(wheel.past.get()));
    });
}

impl Sleep {
    fn fire(&self) {
        self.state.set(State::Fired);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}
