//! A dump for each signal.
//!
//! A thread waits for the signals, with a small loop of its own, for a loop that is blocked is the one that
//! somebody wants to see a dump of.

use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use runtime_core::{Handle, Runtime};
use runtime_signal::{SignalGuard, SignalKind, on};

use super::dump_to::DumpTo;
use super::hidden::Hidden;
use crate::dump::dump;

/// How long each loop may take to say how it is.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Writes a [`dump`](crate::dump()) of all loops of this process when a signal comes, until the guard is
/// dropped.
///
/// It works also while loops are blocked, of which it says so after a second each. Signals that come while a
/// dump is being written are told together. It costs a thread that waits, and its loop, which dumps leave
/// out.
///
/// # Errors
///
/// Those of [`signal`](runtime_signal::signal()) and of making a loop and a thread. If a file cannot be
/// written, the standard error stream says so, and hears the dump.
///
/// # Examples
///
/// ```
/// use runtime::inspect::{DumpTo, dump_on_signal};
/// use runtime::signal::SignalKind;
///
/// # fn main() -> std::io::Result<()> {
/// let _dumps = dump_on_signal(SignalKind::user_defined1(), DumpTo::Stderr)?;
/// println!("kill -USR1 {}", std::process::id());
/// runtime::run(async { /* what there is to look at */ });
/// # Ok(())
/// # }
/// ```
pub fn dump_on_signal(kind: SignalKind, to: impl Into<DumpTo>) -> io::Result<DumpOnSignal> {
    let to = to.into();
    let (started, outcome) = mpsc::sync_channel(1);
    let run = move || {
        let _hidden = Hidden::this_thread();
        match listen(kind, to) {
            Ok((rt, guard)) => {
                let handle = rt.handle().clone();
                // Whoever called waits for it.
                let _ = started.send(Ok(DumpOnSignal { guard: Some(guard), handle }));
                let _ = rt.run_forever();
            }
            Err(error) => drop(started.send(Err(error))),
        }
    };
    thread::Builder::new().name("runtime-dump".into()).spawn(run)?;
    outcome.recv().unwrap_or_else(|_| Err(io::Error::other("the thread for dumps did not start")))
}

fn listen(kind: SignalKind, to: DumpTo) -> io::Result<(Runtime, SignalGuard)> {
    let rt = Runtime::new()?;
    let guard = {
        let _entered = rt.enter();
        on(kind, move || write(&to))?
    };
    Ok((rt, guard))
}

fn write(to: &DumpTo) {
    let text = dump(TIMEOUT);
    if let Err(error) = to.write(&text) {
        eprintln!("runtime: a dump could not be written to {to:?}: {error}\n{text}");
    }
}

/// Keeps a process dumping on a signal; made by [`dump_on_signal`].
///
/// When it is dropped, the signal means again what it meant before. A dump that is being written is written
/// to its end.
#[derive(Debug)]
#[must_use = "dropping the guard ends the dumps"]
pub struct DumpOnSignal {
    guard: Option<SignalGuard>,
    handle: Handle,
}

impl DumpOnSignal {
    /// Leaves it so until the process ends.
    pub fn forget(mut self) {
        if let Some(guard) = self.guard.take() {
            guard.forget();
        }
    }
}

impl Drop for DumpOnSignal {
    fn drop(&mut self) {
        if let Some(guard) = self.guard.take() {
            drop(guard);
            // A loop that is closed has stopped already.
            let _ = self.handle.stop();
        }
    }
}
