//! The owner's side of a loop that consists of an executor only, for loom's models.

use std::fmt;
use std::sync::Arc;

use crate::current::LoopId;
use crate::executor::panics::Payload;
use crate::executor::{Cold, Core, Executor, Kind, Particulars, TaskRef, Unpark};

#[derive(Debug)]
pub(crate) struct Shared;

/// No model has context variables.
#[derive(Debug, Clone)]
pub(crate) enum Context {}

pub(crate) fn snapshot() -> Option<Context> {
    None
}

pub(crate) fn install(_: Option<Context>) -> Option<Context> {
    None
}

pub(crate) struct Local {
    pub(crate) core: Arc<Core>,
    pub(crate) executor: Executor,
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local").finish_non_exhaustive()
    }
}

impl Local {
    #[cfg_attr(not(test), expect(dead_code, reason = "only models make one"))]
    pub(crate) fn new(unparker: Arc<dyn Unpark>) -> Local {
        let core = Core::new(LoopId::next(), unparker, Shared);
        Local { core, executor: Executor::new() }
    }

    pub(crate) fn manufacture<F: Future + 'static>(
        &self,
        future: F,
        _: &mut Particulars<'_>,
    ) -> Result<std::future::Pending<F::Output>, F> {
        Err(future)
    }

    pub(crate) fn enter_span(&self) {}

    pub(crate) fn report_task(&self, _: &Cold, _: Payload) {}

    pub(crate) fn report_callback(
        &self,
        _: Kind,
        _: &'static std::panic::Location<'static>,
        _: Payload,
    ) {
    }

    pub(crate) fn task_spawned(&self, _: &TaskRef) {}

    pub(crate) fn attend(&self) {}
}

/// No model is inspected.
pub(crate) struct Polling;

impl Polling {
    pub(crate) fn begin_within(_: &Local) -> Polling {
        Polling
    }

    pub(crate) fn end(self, _: &Local) {}
}

impl Core {
    pub(crate) fn report_task(&self, _: &Cold, _: Payload) {}
}
