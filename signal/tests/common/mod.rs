//! What several tests need.

#![allow(dead_code, missing_docs, unreachable_pub)]

pub mod program;
#[path = "../../../runtime/core/tests/support/selectors.rs"]
pub mod selectors;
pub mod sys;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Dispositions are the process's: tests that look at them, or share a kind, take turns.
pub fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}
