//! A counted reference to a task, as safe code may hold it.
#![allow(unsafe_code)]

use std::fmt;
use std::mem::ManuallyDrop;
use std::panic::Location;
use std::task::Waker;

use crate::current;
use crate::executor::cancellation::{Cancellation, Reason};
use crate::executor::header::{CellPtr, Header, Kind};
use crate::executor::origin::Cold;
use crate::executor::state::READY;
use crate::executor::{Priority, asking, waker};
use crate::local::Context as Variables;
use crate::spans;

/// A counted reference to a task, as a waker is.
pub(crate) struct TaskRef {
    cell: CellPtr,
}

// SAFETY: whatever it does on another thread than the owner's goes through `Word`.
unsafe impl Send for TaskRef {}
// SAFETY: as above.
unsafe impl Sync for TaskRef {}

impl TaskRef {
    /// # Safety
    ///
    /// The cell is alive.
    pub(super) unsafe fn new(cell: CellPtr) -> TaskRef {
        // SAFETY: by contract.
        unsafe { waker::retain(cell) };
        TaskRef { cell }
    }

    /// Gives the count up to whoever makes a reference of the cell again.
    pub(super) fn into_cell(self) -> CellPtr {
        ManuallyDrop::new(self).cell
    }

    /// # Safety
    ///
    /// The cell has a count for this reference, as [`into_cell`](TaskRef::into_cell) leaves one.
    pub(super) unsafe fn from_cell(cell: CellPtr) -> TaskRef {
        TaskRef { cell }
    }

    pub(super) fn header(&self) -> &Header {
        // SAFETY: the count keeps the cell alive.
        unsafe { self.cell.as_ref() }
    }

    pub(super) fn cell(&self) -> CellPtr {
        self.cell
    }

    /// What kind of cell it is.
    pub(crate) fn kind(&self) -> Kind {
        self.header().vtable.kind
    }

    /// Whether it is a task, rather than the main future or a callback.
    pub(crate) fn is_task(&self) -> bool {
        self.kind() == Kind::Task
    }

    /// The context variables with which it runs.
    pub(crate) fn context(&self) -> Option<Variables> {
        self.header().origin.context()
    }

    /// The span that it may have.
    #[cfg_attr(not(feature = "tracing"), allow(dead_code))]
    pub(crate) fn spans(&self) -> Option<&spans::Slot> {
        self.header().origin.existing().map(|cold| &cold.spans)
    }

    /// Changes the context variables with which it runs.
    pub(crate) fn set_context(&self, context: Option<Variables>) {
        self.header().origin.set_context(context);
    }

    /// Changes how urgent the task is: on the loop's own thread at once, from another one at the loop's next
    /// turn.
    pub(crate) fn set_priority(&self, priority: Priority) {
        // SAFETY: not kept beyond this function, and no user code is run.
        match unsafe { current::owner(self.header().core) } {
            // SAFETY: owner's thread; the count keeps the cell alive.
            Some(local) => unsafe { local.executor.set_priority(self.cell, priority) },
            None => self.send_priority(priority),
        }
    }

    #[cold]
    fn send_priority(&self, priority: Priority) {
        let task = self.clone();
        // SAFETY: a live cell keeps its `Core`, and the clone keeps the cell.
        let core = unsafe { &*self.header().core };
        core.post(move |_| task.set_priority(priority));
    }

    /// Asks that the future be dropped at the next turn.
    pub(crate) fn abort(&self) {
        // SAFETY: the count keeps the cell alive.
        unsafe { asking::abort(self.cell) };
    }

    /// Asks the task to end, unless it has been asked before and `first_only` is set; `false` if it has ended.
    pub(crate) fn cancel(&self, reason: impl FnOnce() -> Reason, first_only: bool) -> bool {
        // SAFETY: the count keeps the cell alive.
        unsafe { asking::cancel(self.cell, reason, first_only) }
    }

    /// Asks that the future be dropped at the next turn; but not before it has been polled for what the task
    /// is asked.
    pub(crate) fn abort_when_asked(&self) {
        if !self.cancellation().end_after_poll() {
            self.abort();
        }
    }

    /// Has the task look once more at what it is asked.
    pub(crate) fn ask_anew(&self) {
        // SAFETY: the count keeps the cell alive.
        unsafe { asking::ask(self.cell) };
    }

    /// What the task is asked, if it is asked to end; made if need be.
    pub(crate) fn cancellation(&self) -> &Cancellation {
        &self.header().origin.cold().cancellation
    }

    /// The same, if it is there.
    pub(crate) fn existing_cancellation(&self) -> Option<&Cancellation> {
        self.header().origin.existing().map(|cold| &cold.cancellation)
    }

    /// Whether a waker wakes this very task, or main future.
    pub(crate) fn is_woken_by(&self, waker: &Waker) -> bool {
        waker::cell_of(waker) == Some(self.cell)
    }

    /// Whether the outcome is settled.
    pub(crate) fn is_finished(&self) -> bool {
        self.header().state.look() & READY != 0
    }

    /// The cold part of the task.
    pub(crate) fn cold(&self) -> &Cold {
        self.header().origin.cold()
    }

    /// Where the task was spawned.
    pub(crate) fn location(&self) -> &'static Location<'static> {
        self.header().origin.location()
    }
}

impl Clone for TaskRef {
    fn clone(&self) -> TaskRef {
        // SAFETY: our own count keeps the cell alive.
        unsafe { TaskRef::new(self.cell) }
    }
}

impl Drop for TaskRef {
    fn drop(&mut self) {
        // SAFETY: the count is ours and ends here.
        unsafe { waker::discard(self.cell) };
    }
}

impl fmt::Debug for TaskRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskRef").field("finished", &self.is_finished()).finish()
    }
}
