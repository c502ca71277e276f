//! Keeps those who reap whatever child they find apart from those who count on a child's being there.
//!
//! Who spawns, signals or reaps a certain child *holds* the gate open, any number of them at once. A *sweep*,
//! which reaps all children that have ended, has it closed. Sweeps do not wait: one that finds the gate held
//! leaves word, and whoever lets go of it sweeps then. Those who hold it wait for a sweep, which is a few
//! system calls that do not wait for anything.

use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::{RwLock, RwLockReadGuard};

use super::panics::Panics;
use super::sweeping;

/// Shared by those who hold it open. Nobody ever waits to have it alone, so it can be held twice by one
/// thread.
static GATE: RwLock<()> = RwLock::new(());
/// Whether somebody wanted to sweep and could not.
static MISSED: AtomicBool = AtomicBool::new(false);

/// The gate, held open.
#[must_use]
pub(crate) struct Hold(Option<RwLockReadGuard<'static, ()>>);

/// Holds the gate open.
pub(crate) fn hold() -> Hold {
    Hold(Some(GATE.read()))
}

impl Drop for Hold {
    fn drop(&mut self) {
        drop(self.0.take());
        // Sequentially consistent, as the store in `sweep`: either we see that somebody has missed us, or
        // they see that we are gone.
        if MISSED.load(Ordering::SeqCst) {
            // This may be dropped while another panic passes. The hook has told of the one of a waker.
            let _ = Panics::default().contain(sweep);
        }
    }
}

/// Reaps all children that have ended, now or when nobody holds the gate open any more.
///
/// # Panics
///
/// If a waker does, after all the others were called.
pub(super) fn sweep() {
    let mut panics = Panics::default();
    MISSED.store(true, Ordering::SeqCst);
    while MISSED.load(Ordering::SeqCst) {
        let Some(closed) = GATE.try_write() else { break };
        MISSED.store(false, Ordering::SeqCst);
        let wakers = sweeping::reap_all();
        drop(closed);
        for waker in wakers {
            panics.contain(|| waker.wake());
        }
    }
    panics.resume();
}
