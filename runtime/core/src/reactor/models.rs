//! The part of the reactor that several threads share, in every interleaving.
//!
//! Under loom this file stands for the module, with what waiting and reporting consist of and
//! without what needs a system.

#[cfg_attr(not(unix), path = "descriptor_other.rs")]
mod descriptor;
mod direction;
mod entry;
mod errors;
mod hub;
mod interest;
mod place;
mod ready;
mod scope;
mod selector;
#[cfg_attr(not(unix), path = "source_other.rs")]
mod source;
mod waiting;
mod word;

pub use descriptor::Descriptor;
pub use direction::Direction;
pub use interest::Interest;
pub use ready::Ready;
pub use selector::{Deregister, Event, Rearm, Selector, Token};
pub use source::Source;

pub use crate::executor::Unpark;

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering as StdOrdering};
    use std::task::{Wake, Waker};

    use loom::thread;

    use crate::current::LoopId;
    use crate::sync::{AtomicBool, Mutex, Ordering, fence};

    use super::entry::Entry;
    use super::hub::Hub;
    use super::scope::Scope;
    use super::{Direction, Interest, Ready, Rearm, Token, Unpark};

    struct Nobody;

    impl Unpark for Nobody {
        fn unpark(&self) {}
    }

    /// Counts its calls. Not an atomic of loom's: what is called when is the model's business, the
    /// count is the test's.
    #[derive(Default)]
    struct Calls(AtomicUsize);

    impl Calls {
        fn count(&self) -> usize {
            self.0.load(StdOrdering::SeqCst)
        }
    }

    impl Wake for Calls {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, StdOrdering::SeqCst);
        }
    }

    /// A selector of levels: one source, which is readable or is not.
    struct Levels {
        readable: AtomicBool,
        armed: Mutex<bool>,
    }

    impl Levels {
        /// What the loop does in a turn: see `PollSelector::select`.
        fn look(&self, entry: &Entry) {
            let readable = self.readable.load(Ordering::Acquire);
            let said = readable && std::mem::replace(&mut *self.armed.lock(), false);
            if said {
                dispatch(entry, Ready::READABLE);
            }
        }
    }

    impl Rearm for Levels {
        fn rearm(&self, _: Token, interest: Interest) {
            assert!(interest.is_readable());
            *self.armed.lock() = true;
        }
    }

    /// A source whose first attempts have been made.
    fn entry() -> Arc<Entry> {
        entry_of(None)
    }

    fn entry_of(rearmer: Option<Arc<dyn Rearm>>) -> Arc<Entry> {
        let hub = Hub::new(LoopId::next(), Arc::new(Nobody), None, rearmer);
        let entry = Arc::new(Entry::new(Arc::new(hub), Token(0), false, -1));
        for scope in [Scope::READ, Scope::WRITE] {
            entry.settle(scope, entry.seen(scope), Ready::ALL);
        }
        entry
    }

    /// What the loop does for an event: see `Reactor::dispatch`.
    fn dispatch(entry: &Entry, ready: Ready) {
        let mut wakers = Vec::new();
        entry.report(ready);
        fence(Ordering::SeqCst);
        if entry.hub().is_crowded() {
            entry.take_waiting(ready, &mut wakers);
        }
        wakers.into_iter().for_each(Waker::wake);
    }

    /// What a poller on another thread does: returns whether it waits.
    fn poll(entry: &Entry, waker: &Waker) -> bool {
        let seen = entry.seen(Scope::READ);
        !seen.invites(Scope::READ) && !entry.wait_polled(Direction::Read, waker, seen)
    }

    #[test]
    fn a_poller_on_another_thread_hears_of_every_event() {
        loom::model(|| {
            let entry = entry();
            let calls = Arc::new(Calls::default());
            let waiter = thread::spawn({
                let entry = entry.clone();
                let waker = Waker::from(calls.clone());
                move || poll(&entry, &waker)
            });
            dispatch(&entry, Ready::READABLE);
            let waits = waiter.join().unwrap();
            assert!(!waits || calls.count() == 1, "the event was lost");
            assert!(entry.seen(Scope::READ).invites(Scope::READ));
        });
    }

    #[test]
    fn a_wait_in_the_queue_hears_of_every_event_and_can_be_dropped() {
        loom::model(|| {
            let entry = entry();
            let calls = Arc::new(Calls::default());
            let waiter = thread::spawn({
                let entry = entry.clone();
                let waker = Waker::from(calls.clone());
                move || {
                    let mut key = None;
                    let seen = entry.seen(Scope::READ);
                    let waits = !seen.invites(Scope::READ)
                        && !entry.wait_queued(&mut key, Interest::READABLE, &waker, seen);
                    let called = calls.count();
                    if let Some(key) = key {
                        entry.leave_queue(key);
                    }
                    (waits, called)
                }
            });
            dispatch(&entry, Ready::READABLE);
            let _ = waiter.join().unwrap();
            assert!(!entry.hub().is_crowded(), "nobody is left");
            assert!(entry.seen(Scope::READ).invites(Scope::READ));
        });
    }

    #[test]
    fn a_call_that_would_have_blocked_does_not_hide_the_event_after_it() {
        loom::model(|| {
            let entry = entry();
            entry.report(Ready::READABLE);
            let calls = Arc::new(Calls::default());
            let waiter = thread::spawn({
                let entry = entry.clone();
                let waker = Waker::from(calls.clone());
                move || {
                    let seen = entry.seen(Scope::READ);
                    // The call is made here, and would block.
                    entry.settle(Scope::READ, seen, Ready::ALL);
                    poll(&entry, &waker)
                }
            });
            dispatch(&entry, Ready::READABLE);
            let waits = waiter.join().unwrap();
            // Either the snapshot was taken after the event, whose data the call would have got, or
            // the task goes on.
            let idle = !entry.seen(Scope::READ).invites(Scope::READ);
            assert!(!waits || calls.count() == 1 || idle, "the event was lost");
        });
    }

    #[test]
    fn two_threads_that_settle_the_same_event_leave_it_settled_or_ready() {
        loom::model(|| {
            let entry = entry();
            entry.report(Ready::READABLE | Ready::PRIORITY);
            let other = thread::spawn({
                let entry = entry.clone();
                move || {
                    let seen = entry.seen(Scope::READ);
                    entry.settle(Scope::READ, seen, Ready::READABLE);
                }
            });
            let seen = entry.seen(Scope::READ);
            entry.settle(Scope::READ, seen, Ready::READABLE);
            entry.report(Ready::READ_CLOSED);
            other.join().unwrap();
            let priority = Scope::of_interest(Interest::PRIORITY);
            let ready = entry.seen(priority).ready(priority);
            assert!(ready.contains(Ready::PRIORITY | Ready::READ_CLOSED), "{ready:?}");
        });
    }

    #[test]
    fn a_level_that_is_not_watched_for_is_when_somebody_waits_for_it() {
        loom::model(|| {
            let levels =
                Arc::new(Levels { readable: AtomicBool::new(false), armed: Mutex::new(false) });
            let entry = entry_of(Some(levels.clone()));
            // An event that has used up what the source was armed for.
            entry.report(Ready::READABLE);
            let calls = Arc::new(Calls::default());
            let waiter = thread::spawn({
                let (entry, levels) = (entry.clone(), levels.clone());
                let waker = Waker::from(calls.clone());
                move || {
                    let seen = entry.seen(Scope::READ);
                    let got = levels.readable.load(Ordering::Acquire);
                    if !got {
                        entry.settle(Scope::READ, seen, Ready::ALL);
                    }
                    !got && poll(&entry, &waker)
                }
            });
            levels.readable.store(true, Ordering::Release);
            levels.look(&entry);
            let waits = waiter.join().unwrap();
            // The next turn; whoever waits has armed the source before.
            levels.look(&entry);
            assert!(!waits || calls.count() == 1, "the level was lost");
        });
    }

    #[test]
    fn closing_reaches_whoever_waits_or_asks() {
        loom::model(|| {
            let entry = entry();
            let calls = Arc::new(Calls::default());
            let waiter = thread::spawn({
                let entry = entry.clone();
                let waker = Waker::from(calls.clone());
                move || {
                    let seen = entry.seen(Scope::READ);
                    !seen.is_shut() && !entry.wait_polled(Direction::Read, &waker, seen)
                }
            });
            let mut wakers = Vec::new();
            entry.shut();
            fence(Ordering::SeqCst);
            entry.take_waiting(Ready::ALL, &mut wakers);
            wakers.into_iter().for_each(Waker::wake);
            let waits = waiter.join().unwrap();
            assert!(!waits || calls.count() == 1, "the waiter was forgotten");
        });
    }
}
