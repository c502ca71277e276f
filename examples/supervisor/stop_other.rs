//! How a supervisor is told to stop, and how it tells its programs.

use std::future::{Future, pending};
use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use runtime::process::{Child, Command};
use runtime::signal;

/// Waits until somebody asks for the end: Ctrl-C, where that can be heard.
pub(crate) fn asked() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        if signal::ctrl_c().await.is_err() {
            pending::<()>().await;
        }
    })
}

/// Does nothing: there are no groups.
pub(crate) fn apart(_: &mut Command) {}

/// Ends a program.
pub(crate) async fn end(child: &mut Child, grace: Duration) -> io::Result<ExitStatus> {
    child.terminate_then_kill(grace).await
}
