//! The other side of the socket.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use super::place::about;
use crate::protocol::{Answer, Answered, Asked, ErrorKind, Refusal, Request, VERSION};

/// A connection to a process that can be looked into, for programs such as `runtime-ps`.
///
/// It blocks the thread; from within a loop use [`spawn_blocking`](runtime_core::spawn_blocking).
///
/// # Examples
///
/// ```
/// use runtime::inspect::protocol::{Answered, Asked};
/// use runtime::inspect::{Client, Server};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("socket");
/// let _server = Server::builder().path(&path).start()?;
/// let rt = runtime::Runtime::new()?;
///
/// let mut client = Client::connect(&path)?;
/// let Answered::Process(process) = client.ask(Asked::Process)? else { panic!("that was no answer") };
/// assert_eq!(process.pid, std::process::id());
/// assert!(!process.loops.is_empty());
/// # drop(rt);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Client {
    stream: BufReader<UnixStream>,
    patience: Duration,
}

/// How long a process may take to answer: more than the longest timeout of a request.
const PATIENCE: Duration = Duration::from_secs(15);

impl Client {
    /// Connects to the socket of a process.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is no such socket, `ConnectionRefused` if its process is gone, `PermissionDenied`
    /// if it is somebody else's.
    pub fn connect(path: impl AsRef<Path>) -> io::Result<Client> {
        let path = path.as_ref();
        let stream =
            UnixStream::connect(path).map_err(|error| about(path, "cannot connect to", &error))?;
        let mut client = Client { stream: BufReader::new(stream), patience: PATIENCE };
        client.set_patience(PATIENCE)?;
        Ok(client)
    }

    /// How long the process may take to answer. The default is 15 seconds, more than a loop may be told to
    /// take; a process that is stopped takes longer.
    ///
    /// # Errors
    ///
    /// If it is zero.
    pub fn set_patience(&mut self, patience: Duration) -> io::Result<()> {
        let stream = self.stream.get_ref();
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(patience))?;
        self.patience = patience;
        Ok(())
    }

    /// Asks, and waits for the answer. After an error that is no [`Refusal`] the client is of no use any more.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] of the process is an error of the kind `Other` from which it can be taken
    /// ([`io::Error::downcast`]). `UnexpectedEof` if the process is gone, `TimedOut`, and `InvalidData` if
    /// this is not the protocol.
    pub fn ask(&mut self, asked: Asked) -> io::Result<Answered> {
        let mut line = serde_json::to_string(&Request::new(asked))?;
        line.push('\n');
        match self.exchange(&line)? {
            Answered::Error(refusal) => Err(io::Error::other(refusal)),
            answered => Ok(answered),
        }
    }

    fn exchange(&mut self, request: &str) -> io::Result<Answered> {
        let sent = self.stream.get_mut().write_all(request.as_bytes());
        let mut line = String::new();
        // It may have said why it hangs up.
        let length =
            self.stream.read_line(&mut line).map_err(|error| ended(error, self.patience))?;
        if length == 0 {
            return Err(sent.err().filter(|error| !is_end(error)).unwrap_or_else(hung_up));
        }
        read(&line)
    }
}

fn is_end(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset)
}

fn hung_up() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the process hung up, or is gone")
}

fn read(line: &str) -> io::Result<Answered> {
    let invalid = |error: serde_json::Error| {
        let message = format!("that is no answer of this protocol: {error}");
        io::Error::new(io::ErrorKind::InvalidData, message)
    };
    let value: serde_json::Value = serde_json::from_str(line).map_err(invalid)?;
    let version = value.get("version").and_then(serde_json::Value::as_u64);
    if let Some(version) = version.filter(|version| *version != u64::from(VERSION)) {
        let message = format!(
            "the process speaks version {version} of the protocol, and this program {VERSION}"
        );
        return Ok(Answered::Error(Refusal::new(ErrorKind::UnsupportedVersion, message)));
    }
    serde_json::from_value::<Answer>(value).map(|answer| answer.answered).map_err(invalid)
}

/// What a read has failed with, in our words: a socket's own limit on it is "would block".
fn ended(error: io::Error, patience: Duration) -> io::Error {
    if is_end(&error) {
        return hung_up();
    }
    if error.kind() == io::ErrorKind::WouldBlock {
        let message = format!("the process did not answer within {patience:?}; it may be stopped");
        return io::Error::new(io::ErrorKind::TimedOut, message);
    }
    error
}
