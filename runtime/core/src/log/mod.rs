//! Where the few words of the loop go: to `tracing` with the feature of that name, else to the standard error stream.

mod record;
mod stderr;
#[cfg(feature = "tracing")]
mod subscriber;

use std::any::Any;
use std::fmt;

use crate::exceptions::ExceptionContext;

pub(crate) use self::record::{Level, Record};
#[cfg(not(feature = "tracing"))]
pub(crate) use self::stderr::write;
#[cfg(feature = "tracing")]
pub(crate) use self::subscriber::write;

/// Warns of something that needs no fields.
pub(crate) fn warn(message: fmt::Arguments<'_>) {
    write(&Record::new(Level::Warn, message));
}

/// Tells all about a failure that nobody handles.
pub(crate) fn exception(context: &ExceptionContext) {
    write(&Record::new(Level::Error, format_args!("{}", context.message())).about(context));
}

/// Tells of an exception handler that panicked, and what it had been told.
pub(crate) fn handler_panicked(context: &ExceptionContext, payload: &(dyn Any + Send + 'static)) {
    let text = crate::exceptions::text_of(payload).unwrap_or("something that is not a text");
    let message = format_args!(
        "the exception handler panicked with {text:?}; it had been told: {}",
        context.message()
    );
    write(&Record::new(Level::Error, message).about(context));
}
