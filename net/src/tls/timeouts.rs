//! How long the slow parts of a connection may take.

use std::time::Duration;

/// The limits that connectors and acceptors hand to their streams. [`Duration::MAX`] is no limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeouts {
    pub(super) handshake: Duration,
    pub(super) shutdown: Duration,
}

impl Default for Timeouts {
    /// Those of asyncio.
    fn default() -> Timeouts {
        Timeouts { handshake: Duration::from_secs(60), shutdown: Duration::from_secs(30) }
    }
}
