//! `tree`: who waits for whom.

use std::io::{self, Write};
use std::path::Path;

use clap::Args;
use runtime_inspect::protocol::{Answered, Asked, Drawing, Format};

use crate::failure::{Failure, some_answered};
use crate::target::{Target, unexpected};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The process to look into: its id, or the path of its socket; may be left out if there is only one
    #[arg(value_name = "PID|SOCKET")]
    target: Option<String>,

    /// The loop to draw, if the process has several
    #[arg(long = "loop", value_name = "NUMBER")]
    id: Option<u64>,

    /// Prints JSON, one object a loop
    #[arg(long)]
    json: bool,

    /// Prints a graph for Graphviz's dot(1), one a loop
    #[arg(long, conflicts_with = "json")]
    dot: bool,
}

impl Arguments {
    fn format(&self) -> Format {
        match (self.json, self.dot) {
            (true, _) => Format::Json,
            (_, true) => Format::Dot,
            _ => Format::Text,
        }
    }
}

pub(crate) fn run(directory: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let mut target = Target::named(directory, arguments.target.as_deref())?;
    let loops = target.loops(arguments.id)?;
    let format = arguments.format();
    let mut out = io::stdout().lock();
    let mut silent = 0;
    for each in &loops {
        if loops.len() > 1 && format == Format::Text {
            let thread = each.thread.as_deref().unwrap_or("-");
            writeln!(out, "loop {} on thread {thread}", each.id)?;
        }
        match drawing(&mut target, each.id, format) {
            Ok(drawing) => writeln!(out, "{}", drawing.text.trim_end())?,
            // The others may answer.
            Err(failure) if failure.is_temporary() && loops.len() > 1 => {
                eprintln!("runtime-ps: {failure}");
                silent += 1;
            }
            Err(failure) => return Err(failure),
        }
    }
    out.flush()?;
    some_answered(silent, loops.len())
}

fn drawing(target: &mut Target, id: u64, format: Format) -> Result<Drawing, Failure> {
    match target.client.ask(Asked::Graph { id, format, timeout_ms: None })? {
        Answered::Graph(drawing) => Ok(drawing),
        other => Err(unexpected(&other)),
    }
}
