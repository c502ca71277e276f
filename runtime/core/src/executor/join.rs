//! The right to a task's output, as safe code may hold it.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::panic::Location;
use std::task::{Context, Poll, Waker};

use crate::current::{self, LoopId};
use crate::executor::cancellation::Reason;
use crate::executor::header::{CellPtr, Header, stage};
use crate::executor::origin::Cold;
use crate::executor::panics::{Payload, contain_quietly};
use crate::executor::state::{
    HANDLE, JOB, JOIN_WAKER, NOTED, PANIC, READY, TAKEN, VALUE, is_dead, is_only_held,
};
use crate::executor::task_ref::TaskRef;
use crate::executor::word;
use crate::executor::{Priority, asking, life, mail, noted, waker};
use crate::local::{Context as Variables, Local};

/// Why there is no output.
#[derive(Debug)]
pub(crate) enum Failure {
    Cancelled,
    Panicked(Payload),
}

/// Wakes the task, so that it comes back with a full budget.
#[cold]
fn out_of_budget<T>(context: &Context<'_>) -> Poll<T> {
    context.waker().wake_by_ref();
    Poll::Pending
}

/// The right to a task's output: the `HANDLE` bit of its cell.
pub(crate) struct JoinCell<T> {
    cell: CellPtr,
    output: PhantomData<T>,
}

// SAFETY: on another thread than the owner's, everything goes through `Word`, the `Mutex` of the cold
// part, and, for the output, the release of `READY`; the output itself is a `T: Send`.
unsafe impl<T: Send> Send for JoinCell<T> {}
// SAFETY: as above; a shared reference gives no access to the output.
unsafe impl<T: Send> Sync for JoinCell<T> {}

impl<T> JoinCell<T> {
    /// # Safety
    ///
    /// The cell's `HANDLE` bit is set and nobody else's, and its output is a `T`.
    #[inline(always)]
    pub(super) unsafe fn new(cell: CellPtr) -> JoinCell<T> {
        JoinCell { cell, output: PhantomData }
    }

    /// The cell, with its `HANDLE` bit.
    pub(super) fn into_cell(self) -> CellPtr {
        ManuallyDrop::new(self).cell
    }

    #[inline(always)]
    fn header(&self) -> &Header {
        // SAFETY: `HANDLE` keeps the cell alive.
        unsafe { self.cell.as_ref() }
    }

    /// Takes the outcome, or leaves the waker.
    #[inline(always)]
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<T, Failure>> {
        // SAFETY: not kept beyond this function, which leaves no loop.
        match unsafe { current::owner(self.header().core) } {
            Some(local) => self.poll_here(context, local),
            None => self.poll_abroad(context),
        }
    }

    #[inline(always)]
    fn poll_here(&mut self, context: &mut Context<'_>, local: &Local) -> Poll<Result<T, Failure>> {
        let header = self.header();
        let state = header.state.get();
        if state & READY == 0 {
            if self.leave_waker_here(state, context.waker()) {
                return Poll::Pending;
            }
            // Code of the waker's has run: whose turn it is has to be asked again.
            return self.poll_again(context);
        }
        if !local.executor.spend() {
            return out_of_budget(context);
        }
        let state = header.state.get();
        header.state.set(state & !(VALUE | PANIC) | TAKEN);
        let state = if header.word.is_taken() { TAKEN } else { state };
        // SAFETY: ready; the flags were cleared, so the output is taken once.
        Poll::Ready(unsafe { self.take(state) })
    }

    #[cold]
    #[inline(never)]
    fn poll_again(&mut self, context: &mut Context<'_>) -> Poll<Result<T, Failure>> {
        self.poll(context)
    }

    /// Leaves a waker on the owner's thread; `false` if the task became ready meanwhile.
    #[inline(always)]
    fn leave_waker_here(&self, state: u64, waker: &Waker) -> bool {
        let header = self.header();
        if state & JOIN_WAKER == 0 {
            if let Some(waker) = waker::clone_ours(waker, header.core) {
                header.state.set(header.state.get() | JOIN_WAKER);
                // SAFETY: owner's thread; the flag said that the slot is empty.
                unsafe { (*header.join_waker.get()).write(waker) };
                return true;
            }
        }
        self.leave_any_waker_here(waker)
    }

    #[cold]
    #[inline(never)]
    fn leave_any_waker_here(&self, waker: &Waker) -> bool {
        if self.header().state.get() & NOTED != 0 {
            return self.leave_noted_waker(waker);
        }
        self.leave_foreign_waker(waker)
    }

    /// Leaves a waker with a task that inspection counts. Apart, so that others need no more of the stack for
    /// it.
    #[cold]
    #[inline(never)]
    fn leave_noted_waker(&self, waker: &Waker) -> bool {
        // SAFETY: `HANDLE` keeps the cell alive.
        unsafe { noted::note_waiter(self.cell) };
        self.leave_foreign_waker(waker)
    }

