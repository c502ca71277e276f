//! The part of a task that knows its future's type: making it, polling it, keeping its output.
#![allow(unsafe_code)]

use std::alloc::Layout;
use std::cell::UnsafeCell;
use std::mem::{ManuallyDrop, offset_of};
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll};

use crate::executor::Core;
use crate::executor::header::{CellPtr, Header, Kind, VTable};
use crate::executor::memory::{Class, allocate_anywhere};
use crate::executor::panics::{Payload, contain, contain_quietly};
use crate::executor::state::{
    ABANDONED, ABORT, CANCEL, FRESH, HANDLE, PANIC, READY, SCHEDULED, VALUE, is_dead,
};
use crate::executor::{Particulars, asking, close, life, proxy, traced, waker, word};
use crate::local::Local;

/// A task in one allocation.
#[repr(C)]
pub(super) struct TaskCell<F: Future> {
    header: Header,
    stage: UnsafeCell<Stage<F>>,
}

/// First the future, then what came of it; the flags in `State` say which.
union Stage<F: Future> {
    future: ManuallyDrop<F>,
    value: ManuallyDrop<F::Output>,
    /// Boxed twice, so that a task without a future's worth of bytes still holds it in one word.
    panic: ManuallyDrop<Box<Payload>>,
}

impl<F: Future + 'static> TaskCell<F> {
    pub(super) const VTABLE: VTable = VTable {
        kind: Kind::Task,
        layout: Layout::new::<TaskCell<F>>(),
        class: Class::of(Layout::new::<TaskCell<F>>()),
        stage: offset_of!(TaskCell<F>, stage),
        run: run::<F>,
        poll: run::<F>,
        remake: remake::<F>,
        refuse: refuse::<F>,
        drop_value: drop_value::<F>,
    };

    /// For a cell that another task's poll polls.
    const PROXIED: VTable = VTable { kind: Kind::Proxied, run: proxy::run, ..Self::VTABLE };

    /// Makes a task on the owner's thread and links it; it still has to be scheduled.
    #[inline(always)]
    pub(super) fn create(
        local: &Local,
        future: F,
        location: &'static Location<'static>,
    ) -> CellPtr {
        let block =
            local.executor.memory.allocate(Self::VTABLE.class, Layout::new::<TaskCell<F>>());
        let core = std::sync::Arc::as_ptr(&local.core);
        let header = Header::new(&Self::VTABLE, core, SCHEDULED | HANDLE, 0, location);
        // SAFETY: the block is fresh and laid out for this type.
        let cell = unsafe { Self::write(block, header, future) };
        local.executor.count_live(1);
        // SAFETY: the cell is alive and new; `complete` unlinks it.
        unsafe { local.executor.owned.link(cell) };
        cell
    }

    /// Makes a task for [`Proxy`](proxy::Proxy) and links it; it is not to be scheduled.
    pub(super) fn create_proxied(
        local: &Local,
        future: F,
        location: &'static Location<'static>,
    ) -> CellPtr {
        let block =
            local.executor.memory.allocate(Self::VTABLE.class, Layout::new::<TaskCell<F>>());
        let core = std::sync::Arc::as_ptr(&local.core);
        let header = Header::new(&Self::PROXIED, core, HANDLE, 0, location);
        // SAFETY: the block is fresh and laid out for this type.
        let cell = unsafe { Self::write(block, header, future) };
        local.executor.count_live(1);
        // SAFETY: the cell is alive and new; `complete` unlinks it.
        unsafe { local.executor.owned.link(cell) };
        cell
    }

    /// Makes a task on any thread, to be pushed onto the inbox by the caller, who owns its `QUEUED` bit.
    pub(super) fn create_anywhere(
        core: *const Core,
        future: F,
        location: &'static Location<'static>,
    ) -> CellPtr {
        let block = allocate_anywhere(Layout::new::<TaskCell<F>>());
        let state = SCHEDULED | HANDLE | FRESH;
        let header = Header::new(&Self::VTABLE, core, state, word::QUEUED, location);
        // SAFETY: the block is fresh and laid out for this type.
        unsafe { Self::write(block, header, future) }
    }

    /// # Safety
    ///
    /// `block` is unused memory with the layout of `Self`.
    #[inline(always)]
    unsafe fn write(block: NonNull<u8>, header: Header, future: F) -> CellPtr {
        let cell = block.cast::<TaskCell<F>>().as_ptr();
        // SAFETY: by contract. The parts are written one by one so that a large future is moved once.
        unsafe {
            (&raw mut (*cell).header).write(header);
            (&raw mut (*cell).stage).cast::<F>().write(future);
        }
        block.cast()
    }
}

/// The stage of a cell whose future is an `F`.
#[inline(always)]
fn stage<F: Future>(cell: CellPtr) -> *mut Stage<F> {
    let cell = cell.cast::<TaskCell<F>>().as_ptr();
    // SAFETY: only a field's address is computed, within the cell's allocation; `UnsafeCell` is transparent.
    unsafe { (&raw mut (*cell).stage).cast() }
}

