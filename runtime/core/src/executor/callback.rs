//! A closure of the user's that runs once, in the same queue as the tasks.
//!
//! ```text
//!   call_soon ──► SCHEDULED ───────────► run ──► READY, TAKEN ──► the closure ──► DONE ──► is_dead? ──► bury
//!   call_later ─► waits for its timer ──┘ │
//!                 (on the owned list)     │
//!   cancel, close ────────────────────────┴────► READY ──► the closure is dropped ──► DONE
//! ```
//!
//! A callback is cheaper than a task: there is no output, no joiner, and nothing to be polled again. What is
//! held by its handles, and by the wheel that it waits in, is a counted reference, as a waker is.
#![allow(unsafe_code)]

use std::alloc::Layout;
use std::cell::UnsafeCell;
use std::mem::{ManuallyDrop, offset_of};
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::ptr::NonNull;
use std::sync::Arc;
use std::task::Waker;

use crate::current;
use crate::executor::header::{CellPtr, Header, Kind, VTable};
use crate::executor::memory::{Class, allocate_anywhere};
use crate::executor::panics::contain_quietly;
use crate::executor::state::{ABORT, DONE, FRESH, ONE, READY, SCHEDULED, TAKEN, is_dead};
use crate::executor::{Core, Particulars, Special, close, life, mail, waker, word};
use crate::local::{Context, Local};

#[repr(C)]
struct CallbackCell<F, const TIMER: bool> {
    header: Header,
    closure: UnsafeCell<ManuallyDrop<F>>,
}

impl<F: FnOnce() + 'static, const TIMER: bool> CallbackCell<F, TIMER> {
    const VTABLE: VTable = VTable {
        kind: if TIMER { Kind::Timer } else { Kind::Callback },
        layout: Layout::new::<Self>(),
        class: Class::of(Layout::new::<Self>()),
        stage: offset_of!(Self, closure),
        run: run::<F, TIMER>,
        poll: run::<F, TIMER>,
        remake: remake::<F, TIMER>,
        refuse: refuse::<F, TIMER>,
        drop_value: drop_closure::<F, TIMER>,
    };

    /// # Safety
    ///
    /// `block` is unused memory with the layout of `Self`.
    #[inline(always)]
    unsafe fn write(block: NonNull<u8>, header: Header, closure: F) -> CellPtr {
        let cell = block.cast::<Self>().as_ptr();
        // SAFETY: by contract. `UnsafeCell` and `ManuallyDrop` are transparent.
        unsafe {
            (&raw mut (*cell).header).write(header);
            (&raw mut (*cell).closure).cast::<F>().write(closure);
        }
        block.cast()
    }

    /// Makes a callback on the owner's thread, with a count for its handle.
    #[inline(always)]
    fn create(
        local: &Local,
        closure: F,
        state: u64,
        location: &'static Location<'static>,
    ) -> CellPtr {
        let block = local.executor.memory.allocate(Self::VTABLE.class, Layout::new::<Self>());
        let header = Header::new(&Self::VTABLE, Arc::as_ptr(&local.core), state | ONE, 0, location);
        local.executor.count_live(1);
        // SAFETY: the block is fresh and laid out for this type.
        unsafe { Self::write(block, header, closure) }
    }
}

