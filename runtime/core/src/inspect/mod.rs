#![doc = include_str!("inspect.md")]
//!
//! [`Handle::tasks`]: crate::Handle::tasks
//! [`Handle::metrics`]: crate::Handle::metrics
//! [`Handle::graph`]: crate::Handle::graph
//! [`Handle::snapshot`]: crate::Handle::snapshot
//! [`Handle::observe`]: crate::Handle::observe
//! [`Handle::current_poll`]: crate::Handle::current_poll
//! [`Handle::set_inspect`]: crate::Handle::set_inspect
//! [`Builder::inspect`]: crate::Builder::inspect
//! [`task::awaiting`]: crate::task::awaiting
//! [`task::holding`]: crate::task::holding
//! [`task::scope`]: crate::task::scope()

mod collect;
mod foreign;
mod graph;
mod groups;
mod histogram;
mod hooks;
#[cfg(feature = "inspect")]
mod json;
mod loops;
mod metrics;
mod named;
mod observation;
mod polling;
mod record;
mod snapshot;
mod switch;
mod task_info;

#[doc(no_inline)]
pub use crate::reactor::Direction;
pub use graph::{Cycle, Graph, Node, NodeKind};
pub use histogram::Histogram;
pub use hooks::TaskMeta;
pub use loops::{OpenLoop, loops};
pub use metrics::Metrics;
pub use observation::Observation;
pub use snapshot::{GroupInfo, Snapshot, SnapshotError};
pub use task_info::{Awaits, TaskInfo, TaskState, Waiter};

pub(crate) use foreign::note_source;
pub(crate) use groups::{Members, show_group};
pub(crate) use hooks::Hooks;
pub(crate) use named::{Note, Role, note};
pub(crate) use polling::{Ending, Polling};
use record::add_observers;
pub(crate) use record::{Inspection, begin_first_poll, end_first_poll, heed, set_inspect};
