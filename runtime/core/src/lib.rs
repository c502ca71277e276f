//! The core of `runtime`: one thread, one reactor, one task executor.
//!
//! Applications depend on the `runtime` crate, which re-exports everything here under the same names. Authors
//! of libraries that bring their own kind of I/O may depend on this crate alone: [`reactor`] is the door for
//! them.

#[cfg(not(loom))]
pub mod blocking;
#[cfg(not(loom))]
mod builder;
#[cfg(not(loom))]
pub mod callback;
#[cfg(not(loom))]
pub mod context;
#[cfg_attr(loom, allow(dead_code))]
mod current;
#[cfg(not(loom))]
mod debug;
#[cfg(not(loom))]
mod embed;
#[cfg(all(unix, not(loom)))]
mod embed_fd;
#[cfg(not(loom))]
mod errors;
#[cfg(not(loom))]
mod exceptions;
#[cfg_attr(loom, allow(dead_code, unreachable_pub))]
mod executor;
#[cfg(not(loom))]
pub mod group;
#[cfg(not(loom))]
mod handle;
#[cfg(not(loom))]
pub mod inspect;
#[cfg_attr(loom, path = "local_loom.rs")]
mod local;
#[cfg(not(loom))]
mod log;
#[cfg(not(loom))]
mod observe;
#[cfg_attr(loom, allow(dead_code))]
mod outside;
#[cfg(not(loom))]
pub mod policy;
#[cfg_attr(loom, path = "reactor/models.rs", allow(dead_code, unreachable_pub))]
pub mod reactor;
#[cfg(not(loom))]
mod runtime;
#[cfg(all(feature = "test-util", not(loom)))]
pub mod seed;
#[cfg(not(loom))]
mod session;
#[cfg(not(loom))]
mod shutdown;
#[cfg_attr(any(loom, not(feature = "tracing")), path = "spans/off.rs", allow(dead_code))]
mod spans;
#[cfg(not(loom))]
mod storage;
mod sync;
#[cfg_attr(loom, path = "task/id.rs")]
pub mod task;
#[cfg(not(loom))]
pub mod time;
#[cfg(not(loom))]
mod turn;
#[cfg(not(loom))]
mod watch;
#[cfg(not(loom))]
pub mod watchdog;

#[cfg(not(loom))]
pub use exports::*;

#[cfg(not(loom))]
mod exports {
    pub use crate::builder::Builder;
    pub use crate::errors::{CloseError, Closed, Stopped};
    pub use crate::exceptions::{
        CallbackKind, CallbackSource, ExceptionContext, TaskSource, UnhandledPanic,
        default_exception_handler,
    };
    pub use crate::group::LoopGroup;
    pub use crate::handle::{Handle, TryCurrentError};
    pub use crate::runtime::{EnterGuard, Runtime, run};
    pub use crate::shutdown::{LeftTask, ShutdownOptions, ShutdownReport};
    pub use crate::task::{spawn, spawn_blocking};
}
