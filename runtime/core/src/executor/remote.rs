//! What every thread may use of a loop.
#![allow(unsafe_code)]

use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Weak};

use crate::current::{self, LoopId, ThreadNumber};
use crate::executor::cell::TaskCell;
use crate::executor::inbox::Inbox;
use crate::executor::{JoinCell, Lazy, Priority, Unpark, job, mail};
use crate::local::{Context, Local, Shared, snapshot};

/// What every thread may use of a loop. Kept alive by the loop, by handles, and after close by the cells that
/// are still referenced.
pub(crate) struct Core {
    /// Itself, by a pointer that may be used to count references.
    this: Weak<Core>,
    pub(crate) id: LoopId,
    pub(super) inbox: Inbox,
    pub(super) unparker: Arc<dyn Unpark>,
    /// The thread that made the loop, the only one that it runs on.
    thread: ThreadNumber,
    pub(crate) shared: Shared,
}

impl Core {
    pub(crate) fn new(id: LoopId, unparker: Arc<dyn Unpark>, shared: Shared) -> Arc<Core> {
        let thread = current::this_thread();
        Arc::new_cyclic(|this| Core {
            this: this.clone(),
            id,
            inbox: Inbox::new(),
            unparker,
            thread,
            shared,
        })
    }

    /// What a cell points to: cells count references to their loop, which a pointer made of `self` may not.
    pub(super) fn pointer(&self) -> *const Core {
        self.this.as_ptr()
    }

    /// Whether this is the loop's own thread, whatever loop is current on it.
    pub(crate) fn is_at_home(&self) -> bool {
        self.thread == current::this_thread()
    }

    /// Whether the loop is closed.
    pub(crate) fn is_closed(&self) -> bool {
        self.inbox.is_closed()
    }

    /// Runs `job` on the loop's own thread at the start of its next turn; gives `false` and drops it if the
    /// loop is closed.
    pub(crate) fn post(&self, job: impl FnOnce(&Local) + Send + 'static) -> bool {
        let cell = job::create(self.pointer(), job);
        // SAFETY: new, with its `QUEUED` bit ours; `self` is alive during the call.
        unsafe { mail::submit(cell, self) }
    }

    /// Spawns a task from any thread.
    pub(crate) fn spawn<F>(&self, future: F, particulars: Particulars<'_>) -> JoinCell<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        // SAFETY: the future is `Send`.
        unsafe { self.send_task(future, particulars) }
    }

    /// Spawns a task from any thread, whose future `create` makes on the loop's own.
    pub(crate) fn spawn_lazily<C, F>(
        &self,
        create: C,
        particulars: Particulars<'_>,
    ) -> JoinCell<F::Output>
    where
        C: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        // SAFETY: until it is polled there is only `create`, which is `Send`.
        unsafe { self.send_task(Lazy::new(create), particulars) }
    }

    /// Makes a task and sends it to the loop.
    ///
    /// # Safety
    ///
    /// The future is `Send` as long as it has not been polled, and its output is `Send`; or the loop is
    /// closed and this is its own thread: there the future is dropped at once.
    pub(super) unsafe fn send_task<F: Future + 'static>(
        &self,
        future: F,
        particulars: Particulars<'_>,
    ) -> JoinCell<F::Output> {
        let Particulars { location, name, context, job, priority, eager: _ } = particulars;
        let cell = TaskCell::create_anywhere(self.pointer(), future, location);
        // SAFETY: new, its `HANDLE` bit nobody else's, its output an `F::Output`. The handle keeps the cell
        // alive.
        let join = unsafe { JoinCell::new(cell) };
        if name.is_some() || context.is_some() || priority != Priority::Normal {
            join.set_particulars(name, context);
            // SAFETY: new, and nobody else knows it.
            unsafe { cell.as_ref() }.state.insert(priority.flags());
        }
        if job {
            join.mark_as_job();
        }
        // SAFETY: its `QUEUED` bit is ours. If the loop is closed, the join handle hears of a cancellation.
        unsafe { mail::submit(cell, self) };
        join
    }
}

/// What may be known of a task or callback besides what it does.
#[derive(Debug, Clone)]
pub(crate) struct Particulars<'a> {
    pub(crate) location: &'static Location<'static>,
    pub(crate) name: Option<&'a str>,
    /// The context variables that it begins with.
    pub(crate) context: Option<Context>,
    /// Whether all that it does is to wait for a blocking job.
    pub(crate) job: bool,
    pub(crate) priority: Priority,
    /// Whether it is polled where it is spawned, if that is on the loop's own thread.
    pub(crate) eager: bool,
}

impl Particulars<'_> {
    /// No name, and the context variables of whoever asks.
    pub(crate) fn new(location: &'static Location<'static>) -> Self {
        Particulars {
            location,
            name: None,
            context: snapshot(),
            priority: Priority::Normal,
            eager: false,
            job: false,
        }
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").field("id", &self.id).field("closed", &self.is_closed()).finish()
    }
}
