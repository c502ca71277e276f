//! A process that can be looked into.

use serde::{Deserialize, Serialize};

/// A process, and the loops that it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Process {
    /// Its id.
    pub pid: u32,
    /// The program that it runs: the path of its executable, or what it was started as.
    pub program: String,
    /// The version of the runtime that it was built with.
    pub runtime: String,
    /// For how long it has been serving, in milliseconds.
    pub uptime_ms: u64,
    /// The loops that are open, the oldest first.
    pub loops: Vec<Loop>,
}

/// A loop of a process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Loop {
    /// The number by which requests name it. It is not used again in this process.
    pub id: u64,
    /// The name of the thread on which it lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
}