    #[inline(always)]
    fn leave_foreign_waker(&self, waker: &Waker) -> bool {
        let header = self.header();
        let slot = header.join_waker.get();
        if header.state.get() & JOIN_WAKER != 0 {
            // SAFETY: owner's thread; the slot is full, and nothing replaces the waker while we look.
            if unsafe { (*slot).assume_init_ref() }.will_wake(waker) {
                return true;
            }
        }
        let waker = waker.clone();
        // The clone may be user code that drove the loop: look again.
        let state = header.state.get();
        if state & READY != 0 {
            return false;
        }
        if state & JOIN_WAKER == 0 {
            header.state.set(state | JOIN_WAKER);
            // SAFETY: owner's thread; the flag said that the slot is empty.
            unsafe { (*slot).write(waker) };
        } else {
            // SAFETY: owner's thread; the flag says that the slot is full. The new waker is in before the old
            // is dropped.
            drop(unsafe { std::mem::replace((*slot).assume_init_mut(), waker) });
        }
        true
    }

    #[cold]
    fn poll_abroad(&mut self, context: &mut Context<'_>) -> Poll<Result<T, Failure>> {
        if self.leave_waker_abroad(context.waker()) {
            return Poll::Pending;
        }
        let header = self.header();
        let state = if header.word.is_taken() { TAKEN } else { header.state.look() };
        header.word.note_taken();
        // SAFETY: ready, seen with acquire; `TAKEN` was not set before, and `&mut self` excludes others.
        Poll::Ready(unsafe { self.take(state) })
    }

    /// Leaves a waker on another thread than the owner's; `false` if the task is ready.
    fn leave_waker_abroad(&self, waker: &Waker) -> bool {
        let header = self.header();
        if header.state.look() & READY != 0 {
            return false;
        }
        self.leave_waker(waker);
        // The loop takes the waker under the lock after it has set READY: if it came before us, we see READY.
        if header.state.look() & READY != 0 {
            return false;
        }
        // SAFETY: the cell is alive and, if asked for, its `QUEUED` bit is ours.
        unsafe { mail::deliver(self.cell, header.word.request(word::JOIN)) };
        // A closed loop settles everything before it refuses a push.
        header.state.look() & READY == 0
    }

    /// Has a waker that is not ours woken at the end of the task; `false` if it has ended. Nobody is said to
    /// await the task by that, see [`note_waiter`](JoinCell::note_waiter).
    pub(crate) fn wake_at_end(&self, waker: &Waker) -> bool {
        let header = self.header();
        // SAFETY: not kept.
        match unsafe { current::owner(header.core) } {
            Some(_) if header.state.get() & READY != 0 => false,
            Some(_) => self.leave_foreign_waker(waker),
            None => self.leave_waker_abroad(waker),
        }
    }

    /// Whether inspection counts the task.
    pub(crate) fn is_noted(&self) -> bool {
        self.header().state.look() & NOTED != 0
    }

    /// Notes, for inspection, that whatever is being polled awaits the task.
    pub(crate) fn note_waiter(&self) {
        // SAFETY: `HANDLE` keeps the cell alive.
        unsafe { noted::note_waiter(self.cell) };
    }

    /// Gives up the `HANDLE` bit where the loop is not current.
    ///
    /// Only for its drop. The claim is left to whoever drains the cell, or settles it after close. The latter
    /// may be on any thread, even if the claim was made before close: a waker abroad may have set `QUEUED`
    /// and be late with its push. So an output that is bound to its thread must not be left with the claim.
    /// Its handle is bound too: this is then the loop's own thread.
    #[cold]
    fn drop_abroad(&self) {
        let header = self.header();
        // SAFETY: a live cell keeps its `Core`.
        let core = unsafe { &*header.core };
        let (home, closed) = (core.is_at_home(), core.is_closed());
        if home && !closed && !self.is_finished() {
            // SAFETY: owner's thread; unfinished; the claim on `HANDLE` is ours.
            unsafe { life::detach_unfinished(self.cell) };
            return;
        }
        if home || closed {
            self.drop_output_abroad();
        }
        // SAFETY: the cell is alive and, if asked for, its `QUEUED` bit is ours; `HANDLE` passes on with it.
        unsafe { mail::deliver(self.cell, header.word.request(word::DETACH)) };
    }

    /// Drops the output of a finished task, if it is still there.
    fn drop_output_abroad(&self) {
        let header = self.header();
        let state = header.state.look();
        if state & (VALUE | PANIC) != 0 && !header.word.is_taken() {
            header.word.note_taken();
            // SAFETY: ready, seen with acquire; not taken before, and the handle is being dropped.
            match unsafe { self.take(state) } {
                Err(Failure::Panicked(payload)) => life::report(header, payload),
                output => contain_quietly(|| drop(output)),
            }
        }
    }

