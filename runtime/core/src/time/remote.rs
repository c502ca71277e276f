//! A timer whose sleeper is on a thread without a loop.
//!
//! The timer stays with its loop, its home. There it is armed with a waker of its own, which passes the wake
//! on to the sleeper. All that is done to the wheel is done by jobs posted to the home loop, in the order in
//! which they were posted; the sleeper's side and the loop's side meet in a mutex, which is never held across
//! foreign code.
//!
//! All this is rare, and a sleep must not pay for it: these timers live in a table of the process, and the
//! sleep has a number that costs nothing to drop.

use std::sync::Arc;
use std::task::{Poll, Wake, Waker};

use parking_lot::Mutex;
use slab::Slab;

use crate::current::{self, LoopId};
use crate::local::Local;

use super::Instant;
use super::timers::TimerKey;

static TABLE: Mutex<Slab<Arc<RemoteTimer>>> = Mutex::new(Slab::new());

/// A timer's place in the table, to be given up by [`abandon`](Self::abandon).
#[derive(Debug)]
pub(super) struct RemoteKey(usize);

impl RemoteKey {
    /// Puts a timer with the loop `home` in the place of `key`.
    pub(super) fn new(home: LoopId, deadline: Instant, key: Option<TimerKey>) -> Self {
        let state =
            State { deadline, key, sleeper: None, elapsed: false, arming: false, abandoned: false };
        let timer = Arc::new(RemoteTimer { home, state: Mutex::new(state) });
        // Also if a timer is in the wheel: its waker is another one.
        timer.post_arm();
        Self(TABLE.lock().insert(timer))
    }

    /// Asks whether the deadline has passed, and leaves the waker if not. `None` if the home loop is closed.
    pub(super) fn poll(&self, waker: &Waker) -> Option<Poll<()>> {
        self.timer().poll(waker)
    }

    /// Changes the deadline; the sleeper is woken at the new one.
    pub(super) fn reset(&self, deadline: Instant) {
        self.timer().reset(deadline);
    }

    /// Returns the loop that the timer is with.
    pub(super) fn home(&self) -> LoopId {
        self.timer().home
    }

    /// Cancels the timer.
    #[cold]
    #[inline(never)]
    pub(super) fn abandon(&self) {
        let timer = TABLE.lock().remove(self.0);
        timer.abandon();
    }

    fn timer(&self) -> Arc<RemoteTimer> {
        Arc::clone(&TABLE.lock()[self.0])
    }
}

/// The meeting point of a sleeper and a loop.
#[derive(Debug)]
struct RemoteTimer {
    home: LoopId,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    deadline: Instant,
    /// The timer in the home loop's wheel.
    key: Option<TimerKey>,
    /// The sleeper to wake.
    sleeper: Option<Waker>,
    /// Whether `deadline` has passed.
    elapsed: bool,
    /// Whether a job is on its way that will arm the timer.
    arming: bool,
    /// Whether the sleeper has lost interest.
    abandoned: bool,
}

impl RemoteTimer {
    fn poll(self: &Arc<Self>, waker: &Waker) -> Option<Poll<()>> {
        let waker = waker.clone();
        let mut state = self.state.lock();
        if state.elapsed {
            return Some(Poll::Ready(()));
        }
        let previous = state.sleeper.replace(waker);
        let at_rest = state.key.is_none() && !state.arming;
        drop(state);
        drop(previous);
        if at_rest && !self.post_arm() {
            return None;
        }
        Some(Poll::Pending)
    }

    fn reset(self: &Arc<Self>, deadline: Instant) {
        let mut state = self.state.lock();
        state.deadline = deadline;
        state.elapsed = false;
        drop(state);
        // If the loop is closed, the next poll says so.
        self.post_arm();
    }

    fn abandon(self: Arc<Self>) {
        let mut state = self.state.lock();
        state.abandoned = true;
        let sleeper = state.sleeper.take();
        drop(state);
        drop(sleeper);
        current::post_to(self.home, move |local| self.disarm(local));
    }

    fn post_arm(self: &Arc<Self>) -> bool {
        self.state.lock().arming = true;
        let timer = Arc::clone(self);
        let posted = current::post_to(self.home, move |local| timer.arm(local));
        if !posted {
            // The loop is closed, and the timer gone with its wheel: the next poll has to find that out.
            let mut state = self.state.lock();
            state.arming = false;
            state.key = None;
        }
        posted
    }

    /// Arms the timer in the wheel; on the loop's thread.
    fn arm(self: Arc<Self>, local: &Local) {
        self.disarm(local);
        let mut state = self.state.lock();
        state.arming = false;
        if state.abandoned {
            return;
        }
        let deadline = state.deadline;
        drop(state);
        let key = local.timers.arm(deadline, Waker::from(Arc::clone(&self))).ok();
        if key.is_none() {
            return self.wake();
        }
        // Nobody else touches the key: this is the loop's thread, and no foreign code ran since `disarm`.
        self.state.lock().key = key;
    }

    /// Takes the timer out of the wheel; on the loop's thread.
    fn disarm(&self, local: &Local) {
        let key = self.state.lock().key.take();
        if let Some(key) = key {
            local.timers.cancel(key);
        }
    }
}

/// What the home loop's wheel does when the timer fires, or the loop when it closes.
impl Wake for RemoteTimer {
    fn wake(self: Arc<Self>) {
        let mut state = self.state.lock();
        state.key = None;
        let deadline = state.deadline;
        // The timer may have fired for a deadline that has been reset since, or been thrown out by a closing
        // loop.
        let home = self.home;
        let passed =
            current::with_current(|local| local.id == home && local.timers.has_passed(deadline));
        state.elapsed = passed == Some(true);
        let sleeper = state.sleeper.take();
        drop(state);
        if let Some(sleeper) = sleeper {
            sleeper.wake();
        }
    }
}
