//! How a supervisor is told to stop, and how it tells its programs.

use std::future::Future;
use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use futures::future::select;
use runtime::process::{Child, Command};
use runtime::signal::{SignalKind, signal};

/// Listens from now on, and waits until somebody asks for the end: Ctrl-C, or `SIGTERM`.
pub(crate) fn asked() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        select(Box::pin(interrupt.recv()), Box::pin(terminate.recv())).await;
    })
}

/// Puts a program into a group of its own, together with what it starts.
///
/// Ctrl-C reaches the supervisor only then, which asks its programs.
pub(crate) fn apart(command: &mut Command) {
    command.process_group(0);
}

/// Asks a program and what it has started to end, and kills those that have not ended in time.
pub(crate) async fn end(child: &mut Child, grace: Duration) -> io::Result<ExitStatus> {
    child.terminate_group_then_kill(grace).await
}
