//! A span that is entered while a cell is run.

use tracing::Span;
use tracing::span::EnteredSpan;

use crate::executor::panics::{contain, contain_quietly};
use crate::executor::{Kind, TaskRef};
use crate::local::Local;
use crate::time::TimerKey;

/// Leaves the span when it is dropped.
#[must_use]
pub(crate) struct Entered<'a> {
    _inner: Option<Inner<'a>>,
}

struct Inner<'a> {
    local: &'a Local,
    cell: TaskRef,
    /// Until the drop.
    span: Option<EnteredSpan>,
    /// The timer that was armed last before it was entered.
    earlier: Option<TimerKey>,
}

impl<'a> Entered<'a> {
    /// Enters the span of what is about to be run, if it has one.
    pub(crate) fn begin(local: &'a Local, cell: Option<&TaskRef>) -> Entered<'a> {
        let enter = |cell: &TaskRef| {
            let span = match cell.kind() {
                Kind::Root => local.spans.enter(),
                _ => cell.spans().and_then(|slot| slot.enter()),
            };
            let earlier = local.timers.latest();
            span.map(|span| Inner { local, cell: cell.clone(), span: Some(span), earlier })
        };
        Entered { _inner: cell.and_then(enter) }
    }
}

impl Drop for Inner<'_> {
    fn drop(&mut self) {
        let Some(span) = self.span.take() else { return };
        match (self.cell.kind(), self.cell.spans()) {
            (Kind::Root, _) => self.local.spans.leave(span),
            (_, Some(slot)) => {
                slot.look_at_timers(self.local, &self.cell, self.earlier);
                slot.leave(span, self.cell.is_finished());
            }
            _ => {}
        }
    }
}

/// Enters a span. A subscriber that panics sees nothing more of it.
pub(super) fn enter(span: Option<Span>) -> Option<EnteredSpan> {
    let span = span?;
    contain(|| span.entered()).ok()
}

/// Leaves a span, which is given back unless the subscriber panics.
pub(super) fn leave(entered: EnteredSpan) -> Option<Span> {
    let mut span = None;
    contain_quietly(|| span = Some(entered.exit()));
    span
}
