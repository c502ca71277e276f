//! A server as other threads see it.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use runtime_core::{ExceptionContext, Handle};

use super::registry::{self, Control};
use super::status::Status;
use super::{CloseReport, wait};

/// A reference to a [`Server`](super::Server) that works from any thread.
///
/// It is cheap to clone and keeps nothing open. On the thread of the server's loop, calls take effect at
/// once; from elsewhere they are sent to the loop, which carries them out in its next turn. On a server that
/// is gone they do nothing.
///
/// # Examples
///
/// A thread that ends a server:
///
/// ```
/// use std::thread;
/// use std::time::Duration;
///
/// use runtime::net::Server;
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let server = Server::builder().bind("127.0.0.1", 0).serve(async |_, _| ()).await?;
///     let handle = server.handle();
///     let operator = thread::spawn(move || handle.close());
///     server.serve_forever().await?;
///     operator.join().unwrap();
///     assert!(server.wait_closed(Duration::from_secs(10)).await.ended_well());
///     Ok(())
/// })
/// # }
/// ```
#[derive(Clone)]
pub struct ServerHandle {
    status: Arc<Status>,
    handle: Handle,
}

impl ServerHandle {
    pub(super) fn new(status: Arc<Status>, handle: Handle) -> ServerHandle {
        ServerHandle { status, handle }
    }

    /// Begins to accept; see [`Server::start_serving`](super::Server::start_serving).
    ///
    /// The loop's exception handler hears of an error.
    pub fn start_serving(&self) {
        self.tell(|server| {
            if let Err(error) = server.start() {
                let context = ExceptionContext::new("a server could not be started")
                    .with_payload(Box::new(error));
                // A loop that is closed has logged it.
                let _ = Handle::current().call_exception_handler(context);
            }
        });
    }

    /// Whether the server accepts connections; see [`Server::is_serving`](super::Server::is_serving).
    pub fn is_serving(&self) -> bool {
        self.status.is_serving()
    }

    /// Whether the server has been closed, or its loop has.
    pub fn is_closed(&self) -> bool {
        self.status.is_closed()
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        self.status.open()
    }

    /// Stops accepting, for good; see [`Server::close`](super::Server::close).
    pub fn close(&self) {
        self.tell(|server| server.close());
    }

    /// Asks the connections to end; see [`Server::close_clients`](super::Server::close_clients).
    pub fn close_clients(&self) {
        self.tell(|server| server.close_clients());
    }

    /// Ends the connections; see [`Server::abort_clients`](super::Server::abort_clients).
    pub fn abort_clients(&self) {
        self.tell(|server| server.abort_clients());
    }

    /// Waits until the server is closed and its last connection has ended, or the time has passed.
    ///
    /// See [`Server::wait_closed`](super::Server::wait_closed). The future may be awaited on any thread and
    /// by any executor if there is no limit, and in any loop of this runtime otherwise.
    ///
    /// # Panics
    ///
    /// Outside of a loop, if there is a limit.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing is lost, and the server goes on as it would have.
    pub async fn wait_closed(&self, deadline: impl Into<Option<Duration>>) -> CloseReport {
        let deadline = deadline.into();
        wait::until_closed(&self.status, deadline).await
    }

    /// Ends the server, with some time for its connections; see
    /// [`Server::shutdown`](super::Server::shutdown).
    ///
    /// The time begins when the server's loop has heard of it: one that is blocked, or does not run, is waited
    /// for.
    ///
    /// # Panics
    ///
    /// Outside of a loop.
    ///
    /// # Cancel safety
    ///
    /// As there.
    pub async fn shutdown(&self, grace: Duration) -> CloseReport {
        self.tell(|server| {
            server.close();
            server.close_clients();
        });
        self.status.closed().await;
        let report = wait::until_closed(&self.status, Some(grace)).await;
        self.abort_clients();
        self.status.drained().await;
        report
    }

    /// Calls `f` with the server: at once if this is its thread, else on that.
    fn tell(&self, f: impl FnOnce(Rc<dyn Control>) + Send + 'static) {
        let id = self.status.id();
        if let Some(server) = registry::find(id) {
            return f(server);
        }
        let call = move || {
            if let Some(server) = registry::find(id) {
                f(server);
            }
        };
        // A loop that is closed has closed its servers.
        let _ = self.handle.call_soon(call);
    }
}

impl fmt::Debug for ServerHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerHandle")
            .field("serving", &self.is_serving())
            .field("closed", &self.is_closed())
            .field("connections", &self.connections())
            .finish()
    }
}
