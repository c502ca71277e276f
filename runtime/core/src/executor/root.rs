//! The future given to `block_on`: it lives on the caller's stack, and a permanent cell stands in for it.
//!
//! Its wakers may outlive the call, so the cell belongs to the loop and is used again by the next call;
//! a late waker of an earlier future then costs one needless poll. The cell goes through the run queue as any
//! task does, and waking it from the loop's own thread never touches the reactor.
#![allow(unsafe_code)]

use std::alloc::Layout;
use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::panic::Location;
use std::pin::Pin;
use std::ptr::NonNull;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::executor::header::{CellPtr, Header, Kind, VTable, as_it_is};
use crate::executor::memory::{Class, allocate_anywhere};
use crate::executor::special::Open;
use crate::executor::state::{HANDLE, SCHEDULED};
use crate::executor::{Executor, waker};
use crate::local::Local;

static VTABLE: VTable = VTable {
    kind: Kind::Root,
    layout: Layout::new::<Header>(),
    class: Class::of(Layout::new::<Header>()),
    stage: size_of::<Header>(),
    run,
    poll: run,
    remake: as_it_is,
    refuse: nothing,
    drop_value: nothing,
};

/// Makes the root cell of a loop. `HANDLE` is the loop's own claim on it.
pub(super) fn install(local: &Local) {
    let cell = allocate_anywhere(VTABLE.layout).cast::<Header>();
    let core = Arc::as_ptr(&local.core);
    // SAFETY: fresh memory of the right layout.
    unsafe { cell.write(Header::new(&VTABLE, core, HANDLE, 0, Location::caller())) };
    local.executor.adopt();
    local.executor.root.set(Some(cell));
}

/// What the root cell polls: a future on the stack of `block_on`.
#[derive(Clone, Copy)]
pub(super) struct RootFuture {
    slot: NonNull<()>,
    poll: unsafe fn(NonNull<()>, CellPtr),
}

struct Slot<'a, F: Future> {
    future: Pin<&'a mut F>,
    output: Option<F::Output>,
    done: &'a Cell<bool>,
    executor: &'a Executor,
}

/// Notes that no cell is being run when it is dropped, at the end of whatever runs cells.
pub(crate) struct Resting<'a>(&'a Executor);

impl<'a> Resting<'a> {
    #[inline(always)]
    pub(crate) fn after(executor: &'a Executor) -> Resting<'a> {
        Resting(executor)
    }
}

impl Drop for Resting<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        self.0.rest();
    }
}

/// Polls `future` once, and then, whenever it is woken, inside `turns`, which has to return once `done` is
/// set, and the loop told to leave (or on its own account, then there is no output).
#[inline(always)]
pub(crate) fn drive<F: Future>(
    local: &Local,
    open: Open,
    mut future: Pin<&mut F>,
    turns: impl FnOnce(&Cell<bool>),
) -> Option<F::Output> {
    let executor = &local.executor;
    executor.current.set(executor.root.get());
    executor.refill_budget();
    // The guards take budget and pointers away again, also when a panic of the future unwinds through here.
    let _resting = Resting::after(executor);
    let waker = root_waker(local, open);
    if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
        return Some(output);
    }
    attend(local, future, turns)
}

/// The same, but the first poll, too, is one of a pass, after everything that is ready already.
pub(crate) fn drive_in_passes<F: Future>(
    local: &Local,
    open: Open,
    future: Pin<&mut F>,
    turns: impl FnOnce(&Cell<bool>),
) -> Option<F::Output> {
    let _resting = Resting::after(&local.executor);
    root_waker(local, open).wake_by_ref();
    attend(local, future, turns)
}

/// Polls `future` whenever the root is woken, inside `turns`.
#[inline(always)]
fn attend<F: Future>(
    local: &Local,
    future: Pin<&mut F>,
    turns: impl FnOnce(&Cell<bool>),
) -> Option<F::Output> {
    let executor = &local.executor;
    struct Driving<'a>(&'a Executor);
    impl Drop for Driving<'_> {
        #[inline(always)]
        fn drop(&mut self) {
            self.0.root_future.set(None);
        }
    }
    let done = Cell::new(false);
    let mut slot = Slot { future, output: None, done: &done, executor };
    let root = RootFuture { slot: NonNull::from(&mut slot).cast(), poll: poll::<F> };
    let driving = Driving(executor);
    executor.root_future.set(Some(root));
    turns(&done);
    drop(driving);
    // SAFETY: `root` is not reachable any more; the pointer made from `slot` is used in place of `slot` so
    // that it stays valid until here.
    unsafe { root.slot.cast::<Slot<'_, F>>().as_mut().output.take() }
}

/// The root's waker, borrowed from its cell.
#[inline(always)]
fn root_waker(local: &Local, _: Open) -> ManuallyDrop<Waker> {
    // SAFETY: close alone takes the root out, and the loop is `Open`.
    waker::borrowed(unsafe { local.executor.root.get().unwrap_unchecked() })
}

/// # Safety
///
/// `slot` points to a `Slot<F>` that is alive and not borrowed, and `root` is the loop's root cell.
unsafe fn poll<F: Future>(slot: NonNull<()>, root: CellPtr) {
    // SAFETY: by contract. The lifetime is that of the call.
    let slot = unsafe { slot.cast::<Slot<'_, F>>().as_mut() };
    if slot.output.is_none() {
        let waker = waker::borrowed(root);
        if let Poll::Ready(output) = slot.future.as_mut().poll(&mut Context::from_waker(&waker)) {
            slot.output = Some(output);
            slot.done.set(true);
            slot.executor.leave();
        }
    }
}

/// The `run` of the root cell.
///
/// # Safety
///
/// As for any `run`.
unsafe fn run(cell: CellPtr, local: &Local) {
    // SAFETY: alive by contract.
    unsafe { cell.as_ref() }.state.remove(SCHEDULED);
    if let Some(root) = local.executor.root_future.get() {
        // SAFETY: installed means alive; loops do not nest, so the slot is not borrowed.
        unsafe { (root.poll)(root.slot, cell) };
    }
}

/// # Safety
///
/// None needed.
unsafe fn nothing(_: CellPtr) {}
