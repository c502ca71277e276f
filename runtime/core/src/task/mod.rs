//! Tasks: spawning them, awaiting them, cancelling and aborting them.
//!
//! A task is a future that the loop polls on its own, next to the others. [`spawn`] starts one and returns a
//! [`JoinHandle`], a future of its output. Tasks run on the loop's thread and need not be `Send`; join and
//! abort handles are, as far as the output allows.
//!
//! ```
//! use std::rc::Rc;
//!
//! runtime::run(async {
//!     let words = Rc::new(vec!["one", "thread"]);
//!     let counting = runtime::spawn({
//!         let words = words.clone();
//!         async move { words.len() }
//!     });
//!     assert_eq!(counting.await.unwrap(), 2);
//! });
//! ```
//!
//! How tasks and futures are ended, what that costs, and what is lost: [`cancel_safety`].

mod abort;
mod awaiting;
mod builder;
mod cancel;
pub mod cancel_safety;
pub mod coop;
mod current;
mod eager;
mod error;
pub(crate) mod factory;
mod grace;
pub mod group;
mod id;
mod join;
pub mod join_set;
mod listening;
mod local;
mod scope;
mod shield;
mod spawn;
mod until_cancelled;
mod yield_now;

pub use crate::executor::Priority;
pub use abort::{AbortHandle, AbortOnDropHandle};
pub use awaiting::{Awaiting, Holding, awaiting, holding};
pub use builder::Builder;
pub use cancel::{Cancelled, cancelled, cancelling, is_cancelling, uncancel};
pub use current::{CurrentTask, current};
pub use eager::spawn_eager;
pub use error::JoinError;
pub use factory::{NewTask, TaskFactory, TaskFuture};
pub use group::{ChildError, GroupError, TaskGroup};
pub use id::Id;
pub use join::JoinHandle;
pub use join_set::JoinSet;
pub use scope::{Scope, ScopedJoin, TryScope, scope, try_scope};
pub use shield::{Shield, shield};
pub(crate) use spawn::{expect_current, expect_current_and};
pub use spawn::{id, run_in, spawn, spawn_blocking, try_id};
pub use until_cancelled::{RunUntilCancelled, run_until_cancelled};
pub use yield_now::{YieldNow, yield_now};
