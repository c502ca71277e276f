//! Ctrl-C, as `run_until_ctrl_c` wants it.

use std::io;
use std::task::{Context, Poll};

use runtime_core::Runtime;

use super::action::{self, Disposition};
use super::kind::SignalKind;
use super::signal::{Signal, signal};

/// One who listens to Ctrl-C.
pub(crate) struct Interrupt(Signal);

impl Interrupt {
    /// Begins to listen, by way of a loop.
    pub(crate) fn listen(rt: &Runtime) -> io::Result<Interrupt> {
        let _entered = rt.enter();
        signal(SignalKind::interrupt()).map(Interrupt)
    }

    /// Whether it is ignored, as shells have it for what they start in the background.
    pub(crate) fn is_ignored() -> bool {
        Disposition::of(libc::SIGINT).is_ok_and(|now| now.is_ignored())
    }

    pub(crate) fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll_recv(cx).map(drop)
    }

    /// Has the second Ctrl-C from now on end the process, or none.
    pub(crate) fn set_final(on: bool) {
        action::set_final(libc::SIGINT, on);
    }

    /// Ends the process as Ctrl-C does.
    pub(crate) fn die() -> ! {
        action::die_by(libc::SIGINT)
    }
}
