//! The task of an endpoint.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::super::panics::cut_short;
use super::super::scratch;
use super::super::state::{CLOSING, DRIVEN, FAILED, LOST, NEWS, PENDING};
use super::endpoint::Endpoint;

/// Datagrams that one poll receives at most before other tasks have their turn.
const TURN: usize = 64;

/// Receives, sends what waits to be sent, and calls the protocol, until the endpoint is closed.
pub(super) struct Driver(Rc<Endpoint>);

impl Driver {
    pub(super) fn new(endpoint: Rc<Endpoint>) -> Driver {
        Driver(endpoint)
    }

    /// Sends and tells what is due; returns whether the endpoint has come to its end.
    fn attend(&self, cx: &mut Context<'_>) -> bool {
        let state = &self.0.state;
        // First, as what is told may lead to more to be sent.
        if state.has(NEWS) {
            state.clear(NEWS);
            self.0.tell();
        }
        if state.has(PENDING) {
            // It has left its waker if there is no room.
            let _ = self.0.flush(cx);
        }
        state.has(FAILED) || state.has(CLOSING) && !state.has(PENDING)
    }

    fn receive(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut buffer = scratch::take();
        let received = match &*self.0.socket.borrow() {
            Some(socket) => socket.poll_recv_from(cx, &mut buffer),
            None => Poll::Pending,
        };
        if let Poll::Ready(outcome) = &received {
            match outcome {
                Ok((len, from)) => {
                    self.0.call(|protocol| protocol.datagram_received(&buffer[..*len], *from));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let error = error.raw_os_error().map_or_else(
                        || io::Error::new(error.kind(), error.to_string()),
                        io::Error::from_raw_os_error,
                    );
                    self.0.call(|protocol| protocol.error_received(error));
                }
            }
        }
        scratch::put(buffer);
        received.map(drop)
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let endpoint = &self.0;
        endpoint.meet(cx);
        endpoint.state.set(DRIVEN);
        let mut received = 0;
        loop {
            if self.attend(cx) {
                endpoint.lose();
                endpoint.state.clear(DRIVEN);
                return Poll::Ready(());
            }
            if endpoint.state.has(CLOSING) || self.receive(cx).is_pending() {
                break;
            }
            received += 1;
            if received >= TURN {
                cx.waker().wake_by_ref();
                break;
            }
        }
        endpoint.state.clear(DRIVEN);
        // Callbacks that fail to send when they hear of a failure would go on for ever: others have their
        // turn.
        if endpoint.state.has(NEWS) {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

impl Drop for Driver {
    /// A callback has panicked, or the loop closes: the protocol hears of either.
    fn drop(&mut self) {
        let state = &self.0.state;
        if !state.has(LOST) {
            match cut_short(state) {
                Some(error) => self.0.fail(error),
                None => self.0.abort(),
            }
            self.0.lose();
        }
    }
}
