//! Signals by which the operator, or what supervises the server, tells it to end.

use std::io;

use futures::{FutureExt, select};
use runtime::signal::{Signal, SignalKind, signal};

pub(crate) struct Told {
    terminate: Signal,
    interrupt: Signal,
}

impl Told {
    pub(crate) fn listen() -> io::Result<Told> {
        let terminate = signal(SignalKind::terminate())?;
        Ok(Told { terminate, interrupt: signal(SignalKind::interrupt())? })
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

/// Sends one to this very program.
pub(crate) fn tell() -> io::Result<()> {
    let this = rustix::process::getpid();
    Ok(rustix::process::kill_process(this, rustix::process::Signal::TERM)?)
}
