//! What goes over the socket, for programs that want to ask for themselves.
//!
//! The socket is a stream (`SOCK_STREAM`) of Unix. A client writes requests and reads answers, each of them
//! one JSON object on one line that ends with `\n`, encoded in UTF-8. Answers come in the order of the
//! requests, one for each. The connection lasts until one side closes it.
//!
//! # Requests
//!
//! Every request has a `version`, which is [`VERSION`], and names what it asks for in `request`:
//!
//! | `request` | other members | answer |
//! |---|---|---|
//! | `process` | | `process`, a [`Process`] |
//! | `snapshot` | `loop`, `limit`? , `order`?, `timeout_ms`? | `snapshot`, a [`Snapshot`] |
//! | `graph` | `loop`, `format`?, `timeout_ms`? | `graph`, a [`Drawing`] |
//! | `observe` | `loop`, `on` | `observing`, an [`Observing`] |
//!
//! `loop` is the `id` of one of the loops that `process` lists. `limit` is the number of tasks that are told
//! of at most, the first by `order`: `id` (the default), `busy` or `polls`, the last two from the highest
//! down. `format` is `text` (the default), `json` or `dot`. `timeout_ms` is how long the loop may take to
//! answer, in milliseconds: 1,000 unless it is said, and 10,000 at most.
//!
//! `observe` has a loop count polls and measure busy time for each task, which costs it a little with every
//! poll. It does so until the client says `"on":false` or closes the connection, and for as long as another
//! client or the program wants it. A loop that is blocked begins when it goes on.
//!
//! # Answers
//!
//! Every answer has a `version` and one more member, named in the table above. A request that cannot be
//! answered has a member `error` instead, a [`Refusal`], whose `kind` programs may go by:
//!
//! | `kind` | the request |
//! |---|---|
//! | `malformed` | is not JSON, or lacks a member, or has one of a wrong type |
//! | `unsupported-version` | is of another version; the answer's own `version` is the one that is spoken |
//! | `too-long` | is longer than 65,536 bytes; the connection is closed |
//! | `not-allowed` | comes from another user; the connection is closed |
//! | `no-such-loop` | names a loop that does not exist, or is closed |
//! | `does-not-answer` | could not be answered in time; `poll` says what the loop is busy with, if that is known |
//!
//! Members may be added to answers without a new version, so clients skip what they do not know. What a
//! client leaves out of a request has the default.
//!
//! # An example
//!
//! ```text
//! $ nc -U $XDG_RUNTIME_DIR/runtime-rs/4711.sock
//! {"version":1,"request":"process"}
//! {"version":1,"process":{"pid":4711,"program":"/usr/bin/server","loops":[{"id":1,"thread":"main"}],..}}
//! {"version":1,"request":"graph","loop":2}
//! {"version":1,"error":{"kind":"no-such-loop","message":"there is no loop 2 in this process"}}
//! ```

mod answer;
mod metrics;
mod process;
mod request;
mod snapshot;

pub use self::answer::{Answer, Answered, BusyPoll, Drawing, ErrorKind, Observing, Refusal};
pub use self::metrics::{Histogram, Metrics};
pub use self::process::{Loop, Process};
pub use self::request::{Asked, Format, Order, Request};
pub use self::snapshot::{Relation, Snapshot, State, Task};

/// The version of the protocol that this crate speaks.
pub const VERSION: u32 = 1;
