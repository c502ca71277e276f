//! What the handler knows of one signal, and how a delivery becomes a record or a flag.
//!
//! Nothing but atomics, so that the handler may use it, and models can show that it does what `action.rs`
//! says (`signal/src/models.rs`).

use super::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};

/// What the handler knows of one signal.
pub(super) struct Slot {
    /// Whether anybody listens.
    pub(super) active: AtomicBool,
    /// Whether there was no room for a record when it came.
    pub(super) overflow: AtomicBool,
    /// How near its next delivery is to ending the process.
    pub(super) strikes: AtomicU8,
    /// The `sa_handler` that was there before: `SIG_DFL`, `SIG_IGN`, or a function of one argument.
    pub(super) plain: AtomicUsize,
    /// The `sa_sigaction` that was there before, a function of three arguments; else 0. Only one of both is a
    /// function: they are apart so that none is ever called with the arguments of the other.
    pub(super) detailed: AtomicUsize,
}

/// Every delivery is told.
pub(super) const PATIENT: u8 = 0;
/// One delivery will be told, and the next ends the process.
const WARNED: u8 = 1;
/// The next delivery ends the process.
const LAST: u8 = 2;

/// What was there before our handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Previous {
    Default,
    Ignored,
    /// A function of one argument.
    Plain(usize),
    /// A function of three arguments.
    Detailed(usize),
}

impl Slot {
    /// Publishes to handlers what they stand in for.
    ///
    /// Release, for a function's data were written before it was installed; pairs with the loads in
    /// `previous`. A handler in between sees either disposition, or one that is ignored.
    pub(super) fn remember(&self, function: usize, is_detailed: bool) {
        self.detailed.store(0, Ordering::Release);
        if is_detailed {
            self.plain.store(libc::SIG_IGN, Ordering::Release);
            self.detailed.store(function, Ordering::Release);
        } else {
            self.plain.store(function, Ordering::Release);
        }
    }

    /// What the handler stands in for.
    pub(super) fn previous(&self) -> Previous {
        match (self.detailed.load(Ordering::Acquire), self.plain.load(Ordering::Acquire)) {
            (0, libc::SIG_DFL) => Previous::Default,
            (0, libc::SIG_IGN) => Previous::Ignored,
            (0, function) => Previous::Plain(function),
            (function, _) => Previous::Detailed(function),
        }
    }

    /// Has the handler tell of deliveries.
    pub(super) fn activate(&self) {
        self.active.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_active(&self) -> bool {
        self.active.load(Ordering::SeqCst)
    }

    /// Has the handler stand in for the disposition before it, wherever it may still be called from.
    pub(super) fn retire(&self) {
        self.active.store(false, Ordering::SeqCst);
        self.overflow.store(false, Ordering::SeqCst);
        self.strikes.store(PATIENT, Ordering::SeqCst);
    }

    /// Leaves a record, or the flag if there is no room.
    pub(super) fn report(&self, push: impl FnOnce() -> bool) {
        if !push() {
            self.overflow.store(true, Ordering::SeqCst);
        }
    }

    /// Whether the signal came and found no room since this was last asked.
    pub(super) fn take_overflow(&self) -> bool {
        // The load saves most callers the exchange. Whoever is called sees the flag: the bell orders that.
        self.overflow.load(Ordering::SeqCst) && self.overflow.swap(false, Ordering::SeqCst)
    }

    /// Has the second delivery from now on end the process, or no delivery.
    pub(super) fn set_final(&self, on: bool) {
        self.strikes.store(if on { WARNED } else { PATIENT }, Ordering::SeqCst);
    }

    /// Counts a delivery; tells whether it is one that ends the process.
    pub(super) fn strike(&self) -> bool {
        match self.strikes.compare_exchange(WARNED, LAST, Ordering::SeqCst, Ordering::SeqCst) {
            Ok(was) | Err(was) => was == LAST,
        }
    }
}
