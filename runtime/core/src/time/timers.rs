//! The wheel as others see it: the loop on one side, the futures of the loop's thread on the other.
//!
//! The wheel counts nanoseconds and knows wakers; here is the rule that no waker is cloned, woken
//! or dropped while the wheel is borrowed, since all three may run anybody's code.

use std::cell::{Cell, RefCell};
use std::task::Waker;

use super::Instant;
use super::wheel::Wheel;

pub(crate) use super::arena::TimerKey;

/// The timers of one loop.
#[derive(Debug)]
pub(crate) struct Timers {
    /// When due timers were last fired. Every moment up to this has passed.
    fired_at: Cell<u64>,
    wheel: RefCell<Wheel>,
}

impl Timers {
    /// Makes an empty set of timers.
    pub(crate) fn new() -> Self {
        Self { fired_at: Cell::new(0), wheel: RefCell::new(Wheel::new(Instant::real().nanos())) }
    }

    /// Says whether the loop need not ask for anything: no timer is armed, and no memory waits to be given
    /// back.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.wheel.borrow().is_idle()
    }

    /// Returns the moment at which the loop has to fire timers: the earliest deadline, or for timers far away
    /// a moment before it, at which the loop looks again. `None` if nothing will ever be due.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.wheel.borrow_mut().next_deadline().map(Instant::from_nanos)
    }

    /// Returns the moment at which the loop had best wake to fire timers: the earliest deadline, or a little
    /// after it if that spares another wake-up. `None` if nothing will ever be due.
    pub(crate) fn next_wake(&self) -> Option<Instant> {
        self.wheel.borrow_mut().next_wake().map(Instant::from_nanos)
    }

    /// Takes out the timers that are due at `now` and appends their wakers, earliest deadline first and equal
    /// ones in the order of arming. The caller wakes them.
    pub(crate) fn fire(&self, now: Instant, wakers: &mut Vec<Waker>) {
        let now = now.nanos();
        self.fired_at.set(now);
        self.wheel.borrow_mut().fire(now, wakers);
    }

    /// How many timers are armed.
    pub(crate) fn count(&self) -> usize {
        self.wheel.borrow().armed().count()
    }

    /// Shows the deadline and the waker of each timer, in no particular order. What is called must not come
    /// back here, nor touch the waker.
    pub(crate) fn for_each(&self, mut f: impl FnMut(TimerKey, Instant, &Waker)) {
        for (key, deadline, waker) in self.wheel.borrow().armed() {
            f(key, Instant::from_nanos(deadline), waker);
        }
    }

    /// The timer that was armed last, of those that the loop has not looked at since.
    pub(crate) fn latest(&self) -> Option<TimerKey> {
        self.wheel.borrow().pending().next().map(|(key, _)| key)
    }

    /// Shows the timers that were armed after `earlier`, of those that the loop has not looked at since; all
    /// of these if that one is gone. For the function, the rule is that of [`for_each`](Self::for_each).
    pub(crate) fn for_each_since(
        &self,
        earlier: Option<TimerKey>,
        mut f: impl FnMut(TimerKey, &Waker),
    ) {
        let wheel = self.wheel.borrow();
        wheel
            .pending()
            .take_while(|&(key, _)| Some(key) != earlier)
            .for_each(|(key, waker)| f(key, waker));
    }

    /// Whether a timer is armed.
    pub(crate) fn is_armed(&self, key: TimerKey) -> bool {
        self.wheel.borrow().deadline(key).is_some()
    }

    /// When a timer is due, if it is armed.
    #[cfg_attr(not(feature = "tracing"), allow(dead_code))]
    pub(crate) fn deadline(&self, key: TimerKey) -> Option<Instant> {
        self.wheel.borrow().deadline(key).map(Instant::from_nanos)
    }

    /// Takes out all timers because the loop closes. The caller wakes them: those that are polled on other
    /// threads find out that their loop is gone.
    pub(crate) fn close(&self, wakers: &mut Vec<Waker>) {
        self.wheel.borrow_mut().close(wakers);
    }

    /// Says whether `deadline` had passed when timers were last fired. The clock is not read.
    #[inline(always)]
    pub(super) fn has_passed(&self, deadline: Instant) -> bool {
        deadline.nanos() <= self.fired_at.get()
    }

    /// Arms a timer, unless its deadline has passed: then the waker comes back.
    #[inline(always)]
    pub(crate) fn arm(&self, deadline: Instant, waker: Waker) -> Result<TimerKey, Waker> {
        if self.has_passed(deadline) {
            return Err(waker);
        }
        Ok(self.arm_with(deadline, waker))
    }

    /// Arms a timer even if its deadline has passed: it fires when the loop looks next.
    pub(super) fn arm_for_a_turn(&self, deadline: Instant, waker: &Waker) -> TimerKey {
        self.arm_with(deadline, waker.clone())
    }

    /// Kept apart and free of anything that might unwind: it needs no stack frame unless memory has to grow.
    #[inline(never)]
    fn arm_with(&self, deadline: Instant, waker: Waker) -> TimerKey {
        let waker = match self.wheel.try_borrow_mut() {
            Ok(mut wheel) => match wheel.arm(deadline.nanos(), waker) {
                Ok(key) => return key,
                Err(waker) => waker,
            },
            Err(_) => waker,
        };
        self.grow(deadline, waker)
    }

    #[cold]
    #[inline(never)]
    fn grow(&self, deadline: Instant, waker: Waker) -> TimerKey {
        self.wheel.borrow_mut().grow(deadline.nanos(), waker)
    }

    /// Says whether a timer armed before has fired and its deadline has passed, which need not be the one it
    /// fired for.
    #[inline(always)]
    pub(super) fn has_fired(&self, key: TimerKey, deadline: Instant) -> bool {
        self.has_passed(deadline) && self.wheel.borrow().deadline(key).is_none()
    }

    /// Sees to it that a timer armed before wakes `waker` at `deadline`. Returns the key that it has now, or
    /// `None` if the deadline has passed.
    pub(super) fn rearm(
        &self,
        key: TimerKey,
        deadline: Instant,
        waker: &Waker,
    ) -> Option<TimerKey> {
        let nanos = deadline.nanos();
        let mut wheel = self.wheel.borrow_mut();
        let armed_for = wheel.deadline(key);
        if nanos <= self.fired_at.get() {
            let cancelled = wheel.cancel(key);
            drop(wheel);
            drop(cancelled);
            return None;
        }
        if armed_for.is_some_and(|armed_for| armed_for != nanos) {
            wheel.reset(key, nanos);
        }
        let current = wheel.waker(key).and_then(|current| current.as_ref());
        let current = current.is_some_and(|current| current.will_wake(waker));
        drop(wheel);
        if armed_for.is_none() {
            // It fired for an earlier deadline that has been reset since.
            return self.arm(deadline, waker.clone()).ok();
        }
        if !current {
            self.replace_waker(key, waker.clone());
        }
        Some(key)
    }

    /// Gives an armed timer a new deadline and leaves its waker. Returns false if it has fired.
    pub(super) fn reset(&self, key: TimerKey, deadline: Instant) -> bool {
        let deadline = deadline.nanos();
        self.wheel.borrow_mut().reset(key, deadline)
    }

    /// Cancels a timer if it is still armed.
    #[inline(always)]
    pub(crate) fn cancel(&self, key: TimerKey) {
        let waker = self.wheel.borrow_mut().cancel(key);
        if let Some(waker) = waker {
            drop(waker);
        }
    }

    fn replace_waker(&self, key: TimerKey, waker: Waker) {
        let mut wheel = self.wheel.borrow_mut();
        // Cloning the waker may have run code that took the timer away; the clone is dropped then.
        let unused = match wheel.waker(key) {
            Some(slot) => slot.replace(waker),
            None => Some(waker),
        };
        drop(wheel);
        drop(unused);
    }
}
