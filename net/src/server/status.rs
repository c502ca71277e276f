//! What is known of a server on every thread.

use std::future::{Future, poll_fn};
use std::mem;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;

/// Written by the loop's thread alone, read, and waited for, by all.
#[derive(Debug)]
pub(super) struct Status {
    id: u64,
    serving: AtomicBool,
    closed: AtomicBool,
    /// Connections whose handlers have not ended.
    open: AtomicUsize,
    waiting: Mutex<Vec<Waker>>,
}

impl Status {
    pub(super) fn new() -> Status {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Status {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            serving: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            open: AtomicUsize::new(0),
            waiting: Mutex::new(Vec::new()),
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

    /// Records a change of the number of connections; wakes whoever waits for the last one to end. Calls wakers.
    #[inline]
    pub(super) fn set_open(&self, count: usize) {
        self.open.store(count, Ordering::Release);
        if count == 0 && self.is_closed() {
            self.wake();
        }
    }

    #[cold]
    fn wake(&self) {
        let waiting = mem::take(&mut *self.waiting.lock());
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Waits until the server is closed.
    pub(super) fn closed(&self) -> impl Future<Output = ()> + Send + '_ {
        poll_fn(|cx| self.poll_until(cx, Status::is_closed))
    }

    /// Waits until the server is closed and the last of its connections has ended.
    pub(super) fn drained(&self) -> impl Future<Output = ()> + Send + '_ {
        poll_fn(|cx| self.poll_until(cx, |status| status.is_closed() && status.open() == 0))
    }

    fn poll_until(&self, cx: &mut Context<'_>, is_so: impl Fn(&Status) -> bool) -> Poll<()> {
        if is_so(self) {
            return Poll::Ready(());
        }
        let waker = cx.waker().clone();
        let mut waiting = self.waiting.lock();
        // A change comes before the lock is taken to wake: either it is seen here, or the waker is found there.
        if is_so(self) {
            drop(waiting);
            return Poll::Ready(());
        }
        if waiting.iter().any(|other| other.will_wake(&waker)) {
            drop(waiting);
        } else {
            waiting.push(waker);
        }
        Poll::Pending
    }
}
