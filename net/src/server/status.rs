//! What is known of a server on every thread.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::Waker;

use super::waiters::Waiters;

/// Written by the loop's thread alone, read, and waited for, by all.
#[derive(Debug)]
pub(super) struct Status {
    id: u64,
    serving: AtomicBool,
    closed: AtomicBool,
    /// Connections whose handlers have not ended.
    open: AtomicUsize,
    waiting: Waiters,
}

impl Status {
    pub(super) fn new() -> Status {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Status {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            serving: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            open: AtomicUsize::new(0),
            waiting: Waiters::default(),
        }
    }

    /// Tells servers of the process apart.
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    pub(super) fn is_serving(&self) -> bool {
        self.serving.load(Ordering::Acquire)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    #[inline]
    pub(super) fn open(&self) -> usize {
        self.open.load(Ordering::Acquire)
    }

    pub(super) fn set_serving(&self) {
        self.serving.store(true, Ordering::Release);
    }

    /// Records that the listeners are closed; wakes whoever waits for that. Calls wakers.
    pub(super) fn set_closed(&self) {
        self.serving.store(false, Ordering::Release);
        self.closed.store(true, Ordering::Release);
        self.wake();
    }

    /// Records a change of the number of connections; wakes whoever waits for the last one to end. Calls
    /// wakers.
    #[inline]
    pub(super) fn set_open(&self, count: usize) {
        self.open.store(count, Ordering::Release);
        if count == 0 && self.is_closed() {
            self.wake();
        }
    }

    #[cold]
    fn wake(&self) {
        self.waiting.take().into_iter().for_each(Waker::wake);
    }

    /// Waits until the server is closed.
    pub(super) fn closed(&self) -> impl Future<Output = ()> + Send + '_ {
        self.waiting.wait(|| self.is_closed())
    }

    /// Waits until the server is closed and the last of its connections has ended.
    pub(super) fn drained(&self) -> impl Future<Output = ()> + Send + '_ {
        self.waiting.wait(|| self.is_closed() && self.open() == 0)
    }
}
