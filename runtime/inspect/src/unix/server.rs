//! The server: a thread that accepts, and one for each client.
//!
//! They are threads of their own because a loop that is blocked is the one that somebody wants to look into.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::thread;

use parking_lot::Mutex;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::answers::Answers;
use super::client_threads::Clients;
use super::connection;
use super::find::sweep;
use super::listening::Listening;
use super::place::{self, Wish, directory, socket_of};

/// Lets other processes of this user look into all loops of this one; see [`serve`].
///
/// Dropping it ends the connections and removes the socket. It waits for nothing, so a client that is just
/// being answered may see a part of its answer.
#[derive(Debug)]
#[must_use = "the server ends when it is dropped"]
pub struct Server {
    running: Arc<Running>,
}

impl Server {
    /// Begins to set up a server.
    pub fn builder() -> ServerBuilder {
        ServerBuilder { path: None, max_clients: MAX_CLIENTS }
    }

    /// Where its socket is.
    pub fn path(&self) -> &Path {
        &self.running.listening.path
    }
}

#[derive(Debug)]
struct Running {
    listening: Listening,
    clients: Arc<Clients>,
    /// The accepting thread ends when this is closed.
    _open: UnixStream,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.clients.close();
    }
}

/// The server at the usual place, of which a process has one.
static USUAL: Mutex<Weak<Running>> = Mutex::new(Weak::new());

/// Sets up a [`Server`] that is to be special in some way.
///
/// # Examples
///
/// ```
/// use runtime::inspect::Server;
///
/// # fn main() -> std::io::Result<()> {
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path().join("inside");
/// let server = Server::builder().path(&path).max_clients(4).start()?;
/// assert_eq!(server.path(), path);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `start` is called"]
pub struct ServerBuilder {
    path: Option<PathBuf>,
    max_clients: usize,
}

impl ServerBuilder {
    /// Puts the socket there. The default is `PID.sock` in [`directory`], where `runtime-ps` looks for it.
    ///
    /// `runtime-ps` takes the path in place of a process id. The directory has to exist, and whether others
    /// may remove the socket from it is the caller's business. The socket itself is this user's alone.
    pub fn path(mut self, path: impl Into<PathBuf>) -> ServerBuilder {
        self.path = Some(path.into());
        self
    }

    /// How many clients may be connected at once, at least one; the default is 32.
    ///
    /// One more takes the place of the one that has not asked anything for the longest time.
    pub fn max_clients(mut self, clients: usize) -> ServerBuilder {
        self.max_clients = clients.max(1);
        self
    }

    /// Starts the server. At the usual place a process has one, which lives until the last [`Server`] is
    /// dropped that stands for it.
    ///
    /// A socket that a process has left behind which is gone is replaced; those of other processes that are
    /// gone are removed from the usual directory.
    ///
    /// # Errors
    ///
    /// If the directory belongs to somebody else or others may write to it, if somebody listens at the path
    /// already, if the path is too long (about 100 bytes), and those of bind(2) and of starting a thread.
    pub fn start(self) -> io::Result<Server> {
        if let Some(path) = &self.path {
            return Ok(Server { running: Arc::new(self.run(path)?) });
        }
        let directory = directory();
        let path = socket_of(&directory, std::process::id());
        let mut usual = USUAL.lock();
        let known = usual.upgrade().filter(|running| running.listening.path == path);
        if let Some(running) = known {
            return Ok(Server { running });
        }
        place::prepare(&directory)?;
        sweep(&directory);
        let running = Arc::new(self.run(&path)?);
        *usual = Arc::downgrade(&running);
        Ok(Server { running })
    }

    fn run(&self, path: &Path) -> io::Result<Running> {
        let listening = Listening::at(path)?;
        let (open, closed) = UnixStream::pair()?;
        let clients = Arc::new(Clients::new(self.max_clients));
        let listener = listening.listener.try_clone()?;
        let accepting = Accepting { listener, closed, clients: clients.clone() };
        thread::Builder::new().name("runtime-inspect".into()).spawn(move || accepting.run())?;
        Ok(Running { listening, clients, _open: open })
    }
}

const MAX_CLIENTS: usize = 32;

/// Lets other processes of this user look into all loops of this one, by `runtime-ps` or by the
/// [protocol](crate::protocol), until the server is dropped.
///
/// It costs a thread that waits, and nothing else until somebody asks. Programs under `#[runtime::main]` do
/// this by themselves when the environment variable `RUNTIME_INSPECT` asks for it: `1` for the usual
/// directory, or the path of another one.
///
/// # Errors
///
/// As for [`ServerBuilder::start`].
///
/// # Examples
///
/// ```no_run
/// # fn main() -> std::io::Result<()> {
/// let server = runtime::inspect::serve()?;
/// println!("look at {} with runtime-ps", server.path().display());
/// runtime::run(async { /* what there is to look at */ });
/// # Ok(())
/// # }
/// ```
pub fn serve() -> io::Result<Server> {
    Server::builder().start()
}

/// What a program under `#[runtime::main]` does first: it serves if `RUNTIME_INSPECT` is set in its environment
/// and neither empty nor `0`, as by [`serve`].
///
/// If that fails the standard error stream says so, and the program goes on: whoever wants to look into it may
/// not be who wrote it.
///
/// # Examples
///
/// A program that builds its loop by itself:
///
/// ```
/// let _server = runtime::inspect::serve_if_asked();
/// let rt = runtime::Runtime::new().unwrap();
/// rt.block_on(async { /* what there is to look at */ });
/// ```
pub fn serve_if_asked() -> Option<Server> {
    if Wish::of_environment() == Wish::Nothing {
        return None;
    }
    serve().inspect_err(|error| eprintln!("runtime: RUNTIME_INSPECT is of no use: {error}")).ok()
}

/// What the accepting thread has.
struct Accepting {
    listener: UnixListener,
    closed: UnixStream,
    clients: Arc<Clients>,
}

impl Accepting {
    fn run(self) {
        let answers = Arc::new(Answers::new());
        while self.wait() {
            match self.listener.accept() {
                Ok((stream, _)) => self.welcome(stream, &answers),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) if self.pause() => {}
                Err(_) => return,
            }
        }
    }

    /// A client for whom there is no thread, or no descriptor, is hung up on.
    fn welcome(&self, stream: UnixStream, answers: &Arc<Answers>) {
        let answers = answers.clone();
        if let Ok(seat) = self.clients.seat(&stream) {
            let thread = thread::Builder::new().name("runtime-inspect-client".into());
            let _ = thread.spawn(move || connection::serve(&stream, &seat, &answers));
        }
    }

    /// Waits for a client; false if the server is gone.
    fn wait(&self) -> bool {
        let mut watched = [readable(&self.listener), readable(&self.closed)];
        let _ = poll(&mut watched, None);
        watched[1].revents().is_empty()
    }

    /// Waits out a lack of descriptors; false if the server is gone.
    fn pause(&self) -> bool {
        let mut watched = [readable(&self.closed)];
        let _ = poll(&mut watched, Some(&Timespec { tv_sec: 0, tv_nsec: 100_000_000 }));
        watched[0].revents().is_empty()
    }
}

fn readable(descriptor: &impl AsFd) -> PollFd<'_> {
    PollFd::new(descriptor, PollFlags::IN)
}
