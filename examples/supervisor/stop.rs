//! How a supervisor is told to stop.

use std::future::Future;
use std::io;

use futures::future::select;
use runtime::signal::{SignalKind, signal};

/// Listens from now on, and waits until somebody asks for the end: Ctrl-C, or `SIGTERM`.
pub(crate) fn asked() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        select(Box::pin(interrupt.recv()), Box::pin(terminate.recv())).await;
    })
}
