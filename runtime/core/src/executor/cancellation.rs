//! What a task knows of the requests to cancel it; made when it is first asked, or first listens.
//!
//! A request is counted here before the task is made to look (`asking.rs`). Whether anybody in the task has
//! *taken* it is told by two numbers, of the latest request and of the latest that was taken, so a request
//! that comes while an earlier one is dealt with is not mistaken for it.
//!
//! The one number outside of the lock is what a task that listens looks at in each poll. Wakers are called,
//! and dropped, when the lock is gone.

use std::borrow::Cow;
use std::fmt;
use std::task::Waker;

use crate::sync::{AtomicUsize, Mutex, Ordering};

/// Why a task was asked to end.
pub(crate) type Reason = Cow<'static, str>;

/// The cold part's field; see the module's documentation.
#[derive(Debug)]
pub(crate) struct Cancellation {
    /// The requests that nobody has taken back. Written under the lock.
    outstanding: AtomicUsize,
    requests: Mutex<Option<Box<Requests>>>,
}

#[derive(Default)]
struct Requests {
    /// That of the latest request, as long as any is outstanding.
    reason: Option<Reason>,
    /// The number of the latest request.
    latest: u64,
    /// The number of the latest request that the task was polled for.
    delivered: u64,
    /// The number of the latest request that somebody in the task has heard of.
    taken: u64,
    /// Whether the task is just being polled on account of a request.
    delivering: bool,
    /// Whether that poll could not get to the task's own future.
    missed: bool,
    /// Whether somebody has ceased to listen in that poll.
    ceased: bool,
    /// Whether the task is to be dropped as soon as it has been polled for what it is asked.
    last_poll: bool,
    listeners: Vec<Listener>,
    next_listener: u64,
}

/// Somebody in the task who waits to be asked.
struct Listener {
    key: u64,
    rank: Rank,
    /// None if it is polled with the task, or has been woken.
    waker: Option<Waker>,
}

impl Requests {
    /// Whether anybody listens, apart from guardians.
    fn has_listeners(&self) -> bool {
        self.listeners.iter().any(|listener| listener.rank == Rank::Listener)
    }

    fn take_wakers(&mut self) -> Vec<Waker> {
        self.listeners.iter_mut().filter_map(|listener| listener.waker.take()).collect()
    }
}

impl fmt::Debug for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requests")
            .field("reason", &self.reason)
            .field("latest", &self.latest)
            .field("taken", &self.taken)
            .finish_non_exhaustive()
    }
}

/// Who is told first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rank {
    /// Deals with requests.
    Listener,
    /// Deals with those that no listener does.
    Guardian,
}

/// What became of the requests that a task was polled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Verdict {
    /// Somebody has heard of them, or is going to be polled.
    Heard,
    /// Who would deal with them has been asked too early.
    Again,
    /// The poll did not get as far as to the task's own future.
    Missed,
    /// Nobody listens, or that was the last poll.
    Ignored,
}

impl Cancellation {
    pub(super) fn new() -> Cancellation {
        Cancellation { outstanding: AtomicUsize::new(0), requests: Mutex::new(None) }
    }

    /// The requests that nobody has taken back.
    #[inline]
    pub(crate) fn outstanding(&self) -> usize {
        self.outstanding.load(Ordering::Acquire)
    }

    /// Counts a request. With `first_only` there must not be one yet; then it may be refused.
    pub(super) fn request(&self, reason: impl FnOnce() -> Reason, first_only: bool) -> bool {
        // Made, as the old one is dropped, when the lock is not held.
        let mut reason = Some(reason());
        let mut guard = self.requests.lock();
        let outstanding = self.outstanding.load(Ordering::Relaxed);
        if first_only && outstanding > 0 {
            return false;
        }
        let requests = guard.get_or_insert_default();
        requests.latest += 1;
        std::mem::swap(&mut requests.reason, &mut reason);
        self.outstanding.store(outstanding.saturating_add(1), Ordering::Release);
        true
    }

    /// Begins to tell of what has been asked: returns the number of the latest request, for
    /// [`conclude`](Cancellation::conclude), and the wakers of who listens elsewhere.
    pub(super) fn begin(&self) -> (u64, Vec<Waker>) {
        let mut guard = self.requests.lock();
        let requests = guard.get_or_insert_default();
        requests.delivered = requests.latest;
        requests.delivering = true;
        requests.missed = false;
        requests.ceased = false;
        (requests.delivered, requests.take_wakers())
    }

    /// Ends what [`begin`](Cancellation::begin) began.
    pub(super) fn conclude(&self, delivered: u64) -> Verdict {
        let mut guard = self.requests.lock();
        let requests = guard.get_or_insert_default();
        requests.delivering = false;
        let verdict = if requests.taken >= delivered || requests.has_listeners() {
            Verdict::Heard
        } else if !requests.listeners.is_empty() {
            if requests.ceased { Verdict::Again } else { Verdict::Heard }
        } else if requests.missed {
            Verdict::Missed
        } else {
            Verdict::Ignored
        };
        requests.missed = verdict == Verdict::Missed;
        match verdict {
            Verdict::Heard if requests.last_poll => Verdict::Ignored,
            verdict => verdict,
        }
    }

