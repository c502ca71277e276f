//! Work that blocks its thread, run away from the loop.
//!
//! The loop has one thread: a call on it that blocks, or computes for long, stops every task.
//! [`spawn_blocking`](crate::task::spawn_blocking) hands such a call to an [`Executor`], by default a
//! [`Pool`] of threads started on demand, and returns a join handle like any other.
//!
//! What holds for every job, whatever the executor:
//!
//! - It runs once, or its join says why not. A thread that can not be started, an executor that is shut
//!   down or that loses the job: each is an error of the join, and none a hang.
//! - It is dropped unrun if its task is aborted before it starts. Once started it can not be stopped,
//!   only asked to end: an abort stops waiting for it, and sets its [`CancellationToken`].
//! - A panic in it becomes `JoinError::is_panic` and harms neither the thread nor the pool.
//! - It carries the place in the source that spawned it; a shutdown names those that are stuck.

mod cancel;
mod executor;
mod gate;
mod job;
mod pool;
mod report;
mod runtime;
mod slot;
mod spawn;
mod task;
#[cfg(test)]
mod tests;

pub use cancel::CancellationToken;
pub use executor::Executor;
pub use job::Job;
pub use pool::{Pool, PoolConfig};
pub use report::{Report, StuckJob};

pub(crate) use gate::Gate;
pub(crate) use job::Origin;
pub(crate) use slot::NotRun;
pub(crate) use spawn::run_attentively;
