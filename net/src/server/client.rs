//! The task of a connection.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use runtime_core::task;

use super::state::{Client, State};
use super::{Connection, Listener};

/// Serves a new connection, in a task of its own.
pub(super) fn serve<L, H, R>(
    state: &Rc<State<L>>,
    listener: &L,
    handler: Rc<H>,
    io: L::Io,
    peer: L::Addr,
) where
    L: Listener,
    H: AsyncFn(L::Stream, L::Addr) -> R + 'static,
{
    let connection = Connection::new(io);
    let link = Arc::downgrade(connection.shared());
    let established = listener.establish(connection, &peer);
    let key = state.enter(Client { link, addr: peer.clone(), task: None });
    let open = Open { state: state.clone(), key };
    let task = runtime_core::spawn(async move {
        // Declared first, and so dropped last: a connection is open until its stream is gone.
        let _open = open;
        let name = peer.clone();
        let handled = contained(async move {
            if let Ok(stream) = established.await {
                handler(stream, peer).await;
            }
        });
        if let Err(payload) = handled.await {
            report(&format!("connection from {name:?}"), payload);
        }
    });
    state.entrust(key, task);
}

/// An open connection; dropped with its task.
struct Open<L: Listener> {
    state: Rc<State<L>>,
    key: usize,
}

impl<L: Listener> Drop for Open<L> {
    fn drop(&mut self) {
        self.state.leave(self.key);
    }
}

/// Runs a future, and catches a panic of it.
async fn contained(future: impl Future<Output = ()>) -> Result<(), Box<dyn Any + Send>> {
    let mut future = pin!(future);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(poll) => poll.map(Ok),
        Err(payload) => Poll::Ready(Err(payload)),
    })
    .await
}

/// Has the panic be that of a task with a telling name, so that the exception handler and the policy for
/// unhandled panics hear of it as of any other. To give each task its name beforehand would cost every
/// connection more than its accept.
#[cold]
pub(super) fn report(name: &str, payload: Box<dyn Any + Send>) {
    let panicking = async move { resume_unwind(payload) };
    drop(task::Builder::new().name(name).spawn(panicking));
}
