//! The time of one loop: the system's, or a virtual one that stands still until it is moved.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::current;

use super::Instant;

/// Whether any loop of the process has ever been paused. As long as none has, reading the time is the
/// system's business alone. Relaxed: a thread sees its own loops' stores, and other threads' loops are of no
/// interest to it.
static EVER_PAUSED: AtomicBool = AtomicBool::new(false);

/// Tells the time of a loop.
#[derive(Debug)]
pub(crate) struct Clock {
    mode: Cell<Mode>,
}

#[derive(Debug, Clone, Copy)]
enum Mode {
    /// The system's monotonic clock.
    Real,
    /// It is this moment until told otherwise.
    Paused(Instant),
    /// Paused once, and going on since the real moment `since`, when it was `base`. It never jumps back to
    /// the system's time.
    Resumed { base: Instant, since: Instant },
}

impl Clock {
    /// Makes a clock, which shows the present moment.
    pub(crate) fn new(start_paused: bool) -> Self {
        let clock = Self { mode: Cell::new(Mode::Real) };
        if start_paused {
            clock.pause();
        }
        clock
    }

    /// Reads the clock.
    #[inline]
    pub(crate) fn now(&self) -> Instant {
        match self.mode.get() {
            Mode::Real => Instant::real(),
            Mode::Paused(moment) => moment,
            Mode::Resumed { base, since } => base + (Instant::real() - since),
        }
    }

    /// Says whether the clock stands still.
    #[inline]
    pub(crate) fn is_paused(&self) -> bool {
        matches!(self.mode.get(), Mode::Paused(_))
    }

    /// Stops the clock. Returns false if it stood still already.
    pub(crate) fn pause(&self) -> bool {
        EVER_PAUSED.store(true, Ordering::Relaxed);
        let running = !self.is_paused();
        self.mode.set(Mode::Paused(self.now()));
        running
    }

    /// Lets the clock go on from where it stands. Returns false if it was running already.
    pub(crate) fn resume(&self) -> bool {
        let Mode::Paused(base) = self.mode.get() else { return false };
        self.mode.set(Mode::Resumed { base, since: Instant::real() });
        true
    }

    /// Moves a paused clock forward to `moment`; does nothing if it is later already, or running.
    pub(crate) fn advance_to(&self, moment: Instant) {
        if let Mode::Paused(now) = self.mode.get() {
            self.mode.set(Mode::Paused(now.max(moment)));
        }
    }
}

/// Reads the clock of the current loop, or the system's outside of one.
#[inline]
pub(super) fn now() -> Instant {
    if EVER_PAUSED.load(Ordering::Relaxed) { now_of_the_loop() } else { Instant::real() }
}

#[cold]
fn now_of_the_loop() -> Instant {
    current::with_current(|local| local.clock.now()).unwrap_or_else(Instant::real)
}
