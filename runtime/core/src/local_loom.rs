//! The owner's side of a loop that consists of an executor only, for loom's models.

use std::fmt;
use std::sync::Arc;

use crate::current::LoopId;
use crate::executor::{Core, Executor, Unpark};

#[derive(Debug)]
pub(crate) struct Shared;

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
}
