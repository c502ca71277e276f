//! The thread that reads a standard input which cannot be waited for.
//!
//! ```text
//!   poll_read: `wanted` is set, the waker left ──► thread: read(2), which may take for ever
//!                                                     │
//!   poll_read: takes from the leftovers  ◄── wake ◄── bytes to the leftovers, or an outcome; `wanted` is none
//! ```
//!
//! One thread for the process, started by the first read. It reads only when asked, once, and never more than
//! was asked for: what is read ahead is missing where a child inherits the input. Nobody joins it, and the
//! process ends without waiting for it.

use std::io;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;

use parking_lot::{Condvar, Mutex};

use super::{leftovers, raw};

/// The most that one read takes, in bytes.
const MOST: usize = 64 * 1024;

static READER: Reader = Reader {
    state: Mutex::new(State { started: false, wanted: None, outcome: None, waiting: Vec::new() }),
    asked: Condvar::new(),
};

struct Reader {
    state: Mutex<State>,
    asked: Condvar,
}

struct State {
    started: bool,
    /// How many bytes the thread is to read, or is reading.
    wanted: Option<usize>,
    /// How the last read ended, if not with bytes: the end, or an error. For one reader, once.
    outcome: Option<io::Result<()>>,
    waiting: Vec<(u64, Waker)>,
}

/// One that reads by way of the thread.
#[derive(Debug)]
pub(super) struct Ticket(u64);

impl Ticket {
    pub(super) fn new() -> Ticket {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        // Relaxed: no more than that each number is given once.
        Ticket(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// Takes what has been read, or has the thread read.
    pub(super) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        // Before the lock, under which no waker is cloned or dropped.
        let waker = cx.waker().clone();
        let mut state = READER.state.lock();
        let count = leftovers::take(buf);
        if count > 0 {
            return Poll::Ready(Ok(count));
        }
        if let Some(outcome) = state.outcome.take() {
            return Poll::Ready(outcome.map(|()| 0));
        }
        if state.wanted.is_none() {
            if !state.started {
                thread::Builder::new().name("runtime-stdin".into()).spawn(serve)?;
                state.started = true;
            }
            state.wanted = Some(buf.len().min(MOST));
            READER.asked.notify_one();
        }
        let place = state.waiting.iter_mut().find(|(number, _)| *number == self.0);
        let former = match place {
            Some((_, place)) => Some(mem::replace(place, waker)),
            None => {
                state.waiting.push((self.0, waker));
                None
            }
        };
        drop(state);
        drop(former);
        Poll::Pending
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut state = READER.state.lock();
        let place = state.waiting.iter().position(|(number, _)| *number == self.0);
        let waker = place.map(|place| state.waiting.swap_remove(place));
        drop(state);
        drop(waker);
    }
}

/// What the thread does.
fn serve() {
    let mut buffer = Vec::new();
    loop {
        let mut state = READER.state.lock();
        let wanted = loop {
            match state.wanted {
                Some(wanted) => break wanted,
                None => READER.asked.wait(&mut state),
            }
        };
        drop(state);
        buffer.resize(wanted, 0);
        let outcome = raw::read_stdin(&mut buffer);

        let mut state = READER.state.lock();
        state.wanted = None;
        match outcome {
            Ok(0) => state.outcome = Some(Ok(())),
            Ok(count) => leftovers::append(&buffer[..count]),
            Err(error) => state.outcome = Some(Err(error)),
        }
        let waiting = mem::take(&mut state.waiting);
        drop(state);
        for (_, waker) in waiting {
            // A waker of foreign make must not take the thread along.
            let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
        }
    }
}
