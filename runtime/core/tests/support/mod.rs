//! What the tests of tasks share: values that tell where they were dropped, and wakers that can be watched.

#![allow(dead_code)]

use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, ThreadId};

#[cfg(unix)]
pub(crate) mod fds;
pub(crate) mod heard;
pub(crate) mod hooked_waker;
pub(crate) mod selectors;
#[cfg(feature = "tracing")]
pub(crate) mod subscriber;

/// Remembers on which threads its witnesses were dropped.
#[derive(Debug, Clone, Default)]
pub(crate) struct DropLog(Arc<Mutex<Vec<ThreadId>>>);

impl DropLog {
    pub(crate) fn new() -> DropLog {
        DropLog::default()
    }

    /// A value whose drop is logged.
    pub(crate) fn witness(&self) -> Witness {
        Witness(self.clone())
    }

    /// The same, bound to its thread.
    pub(crate) fn local_witness(&self) -> LocalWitness {
        LocalWitness { _witness: self.witness(), _not_send: PhantomData }
    }

    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// Asserts that so many witnesses were dropped, and all on this thread.
    #[track_caller]
    pub(crate) fn assert_dropped_here(&self, times: usize) {
        let expected = vec![thread::current().id(); times];
        assert_eq!(*self.0.lock().unwrap(), expected);
    }
}

#[derive(Debug)]
pub(crate) struct Witness(DropLog);

impl Drop for Witness {
    fn drop(&mut self) {
        self.0.0.lock().unwrap().push(thread::current().id());
    }
}

#[derive(Debug)]
pub(crate) struct LocalWitness {
    _witness: Witness,
    _not_send: PhantomData<Rc<()>>,
}

/// Calls a closure when it is dropped.
pub(crate) struct OnDrop<F: FnMut()>(pub(crate) F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// A waker that counts how often it was woken.
#[derive(Debug, Default)]
pub(crate) struct CountingWaker(AtomicUsize);

impl CountingWaker {
    pub(crate) fn new() -> Arc<CountingWaker> {
        Arc::default()
    }

    pub(crate) fn wakes(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn waker(self: &Arc<CountingWaker>) -> Waker {
        Waker::from(self.clone())
    }
}

impl Wake for CountingWaker {
    fn wake(self: Arc<CountingWaker>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Polls a future once with a waker.
pub(crate) fn poll_with<F: Future + Unpin>(future: &mut F, waker: &Waker) -> Poll<F::Output> {
    std::pin::Pin::new(future).poll(&mut Context::from_waker(waker))
}

/// The message of the panic that the closure is expected to end in.
#[track_caller]
pub(crate) fn panic_message<R>(f: impl FnOnce() -> R) -> String {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(_) => panic!("did not panic"),
        Err(payload) => match payload.downcast::<String>() {
            Ok(text) => *text,
            Err(payload) => (*payload.downcast::<&'static str>().unwrap()).to_owned(),
        },
    }
}
