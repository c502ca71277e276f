//! The span of the main future, in the loop: its cell serves one main future after the other.

use std::cell::Cell;
use std::fmt;
use std::panic::Location;

use tracing::Span;
use tracing::span::EnteredSpan;

use super::{Description, entered};
use crate::executor::panics::contain_quietly;

/// The main future's span, if it has one.
#[derive(Default)]
pub(crate) struct MainSpan {
    /// Not here while the future is polled.
    span: Cell<Option<Span>>,
    /// Entered for the first poll, which is not part of a pass.
    first_poll: Cell<Option<EnteredSpan>>,
    exists: Cell<bool>,
}

impl MainSpan {
    /// Makes the span of a main future, and enters it if that is `polled_now`.
    pub(crate) fn begin(&self, location: &'static Location<'static>, polled_now: bool) {
        let description =
            Description { kind: "block_on", id: None, name: None, location, size: None };
        let span = description.span();
        self.exists.set(span.is_some());
        self.span.set(span);
        if polled_now {
            self.first_poll.set(self.enter());
        }
    }

    /// The first poll is over.
    pub(crate) fn end_first_poll(&self) {
        if let Some(entered) = self.first_poll.take() {
            self.leave(entered);
        }
    }

    /// The main future is done, or left to itself.
    pub(crate) fn end(&self) {
        self.end_first_poll();
        self.exists.set(false);
        let span = self.span.take();
        contain_quietly(|| drop(span));
    }

    /// Whether there is one.
    pub(super) fn has_any(&self) -> bool {
        self.exists.get()
    }

    pub(super) fn enter(&self) -> Option<EnteredSpan> {
        entered::enter(self.span.take())
    }

    pub(super) fn leave(&self, entered: EnteredSpan) {
        self.span.set(entered::leave(entered));
    }
}

impl fmt::Debug for MainSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MainSpan").field("exists", &self.exists.get()).finish_non_exhaustive()
    }
}
