//! Looking into a loop: its tasks, what they wait for, who waits for them, and how it is doing.
//!
//! [`Handle::tasks`](crate::Handle::tasks), [`Handle::metrics`](crate::Handle::metrics) and
//! [`Handle::graph`](crate::Handle::graph) answer on the loop's own thread, at once;
//! [`Handle::snapshot`](crate::Handle::snapshot) answers everywhere, within a time limit.
//!
//! What a task waits for is read off what would wake it: the join handles, timers and sources that its waker
//! lies with. So it costs nothing as long as nobody looks, and it is what *will wake* the task: a wait that
//! was given up, as by a `select!` that went on with another branch, may still be listed until it is over.
//! What has no such place, such as a channel of a foreign crate, is [`Awaits::Unknown`], unless the program
//! gives it a name with [`task::awaiting`](crate::task::awaiting).
//!
//! What would cost the loop something is counted only while it is *inspected*:
//! [`Builder::inspect`](crate::Builder::inspect), [`Handle::set_inspect`](crate::Handle::set_inspect). That is
//! polls and their durations, of each task and of the loop, and waits behind wakers that are not of the loop,
//! as in a `FuturesUnordered`. Otherwise these figures are `None`, never a false zero.
//!
//! # Examples
//!
//! ```
//! use runtime::inspect::Awaits;
//!
//! runtime::run(async {
//!     let slow = runtime::task::Builder::new().name("slow").spawn(std::future::pending::<()>());
//!     let slow_id = slow.id();
//!     let waiting = runtime::task::Builder::new().name("waiting").spawn(slow);
//!     runtime::task::yield_now().await;
//!
//!     let tasks = runtime::Handle::current().tasks();
//!     let waiting = tasks.iter().find(|task| task.id == waiting.id()).unwrap();
//!     assert_eq!(waiting.name.as_deref(), Some("waiting"));
//!     assert_eq!(waiting.awaits, [Awaits::Task(slow_id)]);
//! });
//! ```

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
pub use snapshot::{GroupInfo, Snapshot, SnapshotError};
pub use task_info::{Awaits, TaskInfo, TaskState, Waiter};

pub(crate) use foreign::note_source;
pub(crate) use groups::{Members, show_group};
pub(crate) use hooks::Hooks;
pub(crate) use named::{Note, Role, note};
pub(crate) use polling::{Ending, Polling};
pub(crate) use record::{Inspection, begin_first_poll, end_first_poll, heed, set_inspect};
