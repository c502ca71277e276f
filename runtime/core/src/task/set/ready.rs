//! Which tasks of a set have ended.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::task::{Wake, Waker};

use parking_lot::Mutex;

/// The keys of tasks that are worth a look, and who wants to know. Tasks may end on other threads.
#[derive(Default)]
pub(super) struct Ready {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    keys: VecDeque<usize>,
    waker: Option<Waker>,
}

impl Ready {
    /// Adds a key, and wakes whoever waits.
    pub(super) fn push(&self, key: usize) {
        let mut inner = self.inner.lock();
        inner.keys.push_back(key);
        let waker = inner.waker.take();
        // A waker may run code of the user's.
        drop(inner);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Takes the key that has been there for the longest.
    pub(super) fn pop(&self) -> Option<usize> {
        self.inner.lock().keys.pop_front()
    }

    /// The same, or leaves a waker.
    pub(super) fn pop_or_wait(&self, waker: &Waker) -> Option<usize> {
        {
            let mut inner = self.inner.lock();
            if let Some(key) = inner.keys.pop_front() {
                return Some(key);
            }
            if inner.waker.as_ref().is_some_and(|present| present.will_wake(waker)) {
                return None;
            }
        }
        // A clone, and the drop of what it replaces, may run code of the user's.
        let waker = waker.clone();
        let mut inner = self.inner.lock();
        if let Some(key) = inner.keys.pop_front() {
            return Some(key);
        }
        let replaced = inner.waker.replace(waker);
        drop(inner);
        drop(replaced);
        None
    }
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ready").finish_non_exhaustive()
    }
}

/// What is woken when the task with this key ends. Made once for a key, and used by all tasks that have it,
/// one after the other: one who wakes too late has somebody look in vain.
struct Member {
    key: usize,
    ready: Arc<Ready>,
}

/// The waker that belongs to a key.
pub(super) fn member(key: usize, ready: &Arc<Ready>) -> Waker {
    Waker::from(Arc::new(Member { key, ready: ready.clone() }))
}

impl Wake for Member {
    fn wake(self: Arc<Member>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Member>) {
        self.ready.push(self.key);
    }
}
