//! Records as lines on the standard error stream, for programs without `tracing`.

use std::io::{self, Write};

use crate::log::Record;

pub(crate) fn write(record: &Record<'_>) {
    // Unlike `eprintln!` this does not panic when nobody holds the other end.
    let _ = writeln!(io::stderr(), "runtime: {record}");
}
