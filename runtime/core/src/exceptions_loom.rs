//! What the executor's models need of `exceptions`: a place to leave failures.

use std::panic::Location;

use crate::executor::panics::Payload;
use crate::task::Id;

#[derive(Debug)]
pub(crate) struct Exceptions;

#[derive(Debug)]
pub(crate) struct ExceptionContext;

#[derive(Debug)]
pub(crate) struct TaskSource;

impl TaskSource {
    pub(crate) fn new(_: Id, _: Option<&str>, _: &'static Location<'static>) -> TaskSource {
        TaskSource
    }
}

impl ExceptionContext {
    pub(crate) fn of_task(_: TaskSource, _: Payload) -> Option<ExceptionContext> {
        Some(ExceptionContext)
    }
}

impl Exceptions {
    pub(crate) fn report(&self, _: ExceptionContext) {}
}
