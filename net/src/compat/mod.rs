//! Adapters to the traits of other crates, so that what is written for them runs on this loop.
//!
//! | module | feature | for |
//! |---|---|---|
//! | `compat::hyper` | `hyper` | the `hyper` crate and what stands on it: HTTP servers and clients, axum |
//! | `compat::tokio` | `tokio-io` | crates that read and write by the traits of the `tokio` crate; its runtime stays out |
//!
//! Crates that speak `futures-io` need no adapter: the sockets of this crate implement those traits.

#[cfg(feature = "hyper")]
pub mod hyper;
#[cfg(feature = "tokio-io")]
pub mod tokio;

mod forward;
mod scratch;

use self::forward::forward_writes;
