//! What keeps a loop from answering.

use runtime_core::Handle;

use crate::protocol::BusyPoll;

/// The poll that a loop is in, if its watchdog knows.
pub(crate) fn poll_of(handle: &Handle) -> Option<BusyPoll> {
    let poll = handle.current_poll()?;
    Some(BusyPoll {
        what: poll.source().to_string(),
        task: poll.source().task().map(|task| task.id().number()),
        since_ms: u64::try_from(poll.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}
