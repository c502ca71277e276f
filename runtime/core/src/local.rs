//! Everything that one loop consists of, split by who may touch it.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::Location;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::task::Waker;

use crate::blocking::Gate;
use crate::current::LoopId;
use crate::debug::DebugMode;
use crate::exceptions::{self, CallbackKind, ExceptionContext, Exceptions, TaskSource};
use crate::executor::panics::Payload;
use crate::executor::{Cold, Core, Executor, Kind, RunAt, Special};
use crate::inspect::Inspection;
pub(crate) use crate::inspect::Polling;
use crate::reactor::{Reactor, Spin};
use crate::spans::{Entered, MainSpan};
use crate::storage::Storage;
use crate::task::factory::Factory;
use crate::time::{Clock, Timers};
use crate::watch::{Pass, Watch};
use crate::watchdog::Settings;
use crate::watchdog::post::Post;

pub(crate) use crate::context::{Context, install, snapshot};

/// What any thread may use of a loop, besides its inbox.
pub(crate) struct Shared {
    pub(crate) blocking: Gate,
    /// Whether the loop has a task factory.
    pub(crate) manufactures: AtomicBool,
    /// Which poll the loop is in, once somebody wants to know.
    pub(crate) post: OnceLock<Arc<Post>>,
    /// Where the loop is being run, if it is.
    pub(crate) run_at: RunAt,
}

impl Shared {
    pub(crate) fn new(blocking: Gate) -> Shared {
        Shared {
            blocking,
            manufactures: AtomicBool::new(false),
            post: OnceLock::new(),
            run_at: RunAt::default(),
        }
    }
}

/// What only the loop's own thread uses.
pub(crate) struct Local {
    pub(crate) id: LoopId,
    pub(crate) core: Arc<Core>,
    pub(crate) executor: Executor,
    pub(crate) timers: Timers,
    pub(crate) clock: Clock,
    pub(crate) reactor: Reactor,
    pub(crate) exceptions: Exceptions,
    pub(crate) storage: Storage,
    pub(crate) spin: RefCell<Spin>,
    pub(crate) factory: Factory,
    /// Cells run before the loop looks at reactor and timers again.
    pub(crate) event_interval: u32,
    pub(crate) debug: DebugMode,
    pub(crate) inspection: Inspection,
    /// Whether the loop has been told to stop, and nobody has obeyed yet.
    pub(crate) stopping: Cell<bool>,
    /// Why the loop is to end by a panic after the pass.
    pub(crate) doom: Cell<Option<String>>,
    /// The context variables of the thread while the loop runs, where each cell has its own.
    pub(crate) base_context: Cell<Option<Context>>,
    /// The first poll of the main future, which is not part of a pass.
    pub(crate) first_poll: Cell<Option<Watch>>,
    /// The span of the main future.
    pub(crate) spans: MainSpan,
    /// The pass that is being run, in debug mode.
    pub(crate) pass: Cell<Option<Pass>>,
    /// Whether something has been sent since the last wait, to which a reply may come soon.
    pub(crate) expects_reply: Cell<bool>,
    /// Blocking jobs that tasks wait for.
    pub(crate) blocking_jobs: Cell<usize>,
    /// Wakers on their way from reactor and timers to their tasks; kept for its memory.
    pub(crate) wakers: Cell<Vec<Waker>>,
    /// How the loop is watched, or would be.
    pub(crate) watchdog: Cell<Option<Box<Settings>>>,
}

/// What the executor has to tell the rest of the loop, of which it knows nothing else.
impl Local {
    /// Has the loop stop after the pass.
    pub(crate) fn stop(&self) {
        self.stopping.set(true);
        self.executor.leave();
    }

    /// Enters the span of a task, the current one, that is polled where it is spawned.
    #[cold]
    pub(crate) fn enter_span(&self) -> Entered<'_> {
        Entered::begin(self, self.executor.running().as_ref())
    }

    /// Hears of a task's panic that nobody will ever ask for.
    #[cold]
    pub(crate) fn report_task(&self, task: &Cold, payload: Payload) {
        if let Some(failure) = task_failure(task, payload) {
            exceptions::report(self, failure);
        }
    }

    /// Hears of a callback's panic.
    #[cold]
    pub(crate) fn report_callback(
        &self,
        kind: Kind,
        location: &'static Location<'static>,
        payload: Payload,
    ) {
        let kind = match kind {
            Kind::Timer => CallbackKind::CallLater,
            _ => CallbackKind::CallSoon,
        };
        // It still is what the callback has left.
        let variables = snapshot();
        exceptions::report(self, ExceptionContext::of_callback(kind, location, variables, payload));
    }

    /// Hears that the running code has set a context variable.
    #[cold]
    pub(crate) fn context_changed(&self) {
        if let Some(running) = self.executor.running() {
            running.set_context(snapshot());
        }
        self.executor.observe(Special::CONTEXT);
    }
}

impl Core {
    /// Hears, on any thread, of a task's panic that nobody will ever ask for.
    #[cold]
    pub(crate) fn report_task(&self, task: &Cold, payload: Payload) {
        if let Some(failure) = task_failure(task, payload) {
            exceptions::send(self, failure);
        }
    }
}

fn task_failure(task: &Cold, payload: Payload) -> Option<ExceptionContext> {
    let source = TaskSource::new(task.id, task.name.as_deref(), task.location);
    ExceptionContext::of_task(source, task.context(), payload)
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local").field("id", &self.id).finish_non_exhaustive()
    }
}
