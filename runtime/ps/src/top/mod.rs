//! `top`: what a process is busy with, again and again.

mod plain;
mod rates;
mod screen;
mod view;

use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::Duration;

use clap::{Args, ValueEnum};
use runtime_inspect::protocol::Loop;

use crate::failure::Failure;
use crate::target::Target;
use crate::text::seconds;
use rates::{Rates, Sample};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The process to look into: its id, or the path of its socket; may be left out if there is only one
    #[arg(value_name = "PID|SOCKET")]
    target: Option<String>,

    /// The loop to show, if the process has several
    #[arg(long = "loop", value_name = "NUMBER")]
    id: Option<u64>,

    /// Seconds from one look to the next
    #[arg(short, long, value_name = "SECONDS", default_value = "1", value_parser = seconds)]
    delay: Duration,

    /// Ends after so many looks
    #[arg(short = 'n', long, value_name = "NUMBER")]
    iterations: Option<u64>,

    /// What decides which task comes first
    #[arg(short, long, value_enum, default_value_t)]
    sort: Sort,

    /// Shows tasks that have the same name, or come from the same place, as one
    #[arg(short, long)]
    group: bool,

    /// Prints one look below the other also on a terminal
    #[arg(long)]
    plain: bool,
}

/// What decides which task comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Sort {
    /// The share of the time that its polls take
    #[default]
    Busy,
    /// How often it is polled
    Polls,
    /// Its id
    Id,
    /// Its name
    Name,
}

pub(crate) fn run(directory: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let target = Target::named(directory, arguments.target.as_deref())?;
    let loops = target.loops(arguments.id)?;
    let watched = Watched { target, loops, chosen: 0, observes: false, last: None };
    let on_a_terminal = io::stdout().is_terminal() && io::stdin().is_terminal();
    if on_a_terminal && !arguments.plain {
        screen::run(watched, arguments)
    } else {
        plain::run(watched, arguments)
    }
}

/// The loop that is looked at.
#[derive(Debug)]
struct Watched {
    target: Target,
    loops: Vec<Loop>,
    chosen: usize,
    /// Whether it has been told to measure its tasks.
    observes: bool,
    last: Option<Sample>,
}

impl Watched {
    fn chosen(&self) -> &Loop {
        &self.loops[self.chosen]
    }

    /// Goes on to the next loop.
    fn next_loop(&mut self) {
        let old = self.chosen().id;
        if self.observes {
            // It goes on for a while if that fails, which is when nobody answers anyhow.
            let _ = self.target.observe(old, false);
        }
        self.chosen = (self.chosen + 1) % self.loops.len();
        self.observes = false;
        self.last = None;
    }

    /// Looks, and says what has happened since the last look; `None` at the first.
    fn look(&mut self) -> Result<Option<Rates>, Failure> {
        let id = self.chosen().id;
        if !self.observes {
            self.target.observe(id, true)?;
            self.observes = true;
        }
        let sample = Sample::new(self.target.snapshot(id)?);
        let rates = self.last.as_ref().map(|last| Rates::between(last, &sample));
        self.last = Some(sample);
        Ok(rates)
    }
}
