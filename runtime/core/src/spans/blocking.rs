//! The span of a blocking job, entered by the thread that runs it.

use std::panic::Location;

use tracing::Span;
use tracing::field;
use tracing::span::EnteredSpan;

use super::interest::is_wanted;
use super::{entered, made};
use crate::executor::panics::contain_quietly;

/// A job's span, if it has one. It ends with the job.
#[derive(Debug)]
pub(crate) struct JobSpan(Option<Span>);

/// Leaves the span, and ends it, when it is dropped.
pub(crate) struct EnteredJob(Option<EnteredSpan>);

impl JobSpan {
    /// Makes the span of a job, if a subscriber wants it.
    pub(crate) fn new(name: Option<&str>, location: &'static Location<'static>) -> JobSpan {
        if !is_wanted() {
            return JobSpan(None);
        }
        let make = || {
            tracing::trace_span!(
                target: "runtime::task::blocking",
                parent: None,
                "runtime.spawn",
                kind = %"blocking",
                task.name = name.map(field::display),
                loc.file = location.file(),
                loc.line = location.line(),
                loc.col = location.column(),
            )
        };
        JobSpan(made(make))
    }

    /// Enters it for as long as the job runs.
    pub(crate) fn enter(&mut self) -> EnteredJob {
        EnteredJob(entered::enter(self.0.take()))
    }
}

impl Drop for JobSpan {
    fn drop(&mut self) {
        let span = self.0.take();
        contain_quietly(|| drop(span));
    }
}

impl Drop for EnteredJob {
    fn drop(&mut self) {
        let span = self.0.take().and_then(entered::leave);
        contain_quietly(|| drop(span));
    }
}
