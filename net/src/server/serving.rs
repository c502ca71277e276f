//! The server object.

use std::fmt;
use std::io;
use std::rc::{Rc, Weak};
use std::time::Duration;

use runtime_core::Handle;

use super::registry::Control;
use super::state::State;
use super::status::Status;
use super::{Builder, CloseReport, Listener, ServerHandle, wait};
use crate::tcp::TcpListener;

/// Accepts connections and runs a handler for each, in a task of its own.
///
/// It is asyncio's `Server`, as `asyncio.start_server` makes it. The task that has it keeps it open: dropping
/// it [closes](Server::close) it. Connections go on until their handlers return; a connection is *open* as
/// long as its handler runs. Other threads reach the server through a [handle](Server::handle).
///
/// Over TCP, [`builder`](Server::builder) takes hosts and ports; anything else that accepts, such as a
/// `UnixListener`, is a [`Listener`], and goes to [`over`](Server::over). For TLS there is `TlsListener`,
/// which [`Builder::wrap`] puts around the others.
///
/// # Under pressure
///
/// Without descriptors to accept with, the server waits, as
/// [`TcpListener`](crate::TcpListener#under-pressure) does, and recovers by itself. A listener that fails for
/// another reason is reported to the loop's exception handler, once, and tried again, after 10 ms at first
/// and a second at most. [`max_connections`](Builder::max_connections) leaves connections in the queue of the
/// system. At most 32 connections are accepted in a row before other tasks get their turn.
///
/// # Examples
///
/// An echo server that ends in good order:
///
/// ```
/// use std::time::Duration;
///
/// use futures::{AsyncReadExt, AsyncWriteExt};
/// use runtime::net::{Server, TcpStream};
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let server = Server::builder()
///         .bind("127.0.0.1", 0)
///         .serve(async |stream, _peer| futures::io::copy(&stream, &mut &stream).await)
///         .await?;
///
///     let mut client = TcpStream::connect(server.local_addrs()[0]).await?;
///     client.write_all(b"echo").await?;
///     let mut answer = [0; 4];
///     client.read_exact(&mut answer).await?;
///     assert_eq!(&answer, b"echo");
///
///     // The handler reads the end of the stream, and returns.
///     let report = server.shutdown(Duration::from_secs(10)).await;
///     assert!(report.ended_well(), "{report}");
///     assert_eq!(client.read(&mut answer).await?, 0);
///     Ok(())
/// })
/// # }
/// ```
#[must_use = "dropping the server closes it"]
pub struct Server<L: Listener = TcpListener> {
    state: Rc<State<L>>,
    handle: Handle,
}

impl Server {
    /// Sets up a server over TCP.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::Server;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let server = Server::builder()
    ///         .bind("localhost", 0)
    ///         .backlog(100)
    ///         .serve(async |stream, peer| println!("{peer} is here: {stream:?}"))
    ///         .await?;
    ///     # drop(server);
    ///     Ok(())
    /// })
    /// # }
    /// ```
    #[doc(alias = "start_server")]
    pub fn builder() -> Builder<TcpListener> {
        Builder::tcp()
    }
}

impl<L: Listener> Server<L> {
    /// Sets up a server that accepts from a listener of any kind, such as
    /// `Server::over(UnixListener::bind(path)?)`.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::{Server, TcpListener};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let listener = TcpListener::bind("127.0.0.1:0").await?;
    ///     let server = Server::over(listener).serve(async |_, peer| println!("{peer}")).await?;
    ///     assert!(server.is_serving());
    ///     Ok(())
    /// })
    /// # }
    /// ```
    #[doc(alias = "start_unix_server")]
    pub fn over(listener: L) -> Builder<L> {
        Builder::empty().listener(listener)
    }

    pub(super) fn new(state: Rc<State<L>>, handle: Handle) -> Server<L> {
        Server { state, handle }
    }

    pub(super) fn status(&self) -> &Status {
        &self.state.status
    }

    pub(super) fn control(&self) -> Weak<dyn Control> {
        let state: Weak<State<L>> = Rc::downgrade(&self.state);
        state
    }

    /// Begins to accept, if the builder was told [not to](Builder::start_serving). Does nothing on a server
    /// that accepts already.
    ///
    /// # Errors
    ///
    /// When the server is closed; outside of a loop; and when an address turns out to be in use after all,
    /// which closes the server. That error names the address.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::{Server, TcpStream};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let builder = Server::builder().bind("127.0.0.1", 0).start_serving(false);
    ///     let server = builder.serve(async |_, _| ()).await?;
    ///     let address = server.local_addrs()[0];
    ///     assert!(TcpStream::connect(address).await.is_err());
    ///     server.start_serving()?;
    ///     assert!(TcpStream::connect(address).await.is_ok());
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn start_serving(&self) -> io::Result<()> {
        self.state.start_serving()
    }