/// The callbacks of the owner's thread.
impl Local {
    /// Queues a closure behind everything that is ready.
    #[inline(always)]
    pub(crate) fn call_soon<F: FnOnce() + 'static>(
        &self,
        closure: F,
        location: &'static Location<'static>,
    ) -> CallbackRef {
        // Made before anything is asked, so that the closure goes straight to its place.
        let cell = CallbackCell::<F, false>::create(self, closure, SCHEDULED, location);
        if self.executor.special.any() {
            // SAFETY: new, and nobody else knows it. What comes back has a count for us.
            return CallbackRef { cell: unsafe { (cell.as_ref().vtable.remake)(cell, self) } };
        }
        // SAFETY: new, hence in no queue; it carries `SCHEDULED` since it was made.
        unsafe { self.executor.queue.push(cell) };
        CallbackRef { cell }
    }

    #[cold]
    #[inline(never)]
    fn call_soon_specially<F: FnOnce() + 'static>(
        &self,
        closure: F,
        particulars: Particulars<'_>,
    ) -> CallbackRef {
        if self.core.is_closed() {
            // SAFETY: closed, and a `Local` stays on its own thread.
            return unsafe { self.core.send_callback(closure, particulars) }.0;
        }
        let cell = CallbackCell::<F, false>::create(self, closure, SCHEDULED, particulars.location);
        let callback = CallbackRef { cell };
        // SAFETY: alive by the count of `callback`; only when it is neither cancelled nor anywhere else does
        // it go to the queue.
        unsafe {
            if self.prepare_callback(cell, particulars) {
                self.executor.queue.push(cell);
            } else {
                cell.as_ref().state.remove(SCHEDULED);
            }
        }
        callback
    }

    /// Makes a callback that `arm` gives a waker of, by which it is queued. If it does not, the callback is
    /// queued at once.
    #[inline(always)]
    pub(crate) fn call_when<F: FnOnce() + 'static>(
        &self,
        closure: F,
        location: &'static Location<'static>,
        arm: impl FnOnce(&Waker) -> bool,
    ) -> CallbackRef {
        if self.executor.special.any() && self.core.is_closed() {
            return self.call_soon_specially(closure, Particulars::new(location));
        }
        let cell = CallbackCell::<F, true>::create(self, closure, 0, location);
        let callback = CallbackRef { cell };
        // SAFETY: alive and new; it leaves the list when it is run or cancelled.
        unsafe { self.executor.owned.link(cell) };
        if self.executor.special.any() {
            let particulars = Particulars::new(location);
            // SAFETY: alive by the count of `callback`.
            if !unsafe { self.prepare_callback(cell, particulars) } {
                return callback;
            }
        }
        if !arm(&waker::borrowed(cell)) {
            // SAFETY: alive; not `SCHEDULED`, hence in no queue, unless `arm` woke it.
            unsafe { super::schedule(cell, self) };
        }
        callback
    }

    /// Does what there is to do for a new callback besides queueing it; `false` if the loop closes, and it is
    /// cancelled.
    ///
    /// # Safety
    ///
    /// Owner's thread; the cell is a new callback, kept alive by the caller.
    #[cold]
    #[inline(never)]
    unsafe fn prepare_callback(&self, cell: CellPtr, particulars: Particulars<'_>) -> bool {
        // SAFETY: by contract.
        unsafe {
            if particulars.context.is_some() {
                cell.as_ref().origin.set_particulars(None, particulars.context);
                self.executor.observe(Special::CONTEXT);
            }
            let closing = self.executor.special.is_closing();
            if closing {
                cancel_here(cell, self);
            }
            !closing
        }
    }
}

impl Core {
    /// Queues a closure from any thread; nothing if the loop is closed, and the closure is dropped.
    pub(crate) fn call_soon<F: FnOnce() + Send + 'static>(
        &self,
        closure: F,
        particulars: Particulars<'_>,
    ) -> Option<CallbackRef> {
        // SAFETY: the closure is `Send`.
        let (callback, accepted) = unsafe { self.send_callback(closure, particulars) };
        accepted.then_some(callback)
    }

    /// Makes a callback and sends it to the loop, which accepts it unless it is closed.
    ///
    /// # Safety
    ///
    /// The closure is `Send`, or the loop is closed and this is its own thread: there the closure is dropped
    /// at once.
    unsafe fn send_callback<F: FnOnce() + 'static>(
        &self,
        closure: F,
        particulars: Particulars<'_>,
    ) -> (CallbackRef, bool) {
        let block = allocate_anywhere(Layout::new::<CallbackCell<F, false>>());
        let vtable = &CallbackCell::<F, false>::VTABLE;
        let state = SCHEDULED | FRESH | ONE;
        let header = Header::new(vtable, self.pointer(), state, word::QUEUED, particulars.location);
        // SAFETY: the block is fresh and laid out for this type.
        let cell = unsafe { CallbackCell::<F, false>::write(block, header, closure) };
        let callback = CallbackRef { cell };
        if particulars.context.is_some() {
            callback.header().origin.set_particulars(None, particulars.context);
        }
        // SAFETY: new, its `QUEUED` bit ours; `self` is alive during the call.
        let accepted = unsafe { mail::submit(cell, self) };
        (callback, accepted)
    }
}

/// The closure of a cell.
#[inline(always)]
fn closure<F, const TIMER: bool>(cell: CellPtr) -> *mut ManuallyDrop<F> {
    let cell = cell.cast::<CallbackCell<F, TIMER>>().as_ptr();
    // SAFETY: only a field's address is computed, within the cell's allocation; `UnsafeCell` is transparent.
    unsafe { (&raw mut (*cell).closure).cast() }
}

