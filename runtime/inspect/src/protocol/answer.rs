//! What a process answers.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::VERSION;
use super::process::Process;
use super::request::Format;
use super::snapshot::Snapshot;

/// One answer, which is one line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Answer {
    /// The version of the protocol.
    pub version: u32,
    /// What is answered.
    #[serde(flatten)]
    pub answered: Answered,
}

impl Answer {
    /// Makes an answer of the version that this crate speaks.
    pub fn new(answered: Answered) -> Answer {
        Answer { version: VERSION, answered }
    }
}

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Answered {
    /// Answers [`Asked::Process`](super::Asked::Process).
    Process(Process),
    /// Answers [`Asked::Snapshot`](super::Asked::Snapshot).
    Snapshot(Box<Snapshot>),
    /// Answers [`Asked::Graph`](super::Asked::Graph).
    Graph(Drawing),
    /// Answers [`Asked::Observe`](super::Asked::Observe).
    Observing(Observing),
    /// Says why there is no answer.
    Error(Refusal),
}

/// An await graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Drawing {
    /// How it is drawn.
    pub format: Format,
    /// The drawing: also JSON is a string here.
    pub text: String,
}

/// Whether a loop measures each task for this client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Observing {
    /// Whether it does.
    pub on: bool,
}

/// Why a request is not answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Refusal {
    /// The kind of failure, for programs.
    pub kind: ErrorKind,
    /// What is wrong, for people.
    pub message: String,
    /// The poll that keeps the loop from answering, if that is what is wrong, and it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<BusyPoll>,
}

impl Refusal {
    /// Makes a refusal that knows of no poll.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Refusal {
        Refusal { kind, message: message.into(), poll: None }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.poll {
            Some(poll) => write!(f, "; it is in {poll}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Refusal {}

/// Kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request could not be read.
    Malformed,
    /// The request is of another version of the protocol.
    UnsupportedVersion,
    /// The request is too long.
    TooLong,
    /// The client belongs to another user.
    NotAllowed,
    /// The loop does not exist, or is closed.
    NoSuchLoop,
    /// The loop did not answer in time.
    DoesNotAnswer,
    /// Of a version of this protocol that is newer than this crate.
    #[serde(other)]
    Other,
}

/// A poll that goes on and on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BusyPoll {
    /// What is polled, or called, in words.
    pub what: String,
    /// The id of the task, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<u64>,
    /// For how long the poll has been going on, in milliseconds.
    pub since_ms: u64,
}

impl fmt::Display for BusyPoll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a poll of {}, for {:.1} s so far", self.what, self.since_ms as f64 / 1e3)
    }
}
