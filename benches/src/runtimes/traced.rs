//! `runtime` with a subscriber that wants to see each task, and does nothing with what it is told.

use std::sync::atomic::{AtomicU64, Ordering};

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::runtimes::ours::Feature;

/// Makes spans for tasks, and has their wakers tell of themselves.
pub(crate) struct Traced;

/// Makes spans for tasks.
pub(crate) struct Spans;

impl Feature for Traced {
    fn around<T>(run: impl FnOnce() -> T) -> T {
        tracing::subscriber::with_default(Quiet::new(&["runtime::task", "runtime::waker"]), run)
    }
}

impl Feature for Spans {
    fn around<T>(run: impl FnOnce() -> T) -> T {
        tracing::subscriber::with_default(Quiet::new(&["runtime::task"]), run)
    }
}

/// Counts spans, for they need numbers.
struct Quiet {
    targets: &'static [&'static str],
    spans: AtomicU64,
}

impl Quiet {
    fn new(targets: &'static [&'static str]) -> Self {
        Self { targets, spans: AtomicU64::new(0) }
    }
}

impl Subscriber for Quiet {
    fn register_callsite(
        &self,
        metadata: &'static Metadata<'static>,
    ) -> tracing::subscriber::Interest {
        match self.enabled(metadata) {
            true => tracing::subscriber::Interest::always(),
            false => tracing::subscriber::Interest::never(),
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.targets.contains(&metadata.target())
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
