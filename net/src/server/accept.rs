//! The accept loop: a task for each listener of a server.

use std::future::poll_fn;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use runtime_core::task::JoinHandle;
use runtime_core::{ExceptionContext, Handle};

use super::state::State;
use super::{Listener, client};
use crate::backoff::Pause;

/// Connections accepted before others get a turn. A crowd at the door does not keep those inside waiting.
const BATCH: usize = 32;

/// Starts to accept from one of the listeners.
pub(super) fn start<L: Listener>(state: Rc<State<L>>, index: usize) -> JoinHandle<()> {
    let mut acceptor = Acceptor { state, index, pause: Pause::default(), complained: false };
    runtime_core::spawn(poll_fn(move |cx| acceptor.poll(cx)))
}

struct Acceptor<L: Listener> {
    state: Rc<State<L>>,
    index: usize,
    pause: Pause,
    /// Whether the error that keeps coming back has been told.
    complained: bool,
}

impl<L: Listener> Acceptor<L> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(listener) = self.state.listener(self.index) else { return Poll::Ready(()) };
        loop {
            // A listener of the user's that panics costs a connection, and not the server.
            match catch_unwind(AssertUnwindSafe(|| self.accept(&listener, cx))) {
                Ok(poll) => return poll,
                Err(payload) => {
                    let name = name(&*listener);
                    client::report(&format!("accept loop{name}"), payload);
                    if self.state.is_closed() || !self.pause.begin() {
                        return Poll::Ready(());
                    }
                }
            }
        }
    }

    fn accept(&mut self, listener: &Rc<L>, cx: &mut Context<'_>) -> Poll<()> {
        let mut accepted = 0;
        while accepted < BATCH {
            ready!(self.pause.poll(cx));
            if self.state.is_full() {
                self.state.wait_for_room(cx.waker().clone());
                return Poll::Pending;
            }
            match ready!(listener.poll_accept(cx)) {
                Ok((io, peer)) => {
                    accepted += 1;
                    self.pause.reset();
                    self.complained = false;
                    (self.state.serve)(&self.state, listener, io, peer);
                }
                Err(error) => {
                    self.complain(listener, error);
                    if !self.pause.begin() {
                        return Poll::Ready(());
                    }
                }
            }
            // Either may have run code of the user's.
            if self.state.is_closed() {
                return Poll::Ready(());
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    #[cold]
    fn complain(&mut self, listener: &L, error: io::Error) {
        if std::mem::replace(&mut self.complained, true) {
            return;
        }
        let Ok(handle) = Handle::try_current() else { return };
        let message = format!("a server cannot accept{}, and will retry", name(listener));
        let context = ExceptionContext::new(message).with_payload(Box::new(error));
        // On a loop that is closed it is logged.
        let _ = handle.call_exception_handler(context);
    }
}

/// Names a listener by its address, as far as that can be had.
fn name<L: Listener>(listener: &L) -> String {
    let address = catch_unwind(AssertUnwindSafe(|| {
        listener.local_addr().map(|address| format!(" on {address:?}"))
    }));
    address.ok().and_then(Result::ok).unwrap_or_default()
}
