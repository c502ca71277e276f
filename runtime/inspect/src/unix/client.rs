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
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Client { stream: BufReader::new(stream) })
    }

    /// Asks, and waits for the answer: 15 seconds at most, after which the client is of no use any more.
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
        let length = self.stream.read_line(&mut line).map_err(timed_out)?;
        if length == 0 {
            sent?;
            let gone = "the process hung up, or is gone";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, gone));
        }
        read(&line)
    }
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

/// What a socket's own limit on reads ends with is "would block".
fn timed_out(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::WouldBlock {
        let message = "the process did not answer within 15 seconds; it may be stopped";
        return io::Error::new(io::ErrorKind::TimedOut, message);
    }
    error
}
