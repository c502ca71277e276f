//! Servers: accepting connections, a task for each, and ending all that in good order.
//!
//! # How the parts fit
//!
//! ```text
//!   Builder ── serve(handler) ──► Server ──────────► State, on the loop's thread
//!                                   │ handle()         │ a listener for each address
//!                                   ▼                  │ a client for each connection: weak link, address, task
//!                              ServerHandle            ▼
//!                        (any thread; finds the    accept loop, a task for each listener
//!                         State by a number)           │ poll_accept, up to 32 in a row, as long as there is room
//!                                                      ▼
//!                                                  task of a connection: establish, then the handler
//! ```
//!
//! A handler owns its stream, and may give it away; yet the server has to reach it, to end its input or to
//! have it reset. So both share the [`Connection`], of which the server keeps a weak reference only: the
//! stream is closed when its handler drops it.

mod accept;
mod bind;
mod builder;
mod client;
mod connection;
mod handle;
mod host;
mod listener;
mod registry;
mod report;
#[cfg_attr(
    all(unix, not(any(target_os = "illumos", target_os = "solaris"))),
    path = "reuse_port_unix.rs"
)]
#[cfg_attr(
    not(all(unix, not(any(target_os = "illumos", target_os = "solaris")))),
    path = "reuse_port_other.rs"
)]
mod reuse_port;
mod serving;
mod state;
mod status;
#[cfg(unix)]
mod unix;
mod wait;
mod waiters;
#[cfg(windows)]
mod windows;

pub use self::builder::Builder;
pub use self::connection::Connection;
pub use self::handle::ServerHandle;
pub use self::host::Host;
pub use self::listener::Listener;
pub use self::report::CloseReport;
pub use self::serving::Server;