    /// Has the task dropped as soon as it has been polled for what it is asked; `false` if that has been done,
    /// so that there is nothing to wait for.
    pub(super) fn end_after_poll(&self) -> bool {
        let mut guard = self.requests.lock();
        let Some(requests) = &mut *guard else { return false };
        let is_to_come = requests.delivered < requests.latest || requests.missed;
        requests.last_poll |= is_to_come;
        is_to_come
    }

    /// Notes that the poll of a task has not got to its own future, which is queued by itself.
    pub(super) fn note_missed(&self) {
        if let Some(requests) = &mut *self.requests.lock() {
            requests.missed |= requests.delivering;
        }
    }

    /// Takes what has been asked.
    pub(crate) fn take(&self) -> Option<Taken> {
        if self.outstanding() == 0 {
            return None;
        }
        let mut guard = self.requests.lock();
        // Asked again, under the lock.
        if self.outstanding() == 0 {
            return None;
        }
        let requests = guard.get_or_insert_default();
        let fresh = requests.taken < requests.latest;
        requests.taken = requests.latest;
        Some(Taken { reason: requests.reason.clone().unwrap_or_default(), fresh })
    }

    /// Takes what has been asked for somebody who lets others go first: only if there is a request of a higher
    /// number than `heard`, and no listener is left to take it.
    pub(crate) fn take_last(&self, heard: u64) -> Option<Reason> {
        let mut guard = self.requests.lock();
        let requests = guard.get_or_insert_default();
        if self.outstanding() == 0 || requests.latest <= heard || requests.has_listeners() {
            return None;
        }
        requests.taken = requests.latest;
        Some(requests.reason.clone().unwrap_or_default())
    }

    /// The numbers of the latest request that somebody has heard of, and of the latest.
    pub(crate) fn taken(&self) -> (u64, u64) {
        self.requests.lock().as_ref().map_or((0, 0), |requests| (requests.taken, requests.latest))
    }

    /// Takes one request back, and tells how many are left.
    pub(crate) fn take_back(&self) -> usize {
        if self.outstanding() == 0 {
            return 0;
        }
        let mut reason = None;
        let mut guard = self.requests.lock();
        let outstanding = self.outstanding.load(Ordering::Relaxed);
        let left = outstanding.saturating_sub(1);
        self.outstanding.store(left, Ordering::Release);
        let requests = guard.get_or_insert_default();
        requests.taken = requests.latest;
        if left == 0 {
            std::mem::swap(&mut requests.reason, &mut reason);
        }
        left
    }

    /// Why the task is to end, if it is.
    pub(crate) fn reason(&self) -> Option<Reason> {
        if self.outstanding() == 0 {
            return None;
        }
        self.requests.lock().as_ref().and_then(|requests| requests.reason.clone())
    }

    /// Adds a listener, or changes the waker of the one that there is. Gives none, and adds no listener, if
    /// the task is asked to end; a guardian is always added.
    pub(crate) fn listen(&self, rank: Rank, key: Option<u64>, waker: Option<Waker>) -> Option<u64> {
        let mut guard = self.requests.lock();
        if rank == Rank::Listener && self.outstanding() > 0 {
            return None;
        }
        let requests = guard.get_or_insert_default();
        let Some(key) = key else {
            let key = requests.next_listener;
            requests.next_listener += 1;
            requests.listeners.push(Listener { key, rank, waker });
            return Some(key);
        };
        let mut listeners = requests.listeners.iter_mut();
        let replaced = listeners
            .find(|listener| listener.key == key)
            .and_then(|listener| std::mem::replace(&mut listener.waker, waker));
        drop(guard);
        drop(replaced);
        Some(key)
    }

    /// Whether anybody listens, apart from guardians.
    pub(crate) fn is_listened_to(&self) -> bool {
        self.requests.lock().as_ref().is_some_and(|requests| requests.has_listeners())
    }

    /// Whether a listener is there with this very waker.
    pub(crate) fn listens_with(&self, key: u64, waker: &Waker) -> bool {
        let guard = self.requests.lock();
        let mut listeners = guard.iter().flat_map(|requests| &requests.listeners);
        let listener = listeners.find(|listener| listener.key == key);
        let present = listener.and_then(|listener| listener.waker.as_ref());
        present.is_some_and(|present| present.will_wake(waker))
    }

    /// Removes a listener. If it was the last one, and has not been told, the task has to be asked anew, and
    /// these are to be woken.
    #[must_use]
    pub(crate) fn forget(&self, key: u64) -> Option<Vec<Waker>> {
        let mut guard = self.requests.lock();
        let requests = guard.as_mut()?;
        let place = requests.listeners.iter().position(|listener| listener.key == key);
        let removed = place.map(|place| requests.listeners.swap_remove(place));
        requests.ceased = true;
        let untold = requests.taken < requests.delivered && !requests.delivering;
        let wakers = (untold && !requests.has_listeners()).then(|| requests.take_wakers());
        drop(guard);
        drop(removed);
        wakers
    }
}

/// A request that was taken.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) reason: Reason,
    /// Whether nobody had taken it before.
    pub(crate) fresh: bool,
}
