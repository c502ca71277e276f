//! Warnings to the standard error stream, for programs without `tracing`.

use std::fmt;
use std::io::{self, Write};

pub(crate) fn warn(message: fmt::Arguments<'_>) {
    // Unlike `eprintln!` this does not panic when nobody holds the other end.
    let _ = writeln!(io::stderr(), "runtime: {message}");
}
