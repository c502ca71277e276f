//! Signals of Unix.
//!
//! ```text
//!   the system ──► handler ──► pipe ──► a loop: dispatch ──► listeners of all loops ──► wakers
//!                 (action.rs)                 (registry.rs)       (listener.rs)
//! ```
//!
//! There is one pipe in a process, and every loop that has listeners watches it (`station.rs`). Whichever
//! looks first takes what is in it and tells all listeners, also those of other loops; so a loop that is busy
//! keeps no other from hearing, and the handler has one thing to do however many loops there are.

mod action;
mod cancel;
mod ctrl_c;
mod info;
mod kind;
mod listener;
mod on;
mod registry;
mod signal;
mod slot;
mod station;

/// What `slot.rs` is made of; in a model, something else.
mod atomic {
    pub(super) use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
}

pub use self::cancel::run_until_ctrl_c;
pub use self::ctrl_c::ctrl_c;
pub use self::info::SignalInfo;
pub use self::kind::SignalKind;
pub use self::on::{SignalGuard, on};
pub use self::signal::{Signal, signal};
