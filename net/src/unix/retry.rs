//! What to do when the system has no event for the moment to wait for.

use std::io;
use std::time::Duration;

use runtime_core::Handle;
use runtime_core::time::sleep;

const FIRST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(32);

/// The pauses between attempts: 1 ms, doubled up to 32 ms.
#[derive(Debug)]
pub(super) struct Retry {
    pause: Duration,
}

impl Retry {
    pub(super) fn new() -> Retry {
        Retry { pause: FIRST }
    }

    /// Waits before the next attempt; fails with `WouldBlock` when this thread has no loop to sleep on.
    pub(super) async fn pause(&mut self) -> io::Result<()> {
        if Handle::try_current().is_err() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        sleep(self.pause).await;
        self.pause = (self.pause * 2).min(LONGEST);
        Ok(())
    }
}
