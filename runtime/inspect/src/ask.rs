//! Asking a loop from another thread, and what to say if it does not answer.

use std::time::Duration;

use runtime_core::Handle;
use runtime_core::inspect::{Snapshot, SnapshotError};

use crate::busy;
use crate::protocol::{ErrorKind, Refusal};

/// All that is known of a loop, if it says so in time.
pub(crate) fn snapshot(handle: &Handle, timeout: Duration) -> Result<Snapshot, Refusal> {
    handle.snapshot(timeout).map_err(|error| match error {
        SnapshotError::Closed => Refusal::new(ErrorKind::NoSuchLoop, "the loop is closed"),
        why => {
            let why = if why == SnapshotError::NotRun { "nobody runs it" } else { "it is blocked" };
            let message = format!("the loop did not answer within {timeout:?}: {why}");
            let poll = busy::poll_of(handle);
            Refusal { poll, ..Refusal::new(ErrorKind::DoesNotAnswer, message) }
        }
    })
}
