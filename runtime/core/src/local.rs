//! Everything that one loop consists of, split by who may touch it.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::sync::Arc;
use std::task::Waker;

use crate::blocking::Gate;
use crate::current::LoopId;
use crate::debug::DebugMode;
use crate::exceptions::Exceptions;
use crate::executor::{Core, Executor};
use crate::reactor::{Reactor, Spin};
use crate::storage::Storage;
use crate::time::{Clock, Timers};

/// What any thread may use of a loop, besides its inbox.
pub(crate) struct Shared {
    pub(crate) blocking: Gate,
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
    /// Cells run before the loop looks at reactor and timers again.
    pub(crate) event_interval: u32,
    pub(crate) debug: DebugMode,
    /// Whether something has been sent since the last wait, to which a reply may come soon.
    pub(crate) expects_reply: Cell<bool>,
    /// Blocking jobs that tasks wait for.
    pub(crate) blocking_jobs: Cell<usize>,
    /// Wakers on their way from reactor and timers to their tasks; kept for its memory.
    pub(crate) wakers: Cell<Vec<Waker>>,
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local").field("id", &self.id).finish_non_exhaustive()
    }
}
