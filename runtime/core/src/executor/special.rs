//! What makes a loop leave its straight path.
//!
//! One byte that is zero nearly always, so that a spawn, or the end of a `block_on`, asks one question
//! instead of several.

use std::cell::Cell;

/// The reasons for an exception.
#[derive(Debug)]
pub(crate) struct Special(Cell<u8>);

impl Special {
    /// The loop closes, or is closed: what is spawned is dropped at once.
    pub(crate) const CLOSING: u8 = 1 << 0;
    /// A task factory has a say in each spawn.
    pub(crate) const FACTORY: u8 = 1 << 1;
    /// Context variables are in use: each cell has to be run with its own.
    pub(crate) const CONTEXT: u8 = 1 << 2;
    /// Debug mode is on: each cell is timed.
    pub(crate) const DEBUG: u8 = 1 << 3;
    /// A subscriber of `tracing` wants to see tasks: each has a span.
    pub(crate) const TRACING: u8 = 1 << 7;

    /// A watchdog has to know which cell is being run, and since when.
    pub(crate) const WATCHDOG: u8 = 1 << 4;

    /// The reasons to run cells under observation.
    const OBSERVED: u8 = Special::CONTEXT
        | Special::DEBUG
        | Special::ORDER
        | Special::TRACING
        | Special::WATCHDOG
        | Special::INSPECT;

    /// Cells are run in another order than first in, first out.
    pub(crate) const ORDER: u8 = 1 << 6;

    /// The loop is inspected, or has hooks: somebody wants to know of each cell.
    pub(crate) const INSPECT: u8 = 1 << 5;

    pub(super) fn new() -> Special {
        Special(Cell::new(0))
    }

    /// Whether there is any reason.
    #[inline(always)]
    pub(crate) fn any(&self) -> bool {
        self.0.get() != 0
    }

    pub(crate) fn insert(&self, reason: u8) {
        self.0.set(self.0.get() | reason);
    }

    pub(crate) fn remove(&self, reason: u8) {
        self.0.set(self.0.get() & !reason);
    }

    /// Whether the loop is being closed, or is closed.
    pub(crate) fn is_closing(&self) -> bool {
        self.0.get() & Special::CLOSING != 0
    }

    /// Whether cells are run under observation.
    pub(crate) fn is_observed(&self) -> bool {
        self.0.get() & Special::OBSERVED != 0
    }

    /// Whether tasks have spans.
    #[cfg_attr(not(feature = "tracing"), allow(dead_code))]
    #[inline(always)]
    pub(crate) fn is_traced(&self) -> bool {
        self.0.get() & Special::TRACING != 0
    }
}

impl Special {
    /// Whether other threads want to know which cell is being run.
    pub(crate) fn is_published(&self) -> bool {
        self.0.get() & Special::WATCHDOG != 0
    }

    /// Whether cells are run in another order than first in, first out.
    pub(super) fn is_ordered(&self) -> bool {
        self.0.get() & Special::ORDER != 0
    }

    /// Whether somebody wants to know of each cell.
    pub(crate) fn is_inspected(&self) -> bool {
        self.0.get() & Special::INSPECT != 0
    }
}

/// Shows that a loop was open when it began to be run; it is not closed before that is over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Open(());

impl Special {
    /// Shows that the loop is open, if nothing about it is special.
    #[inline(always)]
    pub(crate) fn none(&self) -> Option<Open> {
        if self.any() { None } else { Some(Open(())) }
    }

    /// Shows that the loop is open.
    ///
    /// # Panics
    ///
    /// If it is not.
    #[track_caller]
    pub(crate) fn expect_open(&self) -> Open {
        assert!(!self.is_closing(), "the runtime is closed; build another one");
        Open(())
    }
}
