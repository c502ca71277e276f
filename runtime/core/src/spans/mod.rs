//! What the loop tells `tracing` of its tasks: a span each, which is entered for every poll, and an event for
//! whatever is done with their wakers. Names and fields are those that tokio-console knows.
//!
//! All of it hangs on what is looked at anyhow. A subscriber that takes an interest in the spans makes
//! [`Special::TRACING`](crate::executor::Special) a reason for loops to leave their straight path
//! (`interest.rs`): then spawns give tasks a span, in their cold part (`slot.rs`), and cells are run in the
//! observed mode, which enters it (`entered.rs`). A task with a span has a flag in its state, at which a poll
//! looks together with that for an abort, and takes other wakers for (`executor/traced.rs`). Without the
//! feature `tracing`, `off.rs` stands in the place of this module, and nothing is left of it.

mod blocking;
mod entered;
mod interest;
mod main_future;
mod slot;
mod timers;

use std::panic::Location;

use tracing::Span;
use tracing::field;

use crate::executor::panics::contain;

pub(crate) use self::blocking::JobSpan;
pub(crate) use self::entered::Entered;
pub(crate) use self::interest::{heed, register};
pub(crate) use self::main_future::MainSpan;
pub(crate) use self::slot::{Slot, WakerOp};

/// What a span tells of a task.
pub(crate) struct Description<'a> {
    pub(crate) kind: &'static str,
    pub(crate) id: Option<u64>,
    pub(crate) name: Option<&'a str>,
    pub(crate) location: &'static Location<'static>,
    /// Of the future, in bytes.
    pub(crate) size: Option<usize>,
}

impl Description<'_> {
    /// Makes the span; `None` if no subscriber wants it.
    fn span(&self) -> Option<Span> {
        let make = || {
            tracing::trace_span!(
                target: "runtime::task",
                parent: None,
                "runtime.spawn",
                kind = %self.kind,
                task.name = self.name.map(field::display),
                task.id = self.id,
                size.bytes = self.size,
                loc.file = self.location.file(),
                loc.line = self.location.line(),
                loc.col = self.location.column(),
            )
        };
        made(make)
    }
}

/// Makes a span; `None` if no subscriber wants it, or one panics.
fn made(make: impl FnOnce() -> Span) -> Option<Span> {
    contain(make).ok().filter(|span| !span.is_disabled())
}
