//! Stands in for spans where there is no `tracing`: all of it is nothing.

use std::marker::PhantomData;
use std::panic::Location;

use crate::executor::TaskRef;
use crate::local::Local;

/// The span of a task.
#[derive(Debug, Default)]
pub(crate) struct Slot;

/// A span that is entered while a cell is run.
#[must_use]
pub(crate) struct Entered<'a>(PhantomData<&'a Local>);

impl<'a> Entered<'a> {
    #[inline(always)]
    pub(crate) fn begin(_: &'a Local, _: Option<&TaskRef>) -> Entered<'a> {
        Entered(PhantomData)
    }
}

/// The span of the main future.
#[derive(Debug, Default)]
pub(crate) struct MainSpan;

impl MainSpan {
    #[inline(always)]
    pub(crate) fn begin(&self, _: &'static Location<'static>, _: bool) {}

    #[inline(always)]
    pub(crate) fn end_first_poll(&self) {}

    #[inline(always)]
    pub(crate) fn end(&self) {}
}

/// The span of a blocking job.
#[derive(Debug)]
pub(crate) struct JobSpan;

/// A job's span, entered.
pub(crate) struct EnteredJob;

impl JobSpan {
    #[inline(always)]
    pub(crate) fn new(_: Option<&str>, _: &'static Location<'static>) -> JobSpan {
        JobSpan
    }

    #[inline(always)]
    pub(crate) fn enter(&mut self) -> EnteredJob {
        EnteredJob
    }
}

/// Has a new loop hear of subscribers.
#[inline(always)]
pub(crate) fn register(_: &std::rc::Rc<Local>) {}

/// Does as the subscribers want.
#[inline(always)]
pub(crate) fn heed(_: &Local) {}
