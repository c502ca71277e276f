//! The race of RFC 8305, section 5: attempts that start one after the other and go on side by side.
//!
//! It knows nothing of sockets. An attempt is any future, which makes the rules testable under a clock that
//! is paused:
//!
//! - The next attempt starts when the latest has had `delay` to itself, or at once when any of those under
//!   way fails. Without a delay it starts only when nothing is under way any more.
//! - The first that succeeds wins, and the others are dropped there and then. Of several that succeed at the
//!   same moment the one that started first wins.
//! - When the last of all has failed, the outcome is the list of failures in the order of the starts.
//!
//! The RFC wants ten milliseconds between two attempts in any case, against floods of packets to networks
//! that drop them. An address that answered with a refusal is no such network; like everybody else's, this
//! race goes on at once.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use std::vec;

use runtime_core::time::{Sleep, sleep};

use crate::attempts::Attempts;

/// Attempts of the type `F` at some addresses, which `start` begins.
pub(super) struct Race<S, F> {
    waiting: vec::IntoIter<SocketAddr>,
    start: S,
    delay: Option<Duration>,
    /// Ends when the next attempt is due; absent when time does not decide that.
    stagger: Option<Sleep>,
    /// A failure, or the beginning, calls for the next attempt.
    due: bool,
    started: usize,
    running: Vec<Running<F>>,
    failed: Vec<Failed>,
}

struct Running<F> {
    place: usize,
    address: SocketAddr,
    attempt: F,
}

struct Failed {
    place: usize,
    address: SocketAddr,
    cause: io::Error,
}

impl<S, F, T> Race<S, F>
where
    S: FnMut(SocketAddr) -> io::Result<F>,
    F: Future<Output = io::Result<T>> + Unpin,
{
    /// Sets up a race to `addresses`, in this order.
    pub(super) fn new(addresses: Vec<SocketAddr>, delay: Option<Duration>, start: S) -> Race<S, F> {
        Race {
            waiting: addresses.into_iter(),
            start,
            delay,
            stagger: None,
            due: true,
            started: 0,
            running: Vec::new(),
            failed: Vec::new(),
        }
    }

    /// Ends the race early: `cause` is why the attempts under way have failed.
    pub(super) fn give_up(&mut self, cause: impl Fn() -> io::Error) -> Attempts {
        for Running { place, address, attempt } in self.running.drain(..) {
            drop(attempt);
            self.failed.push(Failed { place, address, cause: cause() });
        }
        self.outcome()
    }

    /// Polls what is under way, and notes what has failed.
    fn poll_running(&mut self, cx: &mut Context<'_>) -> Poll<T> {
        let mut n = 0;
        while let Some(running) = self.running.get_mut(n) {
            match Pin::new(&mut running.attempt).poll(cx) {
                Poll::Pending => n += 1,
                Poll::Ready(Ok(connected)) => {
                    self.running.clear();
                    return Poll::Ready(connected);
                }
                Poll::Ready(Err(cause)) => {
                    let Running { place, address, .. } = self.running.remove(n);
                    self.fail(place, address, cause);
                }
            }
        }
        Poll::Pending
    }

    fn is_next_due(&mut self, cx: &mut Context<'_>) -> bool {
        let running_alone = self.delay.is_none() && !self.running.is_empty();
        let fell_due = |stagger: &mut Sleep| Pin::new(stagger).poll(cx).is_ready();
        !running_alone && (self.due || self.stagger.as_mut().is_some_and(fell_due))
    }

    fn begin(&mut self, address: SocketAddr) {
        let place = self.started;
        self.started += 1;
        self.due = false;
        self.stagger = None;
        match (self.start)(address) {
            Ok(attempt) => {
                self.running.push(Running { place, address, attempt });
                if self.waiting.len() > 0 {
                    self.stagger = self.delay.map(sleep);
                }
            }
            Err(cause) => self.fail(place, address, cause),
        }
    }

    fn fail(&mut self, place: usize, address: SocketAddr, cause: io::Error) {
        self.due = true;
        self.failed.push(Failed { place, address, cause });
    }

    fn outcome(&mut self) -> Attempts {
        self.failed.sort_by_key(|failed| failed.place);
        let mut attempts = Attempts::to("connect to");
        for Failed { address, cause, .. } in self.failed.drain(..) {
            attempts.failed(address, cause);
        }
        attempts
    }
}

impl<S, F, T> Future for Race<S, F>
where
    S: FnMut(SocketAddr) -> io::Result<F> + Unpin,
    F: Future<Output = io::Result<T>> + Unpin,
{
    type Output = Result<T, Attempts>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            if let Poll::Ready(connected) = self.poll_running(cx) {
                return Poll::Ready(Ok(connected));
            }
            if !self.is_next_due(cx) {
                return Poll::Pending;
            }
            match self.waiting.next() {
                Some(address) => self.begin(address),
                None if self.running.is_empty() => return Poll::Ready(Err(self.outcome())),
                None => return Poll::Pending,
            }
        }
    }
}

#[cfg(test)]
#[path = "race_tests.rs"]
mod tests;