/// Queues the closure of a new cell in the special way, and returns the cell in which it is then.
///
/// # Safety
///
/// Just made by [`CallbackCell::create`] for an `F`, and nobody has done anything with it.
#[cold]
unsafe fn remake<F: FnOnce() + 'static, const TIMER: bool>(
    cell: CellPtr,
    local: &Local,
) -> CellPtr {
    // SAFETY: by contract; the closure is moved out, and its place not used again.
    let (closure, location) = unsafe {
        let closure = ManuallyDrop::into_inner(closure::<F, TIMER>(cell).read());
        let location = cell.as_ref().origin.location();
        life::free(cell, local);
        (closure, location)
    };
    let callback = local.call_soon_specially(closure, Particulars::new(location));
    ManuallyDrop::new(callback).cell
}

/// Runs the closure, unless it has been cancelled.
///
/// # Safety
///
/// Owner's thread; the cell is alive, of this type, `SCHEDULED` but no longer in the queue. It may be gone
/// afterwards.
unsafe fn run<F: FnOnce() + 'static, const TIMER: bool>(cell: CellPtr, local: &Local) {
    // SAFETY: alive by contract.
    let header = unsafe { cell.as_ref() };
    let state = header.state.get() & !SCHEDULED;
    if state & (ABORT | READY) != 0 {
        header.state.set(state);
        // SAFETY: as for this function.
        unsafe { wind_up(cell, local) };
        return;
    }
    // From here on a cancellation comes too late; it must not touch the closure.
    header.state.set(state | READY | TAKEN);
    if TIMER {
        // SAFETY: on the list since it was made.
        unsafe { local.executor.owned.unlink(cell) };
    }
    // SAFETY: it was not `READY`, so the closure is there; it is moved out once.
    let closure = unsafe { ManuallyDrop::into_inner(closure::<F, TIMER>(cell).read()) };
    if let Err(payload) = catch_unwind(AssertUnwindSafe(closure)) {
        local.report_callback(header.vtable.kind, header.origin.location(), payload);
    }
    if header.state.get() == READY | TAKEN && header.word.look() == 0 && !header.origin.is_cold() {
        // The usual end: nobody else knows the callback. Of what type it is need not be looked up here.
        let vtable = &CallbackCell::<F, TIMER>::VTABLE;
        local.executor.count_live(-1);
        // SAFETY: no handle, no waker, on no list; it was allocated with this layout.
        unsafe { local.executor.memory.free(cell.cast(), vtable.class, &vtable.layout) };
        return;
    }
    header.state.insert(DONE);
    // SAFETY: alive until buried; owner's thread.
    unsafe {
        if is_dead(cell.as_ref().state.get()) {
            life::bury(cell, local);
        }
    }
}

/// Ends a callback that is not to be run.
///
/// # Safety
///
/// As for [`run`], with `SCHEDULED` cleared.
#[cold]
unsafe fn wind_up(cell: CellPtr, local: &Local) {
    // SAFETY: by contract. Not `DONE`, the cell stays alive; afterwards it may be dead.
    unsafe {
        if cell.as_ref().state.get() & READY == 0 {
            cancel_here(cell, local);
        }
        if is_dead(cell.as_ref().state.get()) {
            life::bury(cell, local);
        }
    }
}

/// Drops the closure of a callback that has neither run nor been cancelled. A cell in the run queue stays
/// there, and does nothing when its turn comes.
///
/// # Safety
///
/// Owner's thread, in a loop that runs or is being closed; the cell is a callback, not `READY`, and kept
/// alive by the caller.
#[cold]
pub(super) unsafe fn cancel_here(cell: CellPtr, local: &Local) {
    // SAFETY: by contract. Not `DONE`, the cell stays alive, whatever handles the closure drops; the loop is
    // not closed meanwhile, for it runs, or is being closed already.
    unsafe {
        cancel_as(READY, cell, local);
        cell.as_ref().state.insert(DONE);
    }
}

/// Drops the closure of a callback, once its state says so.
///
/// # Safety
///
/// As for [`cancel_here`]. With `DONE` in `settled`, a count of the caller's keeps the cell alive.
unsafe fn cancel_as(settled: u64, cell: CellPtr, local: &Local) {
    // SAFETY: by contract; a timer is on the list until it is `READY`.
    unsafe {
        let header = cell.as_ref();
        header.state.insert(settled);
        if header.vtable.kind == Kind::Timer {
            local.executor.owned.unlink(cell);
        }
        contain_quietly(|| (header.vtable.drop_value)(cell));
    }
}

