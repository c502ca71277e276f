//! What became of a group.

use std::any::Any;
use std::fmt;

use parking_lot::Mutex;

use crate::exceptions::text_of;
use crate::executor::panics::Payload;
use crate::shutdown::ShutdownReport;

/// What became of the loops of a [`LoopGroup`](super::LoopGroup).
///
/// Its `Display` has a line for each loop, and one for each blocking job that was left running.
#[derive(Debug)]
pub struct GroupReport {
    loops: Vec<LoopReport>,
}

impl GroupReport {
    pub(super) fn new(loops: Vec<LoopReport>) -> GroupReport {
        GroupReport { loops }
    }

    /// A report for each loop, in their order.
    pub fn loops(&self) -> &[LoopReport] {
        &self.loops
    }

    /// The same, to keep.
    pub fn into_loops(self) -> Vec<LoopReport> {
        self.loops
    }

    /// Whether every thread has ended without a panic, and no blocking job was left running. Tasks that were
    /// dropped do not count: a server that is stopped has some.
    pub fn ended_well(&self) -> bool {
        self.loops.iter().all(LoopReport::ended_well)
    }
}

impl fmt::Display for GroupReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, each) in self.loops.iter().enumerate() {
            if nth > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{each}")?;
        }
        Ok(())
    }
}

/// What became of one loop of a group.
#[derive(Debug)]
pub struct LoopReport {
    index: usize,
    thread: Box<str>,
    end: End,
}

/// How the thread of a loop ends.
#[derive(Debug)]
pub(super) enum End {
    Stopped(ShutdownReport),
    /// A payload is `Send` but not `Sync`; a report ought to be both.
    Panicked(Mutex<Payload>),
    /// It does not.
    Running,
}

impl LoopReport {
    pub(super) fn new(index: usize, thread: String, end: End) -> LoopReport {
        LoopReport { index, thread: thread.into(), end }
    }

    /// Which loop of the group it is.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The name of its thread.
    pub fn thread(&self) -> &str {
        &self.thread
    }

    /// What the loop left behind when it was closed, if it was closed in good order.
    pub fn shutdown(&self) -> Option<&ShutdownReport> {
        match &self.end {
            End::Stopped(report) => Some(report),
            End::Panicked(_) | End::Running => None,
        }
    }

    /// Whether the thread was still running when the deadline passed. It was left to itself.
    pub fn is_running(&self) -> bool {
        matches!(self.end, End::Running)
    }

    /// Whether the thread panicked: not a task on it, but the loop itself, or what is called by it without
    /// being a task.
    pub fn is_panic(&self) -> bool {
        matches!(self.end, End::Panicked(_))
    }

    /// The payload of the panic, to be examined or passed to [`std::panic::resume_unwind`], if there was one.
    pub fn into_panic(self) -> Option<Box<dyn Any + Send + 'static>> {
        match self.end {
            End::Panicked(payload) => Some(payload.into_inner()),
            End::Stopped(_) | End::Running => None,
        }
    }

    /// Whether the thread has ended without a panic, and no blocking job of its loop was left running.
    pub fn ended_well(&self) -> bool {
        self.shutdown().is_some_and(|report| report.blocking().is_clean())
    }
}

impl fmt::Display for LoopReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "loop {} on thread {}: ", self.index, self.thread)?;
        match &self.end {
            End::Stopped(report) => {
                write!(
                    f,
                    "stopped, {} task(s) dropped, {}",
                    report.tasks().len(),
                    report.blocking()
                )
            }
            End::Running => f.write_str("did not end in time"),
            End::Panicked(payload) => match text_of(&**payload.lock()) {
                Some(text) => write!(f, "panicked with message {text:?}"),
                None => f.write_str("panicked"),
            },
        }
    }
}
