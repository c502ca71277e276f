//! Callbacks from other threads: a vector behind a mutex, and the loop's own way to be woken.

use std::{
    mem,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

type Function = Box<dyn FnOnce() + Send>;

static FUNCTIONS: Mutex<Vec<Function>> = Mutex::new(Vec::new());

/// Whether the vector may have any: what the loop reads before it takes the lock. One loop a process.
static FILLED: AtomicBool = AtomicBool::new(false);

/// Adds a function; the caller wakes the loop.
pub(super) fn push(function: impl FnOnce() + Send + 'static) {
    FUNCTIONS.lock().unwrap().push(Box::new(function));
    FILLED.store(true, Ordering::SeqCst);
}

/// Whether there is something to run.
pub(super) fn is_filled() -> bool {
    FILLED.load(Ordering::SeqCst)
}

/// Runs what is there, outside the lock.
pub(super) fn run() {
    if FILLED.swap(false, Ordering::SeqCst) {
        let functions = mem::take(&mut *FUNCTIONS.lock().unwrap());
        for function in functions {
            function();
        }
    }
}
