//! Where the few words of the loop go: to `tracing` with the feature of that name, else to the standard error
//! stream.

mod record;
mod stderr;
#[cfg(feature = "tracing")]
mod subscriber;

use std::any::Any;
use std::fmt;

use crate::exceptions::ExceptionContext;
use crate::executor::panics::contain_quietly;

pub(crate) use self::record::{Level, Record, Topic};
#[cfg(not(feature = "tracing"))]
use self::stderr as sink;
#[cfg(feature = "tracing")]
use self::subscriber as sink;

/// Says something, whatever becomes of it.
pub(crate) fn write(record: &Record<'_>) {
    // A subscriber is the user's code, and so is what an error says about itself.
    contain_quietly(|| sink::write(record));
}

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
