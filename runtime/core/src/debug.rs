//! Debug mode: whether it is on, and what it finds wrong when things end.

use std::cell::Cell;
use std::time::Duration;

/// The threshold unless the builder says otherwise.
pub(crate) const SLOW_CALLBACK_DURATION: Duration = Duration::from_millis(100);

/// Whether the environment asks for debug mode: `RUNTIME_DEBUG` is set, and neither empty nor `0`.
pub(crate) fn wanted_by_environment() -> bool {
    std::env::var_os("RUNTIME_DEBUG").is_some_and(|value| !value.is_empty() && value != "0")
}

/// A loop's debug mode.
#[derive(Debug)]
pub(crate) struct DebugMode {
    on: Cell<bool>,
    slow_callback_duration: Duration,
}

impl DebugMode {
    pub(crate) fn new(on: bool, slow_callback_duration: Duration) -> DebugMode {
        DebugMode { on: Cell::new(on), slow_callback_duration }
    }

    pub(crate) fn is_on(&self) -> bool {
        self.on.get()
    }

    /// Polls, callbacks and passes that take longer are reported; `None` outside of debug mode.
    pub(crate) fn threshold(&self) -> Option<Duration> {
        self.on.get().then_some(self.slow_callback_duration)
    }
}
