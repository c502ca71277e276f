//! asyncio's event loop, reborn in Rust: one thread, one reactor, one task executor.

pub use runtime_core::{
    Builder, Closed, EnterGuard, Handle, Runtime, ShutdownReport, TryCurrentError, blocking, reactor, run,
    spawn, spawn_blocking, task,
};

#[cfg(feature = "time")]
#[doc(inline)]
pub use runtime_core::time;

#[cfg(feature = "net")]
#[doc(inline)]
pub use runtime_net as net;

#[cfg(feature = "macros")]
pub use runtime_macros::{main, test};
