//! The tasks that wait for a source by way of the lock.
//!
//! Most waits never come here: a task on the loop's own thread leaves its waker in the reactor's
//! table (see `slots`). Here wait tasks of other threads, and those that find their place in the
//! table taken, any number of them. The box exists from the first such wait on.

use std::task::Waker;

use slab::Slab;

use super::Direction;
use super::Interest;
use super::Ready;
use super::scope::Scope;

/// The wakers behind the lock of a source.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// Of the `poll_*` functions: the last poller wins.
    polled: [Option<Waker>; 2],
    /// Of asynchronous waits.
    queue: Slab<Waiter>,
}

#[derive(Debug)]
struct Waiter {
    interest: Interest,
    /// None once it has been called, until its task asks again.
    waker: Option<Waker>,
}

impl Waiting {
    /// Tells whether an event would find anybody.
    pub(super) fn is_empty(&self) -> bool {
        self.polled.iter().all(Option::is_none)
            && self.queue.iter().all(|(_, waiter)| waiter.waker.is_none())
    }

    /// Leaves the waker of a poller; the one it replaces is to be dropped outside of the lock.
    #[must_use]
    pub(super) fn set_polled(&mut self, direction: Direction, waker: Waker) -> Option<Waker> {
        self.polled[direction as usize].replace(waker)
    }

    /// Joins the queue, or renews the place `key` in it.
    #[must_use]
    pub(super) fn enqueue(
        &mut self,
        key: Option<usize>,
        interest: Interest,
        waker: Waker,
    ) -> (usize, Option<Waker>) {
        match key {
            Some(key) => (key, self.queue[key].waker.replace(waker)),
            None => (self.queue.insert(Waiter { interest, waker: Some(waker) }), None),
        }
    }

    /// Leaves the queue; the waker is to be dropped outside of the lock.
    #[must_use]
    pub(super) fn dequeue(&mut self, key: usize) -> Option<Waker> {
        self.queue.remove(key).waker
    }

    /// Shows the wakers, and what each waits for.
    pub(super) fn for_each(&self, mut f: impl FnMut(Direction, &Waker)) {
        for direction in [Direction::Read, Direction::Write] {
            if let Some(waker) = &self.polled[direction as usize] {
                f(direction, waker);
            }
            for (_, waiter) in &self.queue {
                let awaited = Scope::of_interest(waiter.interest).has(direction);
                if let Some(waker) = waiter.waker.as_ref().filter(|_| awaited) {
                    f(direction, waker);
                }
            }
        }
    }

    /// Moves out the wakers of all who wait for any of `ready`.
    pub(super) fn take(&mut self, ready: Ready, wakers: &mut Vec<Waker>) {
        for direction in [Direction::Read, Direction::Write] {
            if ready.intersects(direction.side()) {
                wakers.extend(self.polled[direction as usize].take());
            }
        }
        for (_, waiter) in &mut self.queue {
            if ready.intersects(waiter.interest.satisfied_by()) {
                wakers.extend(waiter.waker.take());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_takes_only_those_it_concerns() {
        let mut waiting = Waiting::default();
        let mut wakers = Vec::new();
        assert!(waiting.set_polled(Direction::Write, Waker::noop().clone()).is_none());
        let (reader, _) = waiting.enqueue(None, Interest::READABLE, Waker::noop().clone());
        let (urgent, _) = waiting.enqueue(None, Interest::PRIORITY, Waker::noop().clone());

        waiting.take(Ready::READABLE, &mut wakers);
        assert_eq!(wakers.len(), 1);
        assert!(waiting.dequeue(reader).is_none());

        waiting.take(Ready::READ_CLOSED | Ready::WRITE_CLOSED, &mut wakers);
        assert_eq!(wakers.len(), 3);
        assert!(waiting.is_empty());
        assert!(waiting.dequeue(urgent).is_none());
    }

    #[test]
    fn an_error_takes_everybody() {
        let mut waiting = Waiting::default();
        let mut wakers = Vec::new();
        for interest in [Interest::READABLE, Interest::WRITABLE, Interest::ERROR] {
            let _ = waiting.enqueue(None, interest, Waker::noop().clone());
        }
        waiting.take(Ready::ERROR, &mut wakers);
        assert_eq!(wakers.len(), 3);
    }
}
