//! Which process is meant.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use runtime_inspect::protocol::{Answered, Asked, Loop, Process, Snapshot};
use runtime_inspect::{Client, find, socket_of, sweep};
use rustix::process::{Pid, test_kill_process};

use crate::failure::Failure;

/// A process that was asked what it is.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) client: Client,
    pub(crate) process: Process,
}

impl Target {
    /// Connects to a socket.
    pub(crate) fn at(path: &Path) -> Result<Target, Failure> {
        let mut client = Client::connect(path)?;
        // No loop is asked for this.
        client.set_patience(Duration::from_secs(2))?;
        let process = match client.ask(Asked::Process)? {
            Answered::Process(process) => process,
            other => return Err(unexpected(&other)),
        };
        client.set_patience(Duration::from_secs(15))?;
        Ok(Target { client, process })
    }

    /// Finds what the user named: a process id, the path of a socket, or the only process that there is.
    pub(crate) fn named(directory: &Path, name: Option<&str>) -> Result<Target, Failure> {
        let Some(name) = name else { return Target::only(directory) };
        let Ok(pid) = name.parse::<u32>() else { return Target::at(Path::new(name)) };
        let path = socket_of(directory, pid);
        Target::at(&path).map_err(|failure| match failure {
            Failure::Io(error) => Failure::Other(why_not(pid, &path, &error)),
            other => other,
        })
    }

    fn only(directory: &Path) -> Result<Target, Failure> {
        let mut all = Target::all(directory)?;
        if all.len() > 1 {
            let pids: Vec<_> = all.iter().map(|target| target.process.pid.to_string()).collect();
            let message = format!("there are several processes; say which: {}", pids.join(", "));
            return Err(Failure::Other(message));
        }
        all.pop().ok_or_else(|| Failure::Other(nothing_in(directory)))
    }

    /// All processes that answer. What is left of others is removed.
    pub(crate) fn all(directory: &Path) -> Result<Vec<Target>, Failure> {
        sweep(directory);
        let found = find(directory)?;
        let mut targets = Vec::with_capacity(found.len());
        for found in found {
            match Target::at(&found.path) {
                Ok(target) => targets.push(target),
                Err(Failure::Io(error)) if has_gone(&error) => {}
                Err(failure) => eprintln!("runtime-ps: process {}: {failure}", found.pid),
            }
        }
        Ok(targets)
    }

    /// The loops that were asked for: all, or the one with this number.
    pub(crate) fn loops(&self, id: Option<u64>) -> Result<Vec<Loop>, Failure> {
        let pid = self.process.pid;
        let all = self.process.loops.iter();
        let chosen: Vec<_> =
            all.filter(|known| id.is_none_or(|id| id == known.id)).cloned().collect();
        if chosen.is_empty() {
            let message = match id {
                Some(id) => format!("process {pid} has no loop {id}; it may be closed"),
                None => format!("process {pid} has no loop that is open"),
            };
            return Err(Failure::Other(message));
        }
        Ok(chosen)
    }

    /// Has a loop count polls, until it is told otherwise or this goes.
    pub(crate) fn observe(&mut self, id: u64, on: bool) -> Result<(), Failure> {
        match self.client.ask(Asked::Observe { id, on })? {
            Answered::Observing(_) => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    /// The tasks and figures of a loop.
    pub(crate) fn snapshot(&mut self, id: u64) -> Result<Snapshot, Failure> {
        let asked =
            Asked::Snapshot { id, limit: None, order: Default::default(), timeout_ms: None };
        match self.client.ask(asked)? {
            Answered::Snapshot(snapshot) => Ok(*snapshot),
            other => Err(unexpected(&other)),
        }
    }
}

fn has_gone(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionRefused, ConnectionReset, NotFound, UnexpectedEof};
    matches!(error.kind(), ConnectionRefused | ConnectionReset | NotFound | UnexpectedEof)
}

/// Says what a listing without entries means.
pub(crate) fn nothing_in(directory: &Path) -> String {
    format!(
        "there is no process to look into in {}; start one with RUNTIME_INSPECT=1, or have it \
         call runtime::inspect::serve",
        directory.display()
    )
}

/// Says why a process cannot be looked into.
fn why_not(pid: u32, socket: &Path, error: &io::Error) -> String {
    let id = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let alive = id.map(test_kill_process);
    match (alive, error.kind()) {
        (None | Some(Err(rustix::io::Errno::SRCH)), _) => format!("there is no process {pid}"),
        (Some(Err(rustix::io::Errno::PERM)), io::ErrorKind::NotFound) => {
            format!("process {pid} belongs to another user")
        }
        (_, io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            let shown = PathBuf::from(socket.parent().unwrap_or(socket));
            format!(
                "process {pid} cannot be looked into: it has no socket in {}; start it with \
                 RUNTIME_INSPECT=1, or have it call runtime::inspect::serve",
                shown.display()
            )
        }
        _ => format!("process {pid}: {error}"),
    }
}

/// A failure for an answer to another question.
pub(crate) fn unexpected(answered: &Answered) -> Failure {
    let message = format!("the process answered something else: {answered:?}");
    Failure::Io(io::Error::new(io::ErrorKind::InvalidData, message))
}
