//! A task: one allocation that holds a header and then the future or its output.
//!
//! `state` counts wakers above eight flag bits. The queue and the join handle are flags, so a task is garbage
//! exactly when `state == DONE`. Nothing here is atomic.

use std::{
    alloc::Layout,
    cell::{Cell, UnsafeCell},
    future::Future,
    marker::PhantomData,
    mem::{ManuallyDrop, offset_of},
    pin::Pin,
    ptr,
    task::{Context, Poll, RawWaker, RawWakerVTable, Waker},
};

use super::queue;

const SCHEDULED: u64 = 1;
const DONE: u64 = 2;
const HANDLE: u64 = 4;
const WAKER: u64 = 1 << 8;

/// What every task starts with, whatever its future.
#[repr(C)]
pub(super) struct Header {
    pub(super) next: Cell<*const Header>,
    kind: &'static Kind,
    state: Cell<u64>,
    joiner: UnsafeCell<Option<Waker>>,
}

impl Header {
    #[inline]
    pub(super) fn new(kind: &'static Kind) -> Self {
        Self {
            next: Cell::new(ptr::null()),
            kind,
            state: Cell::new(SCHEDULED | HANDLE),
            joiner: UnsafeCell::new(None),
        }
    }
}

/// What differs from one type of future to the next.
pub(super) struct Kind {
    poll: unsafe fn(*const Header),
    layout: Layout,
    output: usize,
}

impl Kind {
    /// What runs once, frees itself, and is neither woken nor joined.
    pub(super) const fn of_callback(run: unsafe fn(*const Header)) -> Self {
        Self { poll: run, layout: Layout::new::<()>(), output: 0 }
    }
}

#[repr(C)]
struct Task<F: Future> {
    header: Header,
    stage: UnsafeCell<Stage<F>>,
}

#[repr(C)]
union Stage<F: Future> {
    future: ManuallyDrop<F>,
    output: ManuallyDrop<F::Output>,
}

impl<F: Future> Task<F> {
    const KIND: Kind =
        Kind { poll: poll::<F>, layout: Layout::new::<Self>(), output: offset_of!(Self, stage) };
}

/// Puts a future on this thread's queue.
#[inline]
pub(crate) fn spawn<F: Future + 'static>(future: F) -> Join<F::Output> {
    let task = Box::new(Task {
        header: Header::new(&Task::<F>::KIND),
        stage: UnsafeCell::new(Stage { future: ManuallyDrop::new(future) }),
    });
    let task = Box::into_raw(task).cast::<Header>().cast_const();
    // SAFETY: the task is new, so alive and in no queue.
    unsafe { queue::push(task) };
    Join { task, output: PhantomData }
}

/// Polls a task that was taken from the queue.
///
/// # Safety
/// `task` came from `queue::pop` just now.
#[inline]
pub(super) unsafe fn run(task: *const Header) {
    // SAFETY: what was in the queue is alive, and `poll` was made for its type.
    unsafe { ((*task).kind.poll)(task) }
}

unsafe fn poll<F: Future>(task: *const Header) {
    // SAFETY: `run` vouches that the task is alive; it was made with `KIND` of this `F`.
    let cell = unsafe { &*task.cast::<Task<F>>() };
    let header = &cell.header;
    let state = header.state.get();
    header.state.set(state & !SCHEDULED);
    if state & DONE != 0 {
        // It woke itself and then completed.
        // SAFETY: nothing touches `cell` after this.
        unsafe { settle(task) };
        return;
    }
    // SAFETY: the vtable fits, and a borrowed waker that is never dropped needs no count.
    let waker = ManuallyDrop::new(unsafe { Waker::new(task.cast(), &VTABLE) });
    // SAFETY: not DONE, so the stage holds the future; it stays in its box until dropped below.
    let future = unsafe { Pin::new_unchecked(&mut *(*cell.stage.get()).future) };
    let Poll::Ready(output) = future.poll(&mut Context::from_waker(&waker)) else { return };
    // SAFETY: the future is dropped once, here, and its place is given to the output.
    unsafe {
        ManuallyDrop::drop(&mut (*cell.stage.get()).future);
        (*cell.stage.get()).output = ManuallyDrop::new(output);
    }
    let state = header.state.get();
    if state & HANDLE == 0 {
        // SAFETY: nobody is left to take the output.
        unsafe { ManuallyDrop::drop(&mut (*cell.stage.get()).output) };
    }
    header.state.set(state | DONE);
    // SAFETY: no other reference to the joiner exists; nothing touches `cell` after `settle`.
    unsafe {
        if let Some(joiner) = (*header.joiner.get()).take() {
            joiner.wake();
        }
        settle(task);
    }
}

/// Frees the task if nothing refers to it any more.
///
/// # Safety
/// `task` is alive, and the caller does not touch it afterwards.
#[inline]
unsafe fn settle(task: *const Header) {
    // SAFETY: alive says the caller; DONE alone says that no waker, queue or handle is left, and that the
    // joiner was taken.
    unsafe {
        if (*task).state.get() == DONE {
            std::alloc::dealloc(task.cast_mut().cast(), (*task).kind.layout);
        }
    }
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: a waker's task is alive.
    let state = unsafe { &(*data.cast::<Header>()).state };
    state.set(state.get() + WAKER);
    RawWaker::new(data, &VTABLE)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: passed on from the caller, once each.
    unsafe {
        wake_by_ref(data);
        drop_waker(data);
    }
}

unsafe fn wake_by_ref(data: *const ()) {
    let task = data.cast::<Header>();
    // SAFETY: a waker's task is alive.
    let state = unsafe { &(*task).state };
    if state.get() & (SCHEDULED | DONE) == 0 {
        state.set(state.get() | SCHEDULED);
        // SAFETY: it was not SCHEDULED, so it is not in the queue.
        unsafe { queue::push(task) };
    }
}

unsafe fn drop_waker(data: *const ()) {
    let task = data.cast::<Header>();
    // SAFETY: a waker's task is alive, and this waker is gone after the call.
    unsafe {
        (*task).state.set((*task).state.get() - WAKER);
        settle(task);
    }
}

/// Waits for a task's output.
pub(crate) struct Join<T> {
    task: *const Header,
    output: PhantomData<T>,
}

impl<T> Join<T> {
    /// Lets the task run on alone.
    pub(crate) fn detach(self) {
        // SAFETY: HANDLE, which this handle stands for, has kept the task alive.
        unsafe {
            (*self.task).state.set((*self.task).state.get() & !HANDLE);
            settle(self.task);
        }
    }
}

impl<T> Future for Join<T> {
    type Output = T;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        // SAFETY: HANDLE keeps the task alive until the output is taken; it is polled no more after that.
        unsafe {
            let task = self.task;
            let state = (*task).state.get();
            if state & DONE == 0 {
                let joiner = &mut *(*task).joiner.get();
                if !joiner.as_ref().is_some_and(|joiner| joiner.will_wake(cx.waker())) {
                    *joiner = Some(cx.waker().clone());
                }
                return Poll::Pending;
            }
            let output = task.byte_add((*task).kind.output).cast::<T>().read();
            (*task).state.set(state & !HANDLE);
            settle(task);
            Poll::Ready(output)
        }
    }
}
