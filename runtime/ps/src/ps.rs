//! `ps`: processes, or the tasks of one.

use std::io::{self, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use clap::Args;
use runtime_inspect::protocol::{Process, Relation, Snapshot, State, Task};

use crate::failure::{Failure, some_answered};
use crate::table::{drawn, table};
use crate::target::{Target, nothing_in};
use crate::text::{clean, duration, grouped, or_dash, seconds, uptime};

#[derive(Debug, Default, Args)]
pub(crate) struct Arguments {
    /// The process to look into: its id, or the path of its socket
    #[arg(value_name = "PID|SOCKET")]
    target: Option<String>,

    /// The loop to show, if the process has several
    #[arg(long = "loop", value_name = "NUMBER", requires = "target")]
    id: Option<u64>,

    /// Has polls counted for so many seconds before it looks; without this they are not, unless the program or
    /// somebody else has the loop inspected
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "1")]
    #[arg(value_parser = seconds, requires = "target")]
    observe: Option<Duration>,
}

pub(crate) fn run(directory: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let Some(name) = &arguments.target else {
        let processes: Vec<_> =
            Target::all(directory)?.into_iter().map(|target| target.process).collect();
        if processes.is_empty() {
            eprintln!("{}", nothing_in(directory));
        } else {
            out.write_all(table_of_processes(&processes).as_bytes())?;
        }
        return Ok(out.flush()?);
    };
    let mut target = Target::named(directory, Some(name))?;
    let loops = target.loops(arguments.id)?;
    if let Some(duration) = arguments.observe {
        for each in &loops {
            target.observe(each.id, true)?;
        }
        thread::sleep(duration);
    }
    let mut silent = 0;
    let mut uncounted = false;
    for (index, each) in loops.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        if loops.len() > 1 {
            let thread = each.thread.as_deref().unwrap_or("-");
            writeln!(out, "loop {} on thread {thread}", each.id)?;
        }
        match target.snapshot(each.id) {
            Ok(snapshot) => {
                out.write_all(table_of_tasks(&snapshot).as_bytes())?;
                uncounted |= snapshot.metrics.polls.is_none();
            }
            // The others may answer.
            Err(failure) if failure.is_temporary() && loops.len() > 1 => {
                writeln!(out, "{failure}")?;
                silent += 1;
            }
            Err(failure) => return Err(failure),
        }
    }
    out.flush()?;
    if uncounted {
        eprintln!(
            "POLLS and BUSY are counted only while somebody wants it: --observe does so for a second"
        );
    }
    some_answered(silent, loops.len())
}

fn table_of_processes(processes: &[Process]) -> String {
    let mut table = table(&["PID", "UPTIME", "LOOPS", "THREADS", "PROGRAM"], &[0, 1, 2]);
    for process in processes {
        let threads: Vec<_> = process
            .loops
            .iter()
            .map(|each| each.thread.as_deref().map_or_else(|| "-".into(), clean))
            .collect();
        table.add_row([
            process.pid.to_string(),
            uptime(process.uptime_ms),
            process.loops.len().to_string(),
            threads.join(","),
            clean(&process.program),
        ]);
    }
    drawn(&table)
}

fn table_of_tasks(snapshot: &Snapshot) -> String {
    let columns = ["ID", "NAME", "STATE", "POLLS", "BUSY", "AWAITS", "AWAITED BY", "SPAWNED AT"];
    let mut table = table(&columns, &[0, 3, 4]);
    for task in &snapshot.tasks {
        table.add_row([
            task.id.to_string(),
            name_of(task),
            state(task.state).to_owned(),
            or_dash(task.polls, grouped),
            or_dash(task.busy_ns, duration),
            relations(&task.awaits),
            relations(&task.awaited_by),
            task.location.clone(),
        ]);
    }
    drawn(&table)
}

/// The name of a task, or what else it is called.
pub(crate) fn name_of(task: &Task) -> String {
    match &task.name {
        Some(name) => clean(name),
        None if task.main => "(main)".to_owned(),
        None => "-".to_owned(),
    }
}

pub(crate) fn state(state: State) -> &'static str {
    match state {
        State::Running => "running",
        State::Ready => "ready",
        State::Waiting => "waiting",
        _ => "?",
    }
}

pub(crate) fn relations(relations: &[Relation]) -> String {
    if relations.is_empty() {
        return "-".to_owned();
    }
    let words: Vec<_> = relations.iter().map(|relation| relation.what.as_str()).collect();
    clean(&words.join(", "))
}
