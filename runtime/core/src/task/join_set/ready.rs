//! Which tasks of a set have ended.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::task::Waker;

use parking_lot::Mutex;

use crate::executor::{Relay, relay};

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

/// The waker that belongs to a key: it is woken when the task with this key ends. Made once for a key, and used
/// by all tasks that have it, one after the other: one who wakes too late has somebody look in vain.
pub(super) fn member(key: usize, ready: &Arc<Ready>) -> Waker {
    relay(key, ready.clone())
}

impl Relay for Ready {
    fn pass(&self, key: usize) {
        self.push(key);
    }

    fn show_waiter(&self, f: &mut dyn FnMut(&Waker)) {
        self.inner.lock().waker.iter().for_each(f);
    }
}