    fn leave_waker(&self, waker: &Waker) {
        let joiner = &self.header().origin.cold().joiner;
        let present = joiner.lock().take();
        let new = match present {
            Some(present) if present.will_wake(waker) => present,
            _ => waker.clone(),
        };
        let replaced = joiner.lock().replace(new);
        drop(replaced);
    }

    /// # Safety
    ///
    /// The task is ready, `state` says with what, and nobody takes it again.
    #[inline(always)]
    unsafe fn take(&self, state: u64) -> Result<T, Failure> {
        if state & VALUE != 0 {
            // SAFETY: the stage holds a value, which is a `T`.
            Ok(unsafe { stage(self.cell).cast::<T>().read() })
        } else if state & PANIC != 0 {
            // SAFETY: the stage holds a payload.
            Err(Failure::Panicked(unsafe { life::take_panic(self.cell) }))
        } else if state & TAKEN != 0 {
            polled_again()
        } else {
            Err(Failure::Cancelled)
        }
    }

    /// Asks that the future be dropped at the next turn.
    pub(crate) fn abort(&self) {
        // SAFETY: `HANDLE` keeps the cell alive.
        unsafe { asking::abort(self.cell) };
    }

    /// Asks the task to end, unless it has been asked before and `first_only` is set; `false` if it has ended.
    pub(crate) fn cancel(&self, reason: impl FnOnce() -> Reason, first_only: bool) -> bool {
        // SAFETY: `HANDLE` keeps the cell alive.
        unsafe { asking::cancel(self.cell, reason, first_only) }
    }

    /// Why the task was asked to end, if it was.
    pub(crate) fn cancel_reason(&self) -> Option<Reason> {
        self.header().origin.existing().and_then(|cold| cold.cancellation.reason())
    }

    /// Whether the outcome is settled.
    pub(crate) fn is_finished(&self) -> bool {
        self.header().state.look() & READY != 0
    }

    /// The loop that the task belongs to.
    pub(crate) fn home(&self) -> LoopId {
        // SAFETY: a live cell keeps its `Core`.
        unsafe { &*self.header().core }.id
    }

    /// The cold part of the task.
    pub(crate) fn cold(&self) -> &Cold {
        self.header().origin.cold()
    }

    /// Where the task was spawned.
    pub(crate) fn location(&self) -> &'static Location<'static> {
        self.header().origin.location()
    }

    /// Says more of the task, before anybody else sees it.
    pub(super) fn set_particulars(&self, name: Option<&str>, context: Option<Variables>) {
        self.header().origin.set_particulars(name.map(Box::from), context);
    }

    /// Notes, before anybody else sees the task, that it waits for a blocking job.
    pub(super) fn mark_as_job(&self) {
        self.header().state.insert(JOB);
    }

    /// How urgent the task is.
    pub(crate) fn priority(&self) -> Priority {
        Priority::of(self.header().state.look())
    }

    /// Another reference to the task.
    pub(crate) fn task_ref(&self) -> TaskRef {
        // SAFETY: `HANDLE` keeps the cell alive meanwhile.
        unsafe { TaskRef::new(self.cell) }
    }
}

#[cold]
fn polled_again() -> ! {
    panic!("JoinHandle polled after completion")
}

impl<T> Drop for JoinCell<T> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: `HANDLE` is ours until here. Abroad, the request hands it to whoever drains or settles the
        // cell.
        unsafe {
            let header = self.cell.as_ref();
            match current::owner(header.core) {
                Some(local) => drop_here(self.cell, local),
                None => self.drop_abroad(),
            }
        }
    }
}

/// # Safety
///
/// Owner's thread; the caller gives up the cell's `HANDLE` bit.
#[inline(always)]
unsafe fn drop_here(cell: CellPtr, local: &Local) {
    // SAFETY: by contract; `HANDLE` kept the cell alive.
    unsafe {
        let header = cell.as_ref();
        if is_only_held(header.state.get()) && header.word.look() == 0 {
            // The usual end: joined, and nobody else knows the task.
            life::free(cell, local);
        } else {
            drop_slowly(cell);
        }
    }
}

/// # Safety
///
/// As for [`drop_here`].
#[cold]
#[inline(never)]
unsafe fn drop_slowly(cell: CellPtr) {
    // SAFETY: by contract; `HANDLE` keeps the cell alive until it is cleared or handed over.
    unsafe {
        let header = cell.as_ref();
        if header.word.is_taken() {
            header.state.remove(VALUE | PANIC);
        }
        life::empty(cell);
        // That was user code, which may have closed the loop.
        match current::owner(header.core) {
            Some(local) => {
                header.state.remove(HANDLE);
                if is_dead(header.state.get()) {
                    life::bury(cell, local);
                }
            }
            None => mail::deliver(cell, header.word.request(word::DETACH)),
        }
    }
}
