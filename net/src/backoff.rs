//! What a listener does while the process is out of descriptors, or the loop cannot watch any more.
//!
//! The failed connection stays in the kernel's queue, so nothing is lost by waiting. A listener that gave the
//! error to its caller would have every server either die of it or spin on it, as the listener stays
//! readable.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use runtime_core::Handle;
use runtime_core::time::{Sleep, sleep};

use crate::log;
use crate::sys::{self, AcceptFailure};

const FIRST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_secs(1);

/// The pause of one waiter between two attempts: 10 ms, doubled up to a second while no attempt succeeds.
#[derive(Debug, Default)]
pub(crate) struct Pause {
    /// Boxed, because it is hardly ever there and every accept future carries its place.
    sleep: Option<Pin<Box<Sleep>>>,
    last: Duration,
}

impl Pause {
    /// Begins to wait, longer than the last time; `false` when this thread has no loop to sleep on.
    #[must_use]
    pub(crate) fn begin(&mut self) -> bool {
        if Handle::try_current().is_err() {
            return false;
        }
        self.last = (self.last * 2).clamp(FIRST, LONGEST);
        self.sleep = Some(Box::pin(sleep(self.last)));
        true
    }

    /// Waits until the pause is over; ready at once when there is none.
    #[inline]
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(sleep) = &mut self.sleep {
            ready!(sleep.as_mut().poll(cx));
            self.sleep = None;
        }
        Poll::Ready(())
    }

    /// Forgets how long the waits have become: an attempt succeeded.
    #[inline]
    pub(crate) fn reset(&mut self) {
        self.last = Duration::ZERO;
    }
}

/// Remembers that a listener has complained, so that it complains once and not at every attempt.
///
/// An episode ends when the queue of connections is empty again. Single successes in between do not end it:
/// with 500 clients at 64 descriptors each closed connection lets one new one in, and each would be a line in
/// the log.
#[derive(Debug, Default)]
pub(crate) struct Episode {
    running: AtomicBool,
}

impl Episode {
    /// Decides what the caller of an accept hears of; `None` means to try again, after the pause if one has
    /// begun.
    pub(crate) fn sort<T>(
        &self,
        accepted: io::Result<T>,
        pause: &mut Pause,
    ) -> Option<io::Result<T>> {
        let error = match accepted {
            Ok(accepted) => {
                pause.reset();
                return Some(Ok(accepted));
            }
            Err(error) => error,
        };
        match sys::accept_failure(&error) {
            AcceptFailure::Exhausted if pause.begin() => {
                self.complain(format_args!("will retry until it works: {error}"));
                None
            }
            AcceptFailure::Connection => None,
            AcceptFailure::Exhausted | AcceptFailure::Listener => Some(Err(error)),
        }
    }

    /// Begins a pause after a connection that was accepted, and closed because it could not be registered;
    /// gives the error back if there is no loop to pause on, and perhaps for that reason.
    pub(crate) fn give_up_one(&self, error: io::Error, pause: &mut Pause) -> Option<io::Error> {
        if !pause.begin() {
            return Some(error);
        }
        self.complain(format_args!("have closed one that the loop could not watch: {error}"));
        None
    }

    fn complain(&self, more: fmt::Arguments<'_>) {
        // Relaxed: the flag guards nothing but the number of lines.
        if !self.running.swap(true, Relaxed) {
            log::warn(format_args!("cannot accept connections for now, and {more}"));
        }
    }

    #[inline]
    pub(crate) fn is_running(&self) -> bool {
        self.running.load(Relaxed)
    }

    /// Ends the episode: the queue has been emptied.
    #[inline]
    pub(crate) fn end(&self) {
        if self.is_running() {
            self.running.store(false, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_second_and_start_over_after_a_success() {
        let runtime = runtime_core::Runtime::new().expect("a loop");
        let _entered = runtime.enter();
        let mut pause = Pause::default();
        let mut waits = Vec::new();
        for _ in 0..9 {
            assert!(pause.begin());
            waits.push(pause.last.as_millis());
        }
        assert_eq!(waits, [10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
        pause.reset();
        assert!(pause.begin());
        assert_eq!(pause.last, FIRST);
    }

    #[test]
    fn a_thread_without_a_loop_cannot_pause() {
        assert!(!Pause::default().begin());
    }
}
