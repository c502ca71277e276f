//! How a supervisor is told to stop.

use std::future::{Future, pending};
use std::io;

use runtime::signal;

/// Waits until somebody asks for the end: Ctrl-C, where that can be heard.
pub(crate) fn asked() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        if signal::ctrl_c().await.is_err() {
            pending::<()>().await;
        }
    })
}
