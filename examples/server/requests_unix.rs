//! Requests of the operator, or of what supervises the server, to end: SIGTERM, and Ctrl-C on the terminal.

use std::io;

use futures::{FutureExt, select};
use runtime::signal::{Signal, SignalKind, signal};

/// Listens to both. When it is dropped they end the program at once, as they do otherwise: who does not want
/// to wait for the end of the grace asks again.
pub(crate) struct Requests {
    terminate: Signal,
    interrupt: Signal,
}

impl Requests {
    pub(crate) fn listen() -> io::Result<Requests> {
        Ok(Requests {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for one, and names it.
    pub(crate) async fn next(&mut self) -> String {
        let signal = select! {
            _ = self.terminate.recv().fuse() => &self.terminate,
            _ = self.interrupt.recv().fuse() => &self.interrupt,
        };
        signal.kind().to_string()
    }
}
