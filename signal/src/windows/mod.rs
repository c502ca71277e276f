//! Ctrl-C of Windows.
//!
//! ```text
//!   the system ──► handler, on a thread of its own ──► listeners ──► wakers
//!                 (console.rs)                        (listeners.rs)
//! ```

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll};

use runtime_core::Runtime;

use self::listeners::{LISTENERS, Listener};

mod console;
mod listeners;

/// Waits for the next Ctrl-C.
///
/// It is listened to from when this is first polled until it is done or dropped. Unless there are other
/// listeners, the next Ctrl-C after that ends the program as it does otherwise: who is tired of waiting for an
/// orderly end presses it again. To have Ctrl-C end the main function, write `#[runtime::main(ctrl_c =
/// "cancel")]`.
///
/// # Errors
///
/// If the system refuses a handler.
///
/// # Cancel safety
///
/// Cancel safe, yet a Ctrl-C that comes when nobody listens does what it does otherwise.
pub async fn ctrl_c() -> io::Result<()> {
    let mut interrupt = Interrupt::new()?;
    poll_fn(|cx| interrupt.poll_recv(cx)).await;
    Ok(())
}

/// One who listens to Ctrl-C.
pub(crate) struct Interrupt(Arc<Listener>);

impl Interrupt {
    fn new() -> io::Result<Interrupt> {
        console::install()?;
        Ok(Interrupt(LISTENERS.add()))
    }

    /// Begins to listen, on any loop.
    pub(crate) fn listen(_rt: &Runtime) -> io::Result<Interrupt> {
        Interrupt::new()
    }

    /// Whether there is nothing to listen to. Where the console ignores Ctrl-C, no handler is called.
    pub(crate) fn is_ignored() -> bool {
        false
    }

    pub(crate) fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll(cx)
    }

    /// Has the second Ctrl-C from now on end the process, or none.
    pub(crate) fn set_final(on: bool) {
        LISTENERS.set_final(on);
    }

    /// Ends the process as Ctrl-C does.
    pub(crate) fn die() -> ! {
        console::die()
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        LISTENERS.remove(&self.0);
    }
}
