//! Warnings through `tracing`, or to the standard error stream as long as the program has no subscriber.

use std::fmt;
use std::io::{self, Write};

use tracing::dispatcher::get_default;
use tracing::subscriber::NoSubscriber;

pub(crate) fn warn(message: fmt::Arguments<'_>) {
    if get_default(|dispatch| dispatch.is::<NoSubscriber>()) {
        // Unlike `eprintln!` this does not panic when nobody holds the other end.
        let _ = writeln!(io::stderr(), "runtime: {message}");
    } else {
        tracing::warn!(target: "runtime", "{message}");
    }
}
