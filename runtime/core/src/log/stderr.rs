//! Records as lines on the standard error stream, for programs without `tracing`.

use std::io::{self, Write};

use crate::log::{Level, Record};

pub(crate) fn write(record: &Record<'_>) {
    // In one go, lest the lines of several threads mix.
    let level = match record.level {
        Level::Warn => "warning",
        Level::Error => "error",
    };
    let line = format!("runtime: {level}: {record}\n");
    // Unlike `eprintln!` this does not panic when nobody holds the other end.
    let _ = io::stderr().write_all(line.as_bytes());
}
