//! Waiting for the end of a server.

use std::time::Duration;

use runtime_core::time::timeout;

use super::CloseReport;
use super::status::Status;

/// Waits until the server is closed and its last connection has ended, or the time has passed; tells how
/// things are then.
pub(super) async fn until_closed(status: &Status, limit: Option<Duration>) -> CloseReport {
    match limit {
        None => status.drained().await,
        // What has become of it is in the report.
        Some(limit) => drop(timeout(limit, status.drained()).await),
    }
    CloseReport { closed: status.is_closed(), left: status.open() }
}
