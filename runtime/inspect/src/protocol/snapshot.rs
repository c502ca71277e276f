//! A loop as it is at one moment.

use serde::{Deserialize, Serialize};

use super::metrics::Metrics;

/// The tasks of a loop, and its figures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Snapshot {
    /// Which loop.
    #[serde(rename = "loop")]
    pub id: u64,
    /// When it was taken, in nanoseconds since the server started, by the monotonic clock.
    pub taken_ns: u64,
    /// How many tasks there are: more than are in `tasks`, if the request had a limit.
    pub total_tasks: usize,
    /// The tasks. The main future, if one is being run, is among them.
    pub tasks: Vec<Task>,
    /// The figures.
    pub metrics: Metrics,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Task {
    /// Tells it from others of its process.
    pub id: u64,
    /// Its name, if it was given one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it is the main future.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub main: bool,
    /// Where it was spawned: file, line and column.
    pub location: String,
    /// What it does.
    pub state: State,
    /// How often it has been polled, counted while the loop is observed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polls: Option<u64>,
    /// For how long it has been polled, in nanoseconds, measured while the loop is observed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub busy_ns: Option<u64>,
    /// What it waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awaits: Vec<Relation>,
    /// Who waits for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awaited_by: Vec<Relation>,
}

/// What a task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum State {
    /// It is being polled.
    Running,
    /// It has been woken.
    Ready,
    /// It waits to be woken.
    Waiting,
    /// Something that this version does not know.
    #[serde(other)]
    Other,
}

/// Something that a task waits for, or somebody who waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Relation {
    /// In words, for people, such as `timer in 1.5s`.
    pub what: String,
    /// The id of the task, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<u64>,
}
