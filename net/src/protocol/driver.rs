//! The task of a connection.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::Transport;
use super::connection::{Connection, Next};
use super::kind::AnyProtocol;
use super::panics::cut_short;
use super::scratch;
use super::state::{DRIVEN, FAILED, LOST};
use super::wire::{Received, Wire};

/// What one poll reads at most before other tasks have their turn, in bytes.
const TURN: usize = 4 * scratch::SIZE;

/// Reads, sends what waits to be sent, and calls the protocol, until the connection is over.
pub(super) struct Driver<K: 'static, W: Wire, P: AnyProtocol<K>> {
    connection: Rc<Connection<K, W, P>>,
}

impl<K: 'static, W: Wire, P: AnyProtocol<K>> Driver<K, W, P> {
    pub(super) fn new(connection: Rc<Connection<K, W, P>>) -> Self {
        Driver { connection }
    }

    /// A handle to the connection.
    pub(super) fn transport(&self) -> Transport {
        Transport::new(self.connection.clone())
    }

    #[cold]
    #[inline(never)]
    fn finish(&self) -> Poll<()> {
        self.connection.lose();
        self.connection.state.clear(DRIVEN);
        Poll::Ready(())
    }

    /// Whether anybody but this task could still close the connection.
    fn is_held(&self) -> bool {
        Rc::strong_count(&self.connection) > 1
    }

    /// Learns from a read that was not of the usual kind.
    #[cold]
    fn learn(&self, outcome: io::Result<Received>) {
        match outcome {
            Ok(_) => self.connection.end(|| self.is_held()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => self.connection.fail(error),
        }
    }
}

impl<K: 'static, W: Wire, P: AnyProtocol<K>> Future for Driver<K, W, P> {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let connection = &*self.connection;
        connection.meet(cx);
        connection.state.set(DRIVEN);
        let mut read = 0;
        loop {
            if !connection.state.is_plain() {
                match connection.attend(cx) {
                    Next::Read => {}
                    Next::Wait => break,
                    Next::End => return self.finish(),
                }
            }
            let before = connection.state.bits();
            match connection.read(cx) {
                Poll::Ready(Ok(Received { count: count @ 1.., waits })) => {
                    if waits && connection.state.is_plain() {
                        break;
                    }
                    read += count;
                    if read >= TURN {
                        cx.waker().wake_by_ref();
                        break;
                    }
                }
                Poll::Ready(outcome) => self.learn(outcome),
                Poll::Pending => {
                    // There was nothing to read, but `get_buffer` has been called, and may have asked for
                    // something.
                    if connection.state.bits() != before {
                        cx.waker().wake_by_ref();
                    }
                    break;
                }
            }
        }
        connection.state.clear(DRIVEN);
        Poll::Pending
    }
}

impl<K: 'static, W: Wire, P: AnyProtocol<K>> Drop for Driver<K, W, P> {
    /// A callback has panicked, the loop closes, or somebody aborts the task: the protocol hears of it.
    fn drop(&mut self) {
        let state = &self.connection.state;
        if state.has(LOST) {
            return;
        }
        if !state.has(FAILED) {
            match cut_short(state) {
                Some(error) => self.connection.fail(error),
                None => self.connection.abort(),
            }
        }
        self.connection.lose();
    }
}

impl<K: 'static, W: Wire, P: AnyProtocol<K>> fmt::Debug for Driver<K, W, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").finish_non_exhaustive()
    }
}
