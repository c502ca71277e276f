//! What a client asks.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::VERSION;
use super::answer::{ErrorKind, Refusal};

/// One request, which is one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The version of the protocol.
    pub version: u32,
    /// What is asked for.
    #[serde(flatten)]
    pub asked: Asked,
}

impl Request {
    /// Makes a request of the version that this crate speaks.
    pub fn new(asked: Asked) -> Request {
        Request { version: VERSION, asked }
    }

    /// Reads a line. The version comes first, for what else there is depends on it.
    ///
    /// # Errors
    ///
    /// The answer to a line that is no request, or one of another version.
    pub fn read(line: &[u8]) -> Result<Request, Refusal> {
        let malformed = |error: serde_json::Error| {
            Refusal::new(ErrorKind::Malformed, format!("this is no request: {error}"))
        };
        let Versioned { version } = serde_json::from_slice(line).map_err(malformed)?;
        if version != VERSION {
            let message = format!(
                "version {version} of the protocol was asked for, and this process speaks {VERSION}"
            );
            return Err(Refusal::new(ErrorKind::UnsupportedVersion, message));
        }
        serde_json::from_slice(line).map_err(malformed)
    }
}

#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Asked {
    /// What process this is, and which loops it has.
    Process,
    /// The tasks and the figures of a loop.
    Snapshot {
        /// Which one.
        #[serde(rename = "loop")]
        id: u64,
        /// How many tasks to tell of at most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<usize>,
        /// Which tasks come first.
        #[serde(default)]
        order: Order,
        /// How long the loop may take to answer, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        timeout_ms: Option<u64>,
    },
    /// Which task of a loop waits for what, drawn.
    Graph {
        /// Which loop.
        #[serde(rename = "loop")]
        id: u64,
        /// How it is drawn.
        #[serde(default)]
        format: Format,
        /// How long the loop may take to answer, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        timeout_ms: Option<u64>,
    },
    /// That a loop measures each task while this client is there, or need not any more.
    Observe {
        /// Which loop.
        #[serde(rename = "loop")]
        id: u64,
        /// Whether it should.
        on: bool,
    },
}

/// How long a loop may take to answer, unless the request says so.
const TIMEOUT: Duration = Duration::from_secs(1);
/// How long it may be told to take.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(10);

impl Asked {
    /// How long the loop may take to answer.
    pub fn timeout(&self) -> Duration {
        let asked = match self {
            Asked::Snapshot { timeout_ms, .. } | Asked::Graph { timeout_ms, .. } => *timeout_ms,
            _ => None,
        };
        asked.map_or(TIMEOUT, Duration::from_millis).min(LONGEST_TIMEOUT)
    }
}

/// Which tasks a snapshot tells of first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Order {
    /// Those with the lowest ids.
    #[default]
    Id,
    /// Those that were busy the longest.
    Busy,
    /// Those that were polled the most often.
    Polls,
}

/// How an await graph is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Format {
    /// As a tree, for people.
    #[default]
    Text,
    /// As JSON.
    Json,
    /// For the program dot(1) of Graphviz.
    Dot,
}