/// # Safety
///
/// The closure is there, and nobody else touches it.
unsafe fn drop_closure<F, const TIMER: bool>(cell: CellPtr) {
    // SAFETY: by contract.
    unsafe { ManuallyDrop::drop(&mut *closure::<F, TIMER>(cell)) };
}

/// Ends a callback that its loop will not accept, on the thread that sent it or on the owner's.
///
/// # Safety
///
/// The cell is `FRESH` and of this type; the caller owns its `QUEUED` bit.
unsafe fn refuse<F, const TIMER: bool>(cell: CellPtr) {
    // SAFETY: by contract. Its handle may have been used on the owner's thread before the loop would have
    // accepted it, and has dropped the closure then.
    unsafe {
        if cell.as_ref().state.get() & READY == 0 {
            contain_quietly(|| drop_closure::<F, TIMER>(cell));
        }
        close::settle_refused(cell, 0);
    }
}

/// Gives the reference of a handle back without the loop being current.
///
/// One that was cancelled where it was current has not been declared dead, which takes a locked instruction.
/// So it is sent home by its handle whether or not it is; else nobody would hear of the last reference.
///
/// # Safety
///
/// The caller holds a reference and does not use it again.
#[cold]
unsafe fn drop_abroad(cell: CellPtr) {
    // SAFETY: alive by contract; if asked for, its `QUEUED` bit is ours.
    unsafe {
        let header = cell.as_ref();
        let settled = header.state.look() & READY != 0;
        let push = if settled { header.word.wake() } else { header.word.drop_ref() };
        mail::deliver(cell, push);
    }
}

/// A counted reference to a callback.
pub(crate) struct CallbackRef {
    cell: CellPtr,
}

// SAFETY: whatever it does on another thread than the owner's goes through `Word`.
unsafe impl Send for CallbackRef {}
// SAFETY: as above.
unsafe impl Sync for CallbackRef {}

impl CallbackRef {
    #[inline(always)]
    fn header(&self) -> &Header {
        // SAFETY: the count keeps the cell alive.
        unsafe { self.cell.as_ref() }
    }

    /// Drops the closure if it has not run: at once on the loop's own thread, from another one at the loop's
    /// next turn.
    pub(crate) fn cancel(&self) {
        // SAFETY: not kept beyond this function; afterwards it is not used again.
        match unsafe { current::owner(self.header().core) } {
            Some(local) => {
                if self.header().state.get() & READY == 0 {
                    // SAFETY: owner's thread; our count keeps the cell alive. The loop need not run, so the
                    // closure may close it when it is dropped: the last word on the cell's state is said
                    // before that.
                    unsafe { cancel_as(READY | DONE, self.cell, local) };
                }
            }
            None => {
                if self.header().state.look() & READY == 0 {
                    // SAFETY: alive by our count; if asked for, its `QUEUED` bit is ours.
                    unsafe { mail::deliver(self.cell, self.header().word.request(word::ABORT)) };
                }
            }
        }
    }

    /// Whether the closure was dropped without having run, or will be as far as one can tell.
    pub(crate) fn is_cancelled(&self) -> bool {
        // In this order: whoever takes our request out of the word, as a loop that closes does, has settled
        // the state before.
        let asked = abort_of(self.header().word.look());
        let state = self.header().state.look();
        match state & (READY | TAKEN) {
            0 => (state | asked) & ABORT != 0,
            settled => settled == READY,
        }
    }

    /// Whether the closure has run, runs, or was dropped.
    pub(crate) fn is_finished(&self) -> bool {
        self.header().state.look() & READY != 0
    }

    /// Where the callback was made.
    pub(crate) fn location(&self) -> &'static Location<'static> {
        self.header().origin.location()
    }

    /// The context variables with which it runs.
    pub(crate) fn context(&self) -> Option<Context> {
        self.header().origin.context()
    }
}

/// The request of another thread as the owner's flag.
fn abort_of(left: u64) -> u64 {
    if left & word::ABORT != 0 { ABORT } else { 0 }
}

impl Clone for CallbackRef {
    fn clone(&self) -> CallbackRef {
        // SAFETY: our own count keeps the cell alive.
        unsafe { waker::retain(self.cell) };
        CallbackRef { cell: self.cell }
    }
}

impl Drop for CallbackRef {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: not kept beyond this function; the count is ours and ends here.
        unsafe {
            match current::owner(self.header().core) {
                Some(local) => life::release(self.cell, local),
                None => drop_abroad(self.cell),
            }
        }
    }
}
