//! How a server ended.

use std::fmt;

/// What was left of a server when waiting for its end was over.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use runtime::net::Server;
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let server = Server::builder().bind("127.0.0.1", 0).serve(async |_, _| ()).await?;
///     server.close();
///     let report = server.wait_closed(Duration::from_secs(10)).await;
///     assert!(report.ended_well(), "{report}");
///     Ok(())
/// })
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct CloseReport {
    pub(super) closed: bool,
    pub(super) left: usize,
}

impl CloseReport {
    /// Whether the server was closed and no connection was left.
    pub fn ended_well(&self) -> bool {
        self.closed && self.left == 0
    }

    /// Whether the server had been closed at all.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// How many connections had handlers that had not ended.
    pub fn left(&self) -> usize {
        self.left
    }
}

impl fmt::Display for CloseReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = if self.closed { "the server is closed" } else { "the server is not closed" };
        match self.left {
            0 => write!(f, "{server}, no connection left"),
            1 => write!(f, "{server}, 1 connection left"),
            left => write!(f, "{server}, {left} connections left"),
        }
    }
}
