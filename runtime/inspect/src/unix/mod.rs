//! The socket, and what else needs Unix.

mod answers;
mod client;
mod client_threads;
mod connection;
mod convert;
mod dump_signal;
mod dump_to;
mod find;
mod hidden;
mod lines;
mod listening;
#[cfg_attr(any(target_os = "linux", target_os = "android"), path = "peer_linux.rs")]
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "peer_other.rs")]
mod peer;
mod place;
mod server;

pub use self::client::Client;
pub use self::dump_signal::{DumpOnSignal, dump_on_signal};
pub use self::dump_to::DumpTo;
pub use self::find::{Found, find, sweep};
pub use self::place::{directory, socket_of};
pub use self::server::{Server, ServerBuilder, serve, serve_if_asked};
