//! Context variables: values that follow the flow of a program instead of its arguments.
//!
//! A request id for the log, the user on whose behalf something is done, a deadline: things that a whole tree
//! of calls, tasks and callbacks ought to know, and that no function on the way should have to pass on. A
//! variable is declared with [`context_var!`](crate::context_var), and has a value in each [`Context`]. At
//! any time one context is current on a thread.
//!
//! ```
//! runtime::context_var! {
//!     /// The request that is being served.
//!     static REQUEST: u64 = 0;
//! }
//!
//! runtime::run(async {
//!     let serving = [1, 2].map(|number| {
//!         runtime::spawn(async move {
//!             REQUEST.set(number);
//!             // A task begins with the variables of the task that spawned it.
//!             let helper = runtime::spawn(async { format!("helping with {}", REQUEST.get()) });
//!             helper.await.unwrap()
//!         })
//!     });
//!     let [one, two] = serving;
//!     assert_eq!(one.await.unwrap(), "helping with 1");
//!     assert_eq!(two.await.unwrap(), "helping with 2");
//!     assert_eq!(REQUEST.get(), 0, "what the tasks set is theirs");
//! });
//! ```
//!
//! # What holds
//!
//! - A task, a callback, a timer and a blocking job begin with the context that was current where they were
//!   created, on whatever thread that was. So does the future given to `block_on`, each time that it is run:
//!   one that is stopped and [run again](crate::Runtime::run_until) begins again with the context of the
//!   thread. ([`Context::scope`] keeps it together.)
//! - What a task sets it finds again after each await. Nobody else sees it: not the siblings, not the one who
//!   spawned it, and not the thread after `block_on` has returned. Who is spawned afterwards begins with it.
//! - The same holds for a future in [`ContextVar::scope`] or [`Context::scope`], and for a closure in
//!   [`Context::run`].
//! - A task's future is dropped with the task's context. A value is dropped when the last context that has it
//!   is: by whoever let go of it last, so its destructor had better not ask what is set.
//! - Contexts are immutable and share their values, so taking one is counting a reference. Setting a variable
//!   copies a list of references, one for each variable that is set.
//! - A program that sets no variable pays nothing: its tasks have no context, and nothing is allocated.
//!
//! # Coming from Python and tokio
//!
//! The model is that of Python's `contextvars` (PEP 567): a variable's `get`, `set` and `reset`, a task that
//! copies the context when it is created. A Python context is a dictionary that `Context.run` changes for
//! good; a [`Context`] here is a snapshot that never changes, so any number of threads may run in it at once.
//!
//! Where tokio has `task_local!`, whose values a spawned task does not see, [`ContextVar::scope`] and
//! [`ContextVar::sync_scope`] do the same, and what is spawned inside inherits.

mod declare;
mod scope;
mod section;
mod snapshot;
mod thread;
mod variable;

pub use scope::Scope;
pub use snapshot::Context;
pub use variable::{ContextVar, Token};

pub(crate) use section::{Section, run_alone};
pub(crate) use thread::{install, snapshot};
