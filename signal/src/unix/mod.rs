//! Signals of Unix.
//!
//! ```text
//!                           ┌─► queue ──────────────────┐
//!   the system ──► handler ─┤   (ring.rs)               ▼
//!                (action.rs)└─► wire ──► a loop ──► registry ──► listeners of all loops ──► wakers
//!                               (bell.rs) (station.rs)  (registry.rs)  (listener.rs)
//! ```
//!
//! There is one queue in a process, and one wire, a descriptor that every loop with listeners watches. Whichever
//! looks first takes what is in the queue and tells all listeners, also those of other loops; so a loop that is
//! busy keeps no other from hearing, and the handler has one thing to do however many loops there are. Who asks
//! for a signal looks too, and then need not wait for a loop.

mod action;
mod bell;
mod ctrl_c;
mod entry;
#[cfg_attr(any(target_os = "linux", target_os = "android"), path = "home_linux.rs")]
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "home_other.rs")]
mod home;
mod info;
mod interrupt;
mod kind;
mod listener;
mod on;
mod registry;
mod ring;
mod signal;
mod slot;
mod station;
#[cfg_attr(any(target_os = "linux", target_os = "android"), path = "wire_eventfd.rs")]
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "wire_pipe.rs")]
mod wire;

/// What the handler shares with the rest is made of these; in a model, of something else.
mod atomic {
    pub(super) use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
}

pub use self::ctrl_c::ctrl_c;
pub use self::info::SignalInfo;
pub(crate) use self::interrupt::Interrupt;
pub use self::kind::SignalKind;
pub use self::on::{SignalGuard, on};
pub use self::signal::{Signal, signal};
