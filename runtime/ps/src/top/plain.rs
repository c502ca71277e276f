//! One look below the other, for pipes and logs.

use std::io::{self, Write};
use std::thread;

use super::{Arguments, Watched, view};
use crate::failure::Failure;

pub(super) fn run(mut watched: Watched, arguments: &Arguments) -> Result<(), Failure> {
    let mut left = arguments.iterations.unwrap_or(u64::MAX);
    let mut is_first = true;
    while left > 0 {
        let mut out = io::stdout().lock();
        match watched.look() {
            // There is nothing to compare the first one with.
            Ok(None) => {}
            Ok(Some(rates)) => {
                let rows = rates.rows(arguments.sort, arguments.group);
                if !std::mem::take(&mut is_first) {
                    writeln!(out)?;
                }
                let heading = view::heading(&watched.target.process, watched.chosen(), &rates);
                let tasks = view::tasks(&rows, arguments.group);
                write!(out, "{heading}\n{tasks}")?;
                left -= 1;
            }
            Err(failure) if failure.is_temporary() => {
                writeln!(out, "{failure}")?;
                left -= 1;
            }
            Err(failure) => return Err(failure),
        }
        out.flush()?;
        drop(out);
        if left > 0 {
            thread::sleep(arguments.delay);
        }
    }
    Ok(())
}
