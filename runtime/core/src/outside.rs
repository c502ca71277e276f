//! What a call outside of a loop is told: not only what is missing, but also where the loops are.

use std::collections::HashSet;
use std::fmt::{self, Write};
use std::thread::{self, Thread};

use crate::current::{self, NO_LOOP};

/// How many threads are listed.
const LISTED: usize = 8;

/// [`NO_LOOP`], and which thread this is, and on which ones loops are open.
#[cold]
pub(crate) fn no_loop() -> String {
    let here = thread::current();
    let mut threads = current::threads_of_open_loops();
    let mut seen = HashSet::new();
    threads.retain(|thread| seen.insert(thread.id()));
    let mut message = format!("{NO_LOOP}. This is {}", Label(&here));
    // Writing to a string does not fail.
    let _ = if threads.is_empty() {
        message.write_str(", and no loop is open in this process")
    } else if threads.iter().any(|thread| thread.id() == here.id()) {
        message.write_str(", where a loop is open, but neither running nor entered")
    } else {
        write!(message, "; loops are open on {}", List(&threads))
    };
    message
}

/// A thread in words.
struct Label<'a>(&'a Thread);

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.name() {
            Some(name) => write!(f, "thread `{name}`"),
            None => write!(f, "an unnamed thread ({:?})", self.0.id()),
        }
    }
}

struct List<'a>(&'a [Thread]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = self.0.len().min(LISTED);
        for (index, thread) in self.0[..listed].iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{}", Label(thread))?;
        }
        match self.0.len() - listed {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