    /// Begins to accept, if need be, and waits until somebody closes the server, through a
    /// [handle](Server::handle) for example.
    ///
    /// Connections may be open when it returns; see [`wait_closed`](Server::wait_closed).
    ///
    /// # Errors
    ///
    /// As [`start_serving`](Server::start_serving).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the server, as cancelling it does in asyncio.
    ///
    /// # Examples
    ///
    /// A server that serves until its time is up:
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use runtime::net::Server;
    /// use runtime::time::timeout;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let server = Server::builder().bind("127.0.0.1", 0).serve(async |_, _| ()).await?;
    ///     let served = timeout(Duration::from_millis(10), server.serve_forever()).await;
    ///     assert!(served.is_err() && !server.is_serving());
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub async fn serve_forever(&self) -> io::Result<()> {
        self.start_serving()?;
        let _closing = CloseOnDrop(&*self.state);
        self.status().closed().await;
        Ok(())
    }

    /// Whether the server accepts connections: it has been started, and neither it nor its loop has been
    /// closed.
    pub fn is_serving(&self) -> bool {
        self.status().is_serving()
    }

    /// The addresses that the server listens on, in the order in which the builder was told of them.
    ///
    /// They are known after the server has been closed, too.
    pub fn local_addrs(&self) -> &[L::Addr] {
        &self.state.addrs
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.status().open()
    }

    /// The peers whose connections are open, in no particular order.
    pub fn peers(&self) -> Vec<L::Addr> {
        self.state.peers()
    }

    /// Stops accepting, for good. Connections that are open go on.
    ///
    /// The listening sockets are closed when it returns, and their addresses are free; connections that
    /// nobody has accepted yet are reset by the system. Does nothing on a server that is closed.
    pub fn close(&self) {
        self.state.close();
    }

    /// Asks the connections that are open to end, as soon as what has arrived is dealt with.
    ///
    /// Each handler finds the end of its input when it has read what the peer has sent until then, as if the
    /// peer had no more to say, and [`Connection::closing`](super::Connection::closing) is over. What it
    /// writes still goes to the peer. New connections are not affected: [`close`](Server::close) first.
    pub fn close_clients(&self) {
        self.state.close_clients();
    }

    /// Ends the connections that are open, without asking.
    ///
    /// The loop drops each handler in its next turn, and the peer of a TCP connection finds it reset. What
    /// was written and not yet sent is lost. A handler that calls this is ended itself at its next `await`.
    pub fn abort_clients(&self) {
        self.state.abort_clients();
    }

    /// Waits until the server is closed and its last connection has ended, or until `deadline`, from now, has
    /// passed; tells which.
    ///
    /// It does not close anything itself: call [`close`](Server::close), and perhaps
    /// [`close_clients`](Server::close_clients), before. [`peers`](Server::peers) tells who is left. Without
    /// a deadline (`None`) it waits as long as it takes.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is lost, and the server goes on as it would have.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use runtime::net::{Server, TcpStream};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let builder = Server::builder().bind("127.0.0.1", 0);
    ///     let server = builder.serve(async |_, _| std::future::pending::<()>().await).await?;
    ///     let client = TcpStream::connect(server.local_addrs()[0]).await?;
    ///     while server.connections() == 0 {
    ///         runtime::task::yield_now().await;
    ///     }
    ///
    ///     server.close();
    ///     let report = server.wait_closed(Duration::from_millis(10)).await;
    ///     assert_eq!(report.left(), 1);
    ///     assert_eq!(server.peers(), [client.local_addr()?]);
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub async fn wait_closed(&self, deadline: impl Into<Option<Duration>>) -> CloseReport {
        let deadline = deadline.into();
        wait::until_closed(self.status(), deadline).await
    }

    /// Closes the server, asks its connections to end, and aborts those that have not ended when `grace` has
    /// passed.
    ///
    /// The report says how many these were. All of them are gone when it returns.
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped, the server is closed and its connections have been asked to end; none will
    /// be aborted.
    pub async fn shutdown(&self, grace: Duration) -> CloseReport {
        self.close();
        self.close_clients();
        let report = self.wait_closed(grace).await;
        self.abort_clients();
        self.status().drained().await;
        report
    }

    /// A reference to the server that works from any thread.
    pub fn handle(&self) -> ServerHandle {
        ServerHandle::new(self.state.status.clone(), self.handle.clone())
    }
}

impl<L: Listener> Drop for Server<L> {
    fn drop(&mut self) {
        self.close();
    }
}

impl<L: Listener> fmt::Debug for Server<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("addrs", &self.state.addrs)
            .field("serving", &self.is_serving())
            .field("connections", &self.connections())
            .finish()
    }
}

/// Closes a server when it is dropped.
struct CloseOnDrop<'a>(&'a dyn Control);

impl Drop for CloseOnDrop<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}
