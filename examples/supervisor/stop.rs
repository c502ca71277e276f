//! How a supervisor is told to stop, and how it tells its programs.

use std::future::Future;
use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use futures::future::select;
use runtime::process::{Child, Command};
use runtime::signal::{SignalKind, signal};
use runtime::time::timeout;

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

/// Asks a program and what it has started to end, and kills all of them if it has not ended in time.
///
/// Once the program itself has ended the group is out of reach: its number might be another's.
pub(crate) async fn end(child: &mut Child, grace: Duration) -> io::Result<ExitStatus> {
    child.send_signal_to_group(SignalKind::terminate())?;
    if let Ok(outcome) = timeout(grace, child.wait()).await {
        return outcome;
    }
    child.send_signal_to_group(SignalKind::from_raw(9))?;
    child.wait().await
}
