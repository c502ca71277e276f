//! From a request to its answer.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::{Duration, Instant};

use runtime_core::Handle;
use runtime_core::inspect::{Observation, OpenLoop};

use super::convert;
use crate::ask;
use crate::own;
use crate::protocol::{
    Answered, Asked, Drawing, ErrorKind, Format, Loop, Observing, Process, Refusal,
};

/// What the clients of a server have in common.
#[derive(Debug)]
pub(super) struct Answers {
    started: Instant,
}

impl Answers {
    pub(super) fn new() -> Answers {
        Answers { started: Instant::now() }
    }

    fn process(&self) -> Process {
        let loops = own::loops();
        Process {
            pid: std::process::id(),
            program: program(),
            runtime: env!("CARGO_PKG_VERSION").to_owned(),
            uptime_ms: milliseconds(self.started.elapsed()),
            loops: loops.iter().map(|open| Loop { id: open.id(), thread: thread(open) }).collect(),
        }
    }
}

fn thread(open: &OpenLoop) -> Option<String> {
    open.thread().name().map(str::to_owned)
}

/// What this process was started as, if the system does not say what it is.
fn program() -> String {
    let program = std::env::current_exe().ok().map(std::path::PathBuf::into_os_string);
    let program = program.or_else(|| std::env::args_os().next()).unwrap_or_default();
    program.to_string_lossy().into_owned()
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Finds a loop by its number.
fn loop_of(id: u64) -> Result<Handle, Refusal> {
    let found = own::loops().into_iter().find(|open| open.id() == id);
    found.map(|open| open.handle().clone()).ok_or_else(|| no_such_loop(id))
}

fn no_such_loop(id: u64) -> Refusal {
    let message = format!("there is no loop {id} in this process; it may be closed");
    Refusal::new(ErrorKind::NoSuchLoop, message)
}

/// One client, and what it has switched on.
#[derive(Debug)]
pub(super) struct Client<'a> {
    answers: &'a Answers,
    /// By the numbers of the loops.
    observes: BTreeMap<u64, Observation>,
}

impl<'a> Client<'a> {
    pub(super) fn new(answers: &'a Answers) -> Client<'a> {
        Client { answers, observes: BTreeMap::new() }
    }

    pub(super) fn answer(&mut self, asked: &Asked) -> Result<Answered, Refusal> {
        match *asked {
            Asked::Process => Ok(Answered::Process(self.answers.process())),
            Asked::Snapshot { id, limit, order, .. } => {
                let snapshot = ask::snapshot(&loop_of(id)?, asked.timeout())?;
                let taken = self.answers.started.elapsed();
                let limit = limit.unwrap_or(usize::MAX);
                let told = convert::snapshot(id, taken, &snapshot, order, limit);
                Ok(Answered::Snapshot(Box::new(told)))
            }
            Asked::Graph { id, format, .. } => {
                let graph = ask::snapshot(&loop_of(id)?, asked.timeout())?.graph();
                let text = match format {
                    Format::Text => graph.to_text(),
                    Format::Json => graph.to_json(),
                    Format::Dot => graph.to_dot(),
                };
                Ok(Answered::Graph(Drawing { format, text }))
            }
            Asked::Observe { id, on } => {
                if on {
                    self.observe(id)?;
                } else {
                    self.observes.remove(&id);
                }
                Ok(Answered::Observing(Observing { on }))
            }
        }
    }

    /// Has a loop measure its tasks until the client goes, or does not want it any more.
    fn observe(&mut self, id: u64) -> Result<(), Refusal> {
        // What is closed comes back under no number.
        self.observes.retain(|_, observation| !observation.handle().is_closed());
        if let Entry::Vacant(place) = self.observes.entry(id) {
            place.insert(loop_of(id)?.observe().map_err(|_| no_such_loop(id))?);
        }
        Ok(())
    }
}
