//! `block_on`: the root future and the turn of the loop.

use std::{
    cell::Cell,
    future::Future,
    pin::pin,
    ptr,
    sync::atomic::{AtomicBool, Ordering},
    task::{Context, Poll, RawWaker, RawWakerVTable, Waker},
};

use super::{inbox, park, queue, task};

/// Says whether the root future was woken: on its own thread, or from another one.
pub(super) struct Root {
    woken: Cell<bool>,
    woken_abroad: AtomicBool,
    parked: AtomicBool,
}

thread_local! {
    static ROOT: Root = const {
        Root { woken: Cell::new(false), woken_abroad: AtomicBool::new(false), parked: AtomicBool::new(false) }
    };
}

/// Runs a future and the tasks of this thread until the future is done.
#[inline]
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let data = ROOT.with(|root| ptr::from_ref(root).cast());
    // SAFETY: the vtable fits a pointer to a `Root`; the thread that calls this outlives all wakers here.
    let waker = unsafe { Waker::new(data, &VTABLE) };
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        run_until_woken();
    }
}

fn run_until_woken() {
    ROOT.with(|root| {
        while !root.woken.replace(false) {
            let task = queue::pop();
            if task.is_null() {
                root.park();
            } else {
                // SAFETY: just popped.
                unsafe { task::run(task) };
            }
        }
    });
}

impl Root {
    #[cold]
    #[inline(never)]
    fn park(&self) {
        // Pairs with the swap in `wake` and in `Remote`: either they see PARKED, or the loop sees their news.
        self.parked.store(true, Ordering::SeqCst);
        if !self.woken_abroad.load(Ordering::SeqCst) && !inbox::is_filled() {
            park::wait();
        }
        self.parked.store(false, Ordering::SeqCst);
        if self.woken_abroad.swap(false, Ordering::SeqCst) {
            self.woken.set(true);
        }
        inbox::run();
    }
}

/// The loop of a thread, for other threads. That thread outlives it.
#[derive(Clone, Copy)]
pub(crate) struct Remote(*const Root);

// SAFETY: the thread of the root outlives this, as the scenarios promise; only an atomic field is touched.
unsafe impl Send for Remote {}

impl Remote {
    /// The loop of this thread.
    pub(crate) fn here() -> Self {
        ROOT.with(|root| Self(root))
    }

    /// Has the loop run a function.
    #[inline]
    pub(crate) fn call_soon(&self, function: impl FnOnce() + Send + 'static) {
        inbox::push(function);
        // SAFETY: the root's thread lives on.
        if unsafe { &(*self.0).parked }.swap(false, Ordering::SeqCst) {
            park::unpark();
        }
    }
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake, ignore);

fn clone(data: *const ()) -> RawWaker {
    RawWaker::new(data, &VTABLE)
}

unsafe fn wake(data: *const ()) {
    ROOT.with(|here| {
        if ptr::eq(here, data.cast()) {
            here.woken.set(true);
            return;
        }
        // SAFETY: `data` is the root of a thread that outlives its wakers; these two fields are atomic.
        let (woken, parked) = unsafe {
            let root = data.cast::<Root>();
            (&(*root).woken_abroad, &(*root).parked)
        };
        woken.store(true, Ordering::SeqCst);
        if parked.swap(false, Ordering::SeqCst) {
            park::unpark();
        }
    });
}

fn ignore(_: *const ()) {}