/// Spawns the future of a new cell in the special way, and returns the cell in which it is then.
///
/// # Safety
///
/// Just made by [`TaskCell::create`] for an `F`, and nobody has done anything with it.
#[cold]
unsafe fn remake<F: Future + 'static>(cell: CellPtr, local: &Local) -> CellPtr {
    // SAFETY: by contract. The future has not been polled, so it may be moved; its place is not used again.
    let (future, location) = unsafe {
        let future = stage::<F>(cell).cast::<F>().read();
        let location = cell.as_ref().origin.location();
        local.executor.owned.unlink(cell);
        life::free(cell, local);
        (future, location)
    };
    local.spawn_specially(future, Particulars::new(location)).into_cell()
}

/// Polls the task once, or drops its future if it was aborted, or asked in vain to end. A task that is `READY`
/// already has woken itself in its last poll: then this is merely the place where it may be buried.
///
/// # Safety
///
/// Owner's thread; the cell is alive, a `TaskCell<F>`, `SCHEDULED` but no longer in the queue. It may be gone
/// afterwards.
unsafe fn run<F: Future>(cell: CellPtr, local: &Local) {
    // SAFETY: alive by contract.
    let header = unsafe { cell.as_ref() };
    let state = header.state.get() & !SCHEDULED;
    header.state.set(state);
    let mut vtable = &waker::VTABLE;
    if state & (ABORT | CANCEL | READY | traced::MARK) != 0 {
        if state & (ABORT | CANCEL | READY) != 0 {
            // SAFETY: as for this function.
            unsafe { wind_up::<F>(cell, local) };
            return;
        }
        vtable = &traced::VTABLE;
    }
    let waker = waker::borrowed_by(cell, vtable);
    let mut context = Context::from_waker(&waker);
    let stage = stage::<F>(cell);
    let polled = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: not `READY`, so the stage holds the future. It stays where it is until it is dropped there.
        let future = unsafe { Pin::new_unchecked(&mut *(*stage).future) };
        future.poll(&mut context)
    }));
    match polled {
        Ok(Poll::Pending) => {}
        Ok(Poll::Ready(value)) => {
            // SAFETY: the future is dropped once, here, and its place taken by the value; then not touched
            // again.
            unsafe {
                drop_future::<F>(stage);
                (&raw mut (*stage).value).write(ManuallyDrop::new(value));
                life::complete(cell, local, READY | VALUE);
            }
        }
        // SAFETY: as above, with the payload for the value.
        Err(payload) => unsafe {
            drop_future::<F>(stage);
            (&raw mut (*stage).panic).write(ManuallyDrop::new(Box::new(payload)));
            life::complete(cell, local, READY | PANIC);
        },
    }
}

/// Runs a cell that is not merely to be polled.
///
/// # Safety
///
/// As for [`run`], with `SCHEDULED` cleared.
#[cold]
unsafe fn wind_up<F: Future>(cell: CellPtr, local: &Local) {
    // SAFETY: by contract; a `READY` stage holds no future, and is left alone.
    unsafe {
        let state = cell.as_ref().state.get();
        if state & (READY | ABORT) == 0 {
            asking::deliver(cell, local);
        } else if state & READY == 0 {
            cancel::<F>(cell, local);
        } else if is_dead(state) {
            life::bury(cell, local);
        }
    }
}

/// Drops the future and settles the task as cancelled, or as panicked if the drop panicked.
///
/// # Safety
///
/// As for [`run`].
#[cold]
unsafe fn cancel<F: Future>(cell: CellPtr, local: &Local) {
    // SAFETY: by contract; the stage holds the future until here.
    unsafe {
        cell.as_ref().state.insert(ABANDONED);
        let outcome = abandon::<F>(cell);
        life::complete(cell, local, READY | outcome);
    }
}

/// Drops the future of a task that will not be polled again; returns what the stage holds now.
///
/// # Safety
///
/// The cell is a `TaskCell<F>` with a future in it, which nobody else touches.
unsafe fn abandon<F: Future>(cell: CellPtr) -> u64 {
    let stage = stage::<F>(cell);
    // SAFETY: the future is dropped once; the payload, if any, takes its place.
    unsafe {
        match contain(|| ManuallyDrop::drop(&mut (*stage).future)) {
            Ok(()) => 0,
            Err(payload) => {
                (&raw mut (*stage).panic).write(ManuallyDrop::new(Box::new(payload)));
                PANIC
            }
        }
    }
}

/// Drops the future of a task that has its outcome. A panic in there is reported by the panic hook and
/// goes no further: the outcome stands.
///
/// # Safety
///
/// The stage holds a future that nobody else touches.
#[inline(always)]
unsafe fn drop_future<F: Future>(stage: *mut Stage<F>) {
    if std::mem::needs_drop::<F>() {
        // SAFETY: by contract.
        contain_quietly(|| unsafe { ManuallyDrop::drop(&mut (*stage).future) });
    }
}

/// Settles a task that its loop will not accept, on the thread that wanted to spawn it or on the owner's.
///
/// # Safety
///
/// The cell is `FRESH` and a `TaskCell<F>`; the caller owns its `QUEUED` bit.
unsafe fn refuse<F: Future>(cell: CellPtr) {
    // SAFETY: by contract.
    unsafe {
        let outcome = abandon::<F>(cell);
        close::settle_refused(cell, outcome);
    }
}

/// # Safety
///
/// The stage holds a value, which nobody else touches.
unsafe fn drop_value<F: Future>(cell: CellPtr) {
    // SAFETY: by contract.
    unsafe { ManuallyDrop::drop(&mut (*stage::<F>(cell)).value) };
}
