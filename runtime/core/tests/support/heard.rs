//! A loop whose exception handler writes down what it hears.

use std::cell::RefCell;
use std::rc::Rc;

use runtime::{Builder, ExceptionContext, Runtime};

/// What a handler was told, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard(Rc<RefCell<Vec<Report>>>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) message: String,
    pub(crate) panic: Option<String>,
    pub(crate) task: Option<String>,
    pub(crate) file: &'static str,
    pub(crate) line: u32,
}

impl Heard {
    pub(crate) fn note(&self, context: &ExceptionContext) {
        let report = Report {
            message: context.message().to_owned(),
            panic: context.panic_message().map(str::to_owned),
            task: context.task().and_then(|task| task.name()).map(str::to_owned),
            file: context.location().file(),
            line: context.location().line(),
        };
        self.0.borrow_mut().push(report);
    }

    /// A handler that notes what it hears.
    pub(crate) fn handler(&self) -> impl Fn(&ExceptionContext) + 'static {
        let heard = self.clone();
        move |context| heard.note(context)
    }

    pub(crate) fn reports(&self) -> Vec<Report> {
        self.0.borrow().clone()
    }

    /// The texts of the panics.
    pub(crate) fn panics(&self) -> Vec<String> {
        self.0.borrow().iter().filter_map(|report| report.panic.clone()).collect()
    }

    pub(crate) fn messages(&self) -> Vec<String> {
        self.0.borrow().iter().map(|report| report.message.clone()).collect()
    }
}

/// A loop, and what its handler hears.
pub(crate) fn listening() -> (Runtime, Heard) {
    listening_with(Builder::new())
}

pub(crate) fn listening_with(builder: Builder) -> (Runtime, Heard) {
    let heard = Heard::default();
    (builder.exception_handler(heard.handler()).build().unwrap(), heard)
}
