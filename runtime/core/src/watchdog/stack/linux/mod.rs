//! Stacks on Linux: the thread copies its own, and the watchdog makes sense of the copy.
//!
//! ```text
//!   watchdog                                   thread of the loop
//!     installs the handler, tgkill(2) ──────────► signal handler: registers and a piece of the stack
//!     waits, restores what was there ◄──────────  into memory that was set aside; goes on
//!     unwinds the copy   (`unwind.rs`, by `framehop`)
//!     names the frames   (`names.rs`, by `backtrace`)
//!     leaves out what is the loop's own   (`trim.rs`)
//! ```
//!
//! Nothing that takes a lock or memory happens in the handler. To unwind there, as by `backtrace::trace`, was
//! rejected: it asks the dynamic linker for the loaded objects, which may be locked by the very code that was
//! interrupted.

mod modules;
mod names;
#[cfg_attr(target_arch = "x86_64", path = "registers_x86_64.rs")]
#[cfg_attr(target_arch = "aarch64", path = "registers_aarch64.rs")]
mod registers;
mod signal;
mod trim;
mod unwind;

use self::signal::Dispositions;
use self::unwind::Unwinder;
use super::{OVER, Stack};
use crate::watchdog::target::Target;

/// Reads the stacks of other threads.
#[derive(Debug)]
pub(in crate::watchdog) struct Sampler {
    dispositions: Dispositions,
    unwinder: Option<Unwinder>,
}

impl Sampler {
    pub(in crate::watchdog) fn new() -> Sampler {
        Sampler { dispositions: Dispositions::new(), unwinder: None }
    }

    /// The stack of a thread at this moment, unless it is no longer in `still` the same poll when it has been
    /// read. The frames of the loop itself begin near the `anchor`, an address in the stack.
    pub(in crate::watchdog) fn sample(
        &mut self,
        target: &Target,
        anchor: usize,
        still: impl FnOnce() -> bool,
    ) -> Stack {
        match self.dispositions.ask(target, anchor) {
            Ok(_) if !still() => Stack::missing(OVER),
            Ok(copy) => {
                let unwinder = self.unwinder.get_or_insert_with(Unwinder::new);
                let stack = unwinder.frames(&copy, anchor as u64);
                drop(copy);
                Stack(Ok(trim::trim(names::of(&stack), stack.below)))
            }
            Err(reason) => Stack::missing(reason),
        }
    }

    /// Leaves the process as it was.
    pub(in crate::watchdog) fn retire(&mut self) {
        self.dispositions.restore();
    }
}
