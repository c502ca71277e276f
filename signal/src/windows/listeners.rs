//! Who listens to Ctrl-C where the system tells of it on a thread, and how near it is to ending the process.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;

/// All of this process.
#[cfg_attr(not(windows), allow(dead_code))]
pub(super) static LISTENERS: Listeners = Listeners::new();

pub(super) struct Listeners(Mutex<Inner>);

struct Inner {
    list: Vec<Arc<Listener>>,
    patience: Patience,
}

#[derive(Clone, Copy)]
enum Patience {
    /// Every press is told.
    Endless,
    /// One will be told, and the next ends the process.
    Warned,
    /// The next ends the process.
    Last,
}

impl Listeners {
    const fn new() -> Listeners {
        Listeners(Mutex::new(Inner { list: Vec::new(), patience: Patience::Endless }))
    }

    /// Begins to listen.
    pub(super) fn add(&self) -> Arc<Listener> {
        let listener = Arc::<Listener>::default();
        self.0.lock().list.push(listener.clone());
        listener
    }

    /// Ends it.
    pub(super) fn remove(&self, listener: &Arc<Listener>) {
        self.0.lock().list.retain(|other| !Arc::ptr_eq(other, listener));
    }

    /// Has the second press from now on end the process, or none.
    pub(super) fn set_final(&self, on: bool) {
        self.0.lock().patience = if on { Patience::Warned } else { Patience::Endless };
    }

    /// Tells everybody of a press. False if it is to do what it does otherwise.
    pub(super) fn press(&self) -> bool {
        let wakers: Vec<Waker> = {
            let mut inner = self.0.lock();
            if inner.list.is_empty() {
                return false;
            }
            inner.patience = match inner.patience {
                Patience::Endless => Patience::Endless,
                Patience::Warned => Patience::Last,
                Patience::Last => return false,
            };
            inner.list.iter().filter_map(|listener| listener.deliver()).collect()
        };
        for waker in wakers {
            // The system's thread has nobody to tell; the panic hook has heard it.
            let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
        }
        true
    }
}

/// One who listens.
#[derive(Default)]
pub(super) struct Listener(Mutex<Inbox>);

#[derive(Default)]
struct Inbox {
    pressed: bool,
    waker: Option<Waker>,
}

impl Listener {
    fn deliver(&self) -> Option<Waker> {
        let mut inbox = self.0.lock();
        inbox.pressed = true;
        inbox.waker.take()
    }

    /// Takes a press, or has the current task called. Nothing is cloned or dropped under the lock.
    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        let waker = cx.waker().clone();
        let (pressed, _unused) = {
            let mut inbox = self.0.lock();
            let pressed = mem::take(&mut inbox.pressed);
            (pressed, if pressed { Some(waker) } else { inbox.waker.replace(waker) })
        };
        if pressed { Poll::Ready(()) } else { Poll::Pending }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Counts(AtomicUsize);

    impl Wake for Counts {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    struct Panics;

    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("on purpose");
        }
    }

    fn poll(listener: &Listener, waker: &Waker) -> Poll<()> {
        listener.poll(&mut Context::from_waker(waker))
    }

    #[test]
    fn everybody_is_told_and_woken_once() {
        let listeners = Listeners::new();
        let (one, other) = (listeners.add(), listeners.add());
        let counts = Arc::<Counts>::default();
        let waker = Waker::from(counts.clone());
        assert!(poll(&one, &Waker::from(Arc::new(Panics))).is_pending());
        assert!(poll(&other, &waker).is_pending());
        assert!(listeners.press());
        assert!(listeners.press());
        assert_eq!(counts.0.load(Ordering::SeqCst), 1);
        for listener in [&one, &other] {
            assert!(poll(listener, &waker).is_ready());
            assert!(poll(listener, &waker).is_pending());
        }
    }

    #[test]
    fn when_nobody_listens_it_does_what_it_does_otherwise() {
        let listeners = Listeners::new();
        assert!(!listeners.press());
        let listener = listeners.add();
        assert!(listeners.press());
        listeners.remove(&listener);
        assert!(!listeners.press());
    }

    #[test]
    fn the_second_ends_the_process_if_it_is_said_to() {
        let listeners = Listeners::new();
        let _listener = listeners.add();
        listeners.set_final(true);
        assert!(listeners.press());
        assert!(!listeners.press());
        assert!(!listeners.press());
        listeners.set_final(false);
        assert!(listeners.press());
        assert!(listeners.press());
    }
}
