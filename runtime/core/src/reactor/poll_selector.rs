//! A selector for all of Unix: poll(2).

#[cfg_attr(
    not(any(target_os = "linux", target_os = "android", target_os = "freebsd")),
    path = "poll_selector/call_other.rs"
)]
mod call;
mod flags;
mod watches;

use std::fmt;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use libc::{POLLIN, POLLNVAL, pollfd};
use mio::unix::pipe;
use parking_lot::Mutex;

use self::watches::Watches;
use super::{Deregister, Event, Interest, Ready, Rearm, Selector, Source, Token, Unpark};

/// A selector for all of Unix: poll(2).
///
/// It does without epoll, kqueue and timer descriptors, so it is there where they are not, in a
/// sandbox for instance; and it can watch what epoll refuses: regular files, which are always
/// ready. The price is a look at every source that somebody waits for, each time the loop
/// waits: fine for some hundred, slow for ten thousand.
///
/// The loop cannot be embedded in another one by way of a descriptor, as there is none.
///
/// # What differs
///
/// poll(2) tells levels, of which this selector makes edges: it stops watching for what it has
/// reported until somebody finds that a call would block, and waits again. Hence a level comes to
/// a waiter once more if it has not been used up. A task that waits to read *or* write, and does
/// neither though it could, is called in every turn of the loop.
///
/// An error or a hang-up that nobody acts upon is reported again after a while, 64 ms at most, and
/// so is, as late, what else happens to its source meanwhile.
///
/// poll(2) knows a source by its number and by nothing else. If a descriptor is closed without being
/// deregistered, and its number given to another one, that one is taken for it.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use runtime::reactor::PollSelector;
///
/// # fn main() -> std::io::Result<()> {
/// let rt = runtime::Builder::new().selector(PollSelector::new()?).build()?;
/// rt.block_on(runtime::time::sleep(Duration::from_millis(1)));
/// # Ok(())
/// # }
/// ```
pub struct PollSelector {
    remote: Arc<Remote>,
    /// The receiving end of the pipe that ends a wait.
    bell: pipe::Receiver,
    /// Kept for its capacity.
    questions: Vec<pollfd>,
}

/// What all threads share.
struct Remote {
    state: Mutex<State>,
    rope: pipe::Sender,
    /// There is a byte in the pipe, or about to be.
    rung: AtomicBool,
}

struct State {
    watches: Watches,
    /// The loop's thread is inside of poll(2), or about to be, and asks what it knew before.
    waiting: bool,
}

impl PollSelector {
    /// Creates a selector.
    ///
    /// # Errors
    ///
    /// If the process or the system has no descriptors left.
    pub fn new() -> io::Result<PollSelector> {
        let (rope, bell) = pipe::new()?;
        let state = State { watches: Watches::default(), waiting: false };
        Ok(PollSelector {
            remote: Arc::new(Remote {
                state: Mutex::new(state),
                rope,
                rung: AtomicBool::new(false),
            }),
            bell,
            questions: Vec::new(),
        })
    }

    /// Writes down what to ask poll(2); returns how long to wait.
    fn prepare(&mut self, timeout: Option<Duration>) -> Option<Duration> {
        self.questions.clear();
        self.questions.push(question(self.bell.as_raw_fd()));
        let mut state = self.remote.state.lock();
        let limit = state.watches.ask(&mut self.questions, Instant::now);
        state.waiting = timeout != Some(Duration::ZERO);
        timeout.into_iter().chain(limit).min()
    }

    /// Empties the pipe.
    fn silence(&self) {
        // There is one byte, or none.
        let _ = (&self.bell).read(&mut [0; 8]);
        // Whoever rang until here, and did not write because somebody had, wanted this wait to end,
        // and it does; whoever rings from here on writes. Acquire: what those did before they rang
        // is seen from here on, see `unpark`.
        self.remote.rung.swap(false, Ordering::AcqRel);
    }
}

impl Selector for PollSelector {
    fn register(
        &self,
        source: &mut dyn Source,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        let number = source.as_raw_fd();
        check_open(number)?;
        self.remote.state.lock().watches.register(number, token, interest)
    }

    fn reregister(
        &self,
        source: &mut dyn Source,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        let number = source.as_raw_fd();
        check_open(number)?;
        self.remote.state.lock().watches.reregister(number, token, interest)
    }

    fn deregister(&self, source: &mut dyn Source) -> io::Result<()> {
        self.remote.deregister(source)
    }

    fn select(&mut self, events: &mut Vec<Event>, timeout: Option<Duration>) -> io::Result<()> {
        let timeout = self.prepare(timeout);
        let outcome = call::wait(&mut self.questions, timeout);
        let mut state = self.remote.state.lock();
        state.waiting = false;
        let count = outcome?;
        let answers = self.questions.iter().filter(|answer| answer.revents != 0).take(count);
        for answer in answers {
            if answer.fd == self.bell.as_raw_fd() {
                self.silence();
            } else {
                events.extend(state.watches.answer(answer.fd, answer.revents, Instant::now));
            }
        }
        Ok(())
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        self.remote.clone()
    }

    fn deregistrar(&self) -> Option<Arc<dyn Deregister>> {
        Some(self.remote.clone())
    }

    fn rearmer(&self) -> Option<Arc<dyn Rearm>> {
        Some(self.remote.clone())
    }
}

impl Unpark for Remote {
    fn unpark(&self) {
        // Release: what this thread did before is seen by the loop, see `silence`.
        if !self.rung.swap(true, Ordering::AcqRel) {
            // The pipe is empty, so this does not fail.
            let _ = (&self.rope).write(&[0]);
        }
    }
}

impl Deregister for Remote {
    fn deregister(&self, source: &mut dyn Source) -> io::Result<()> {
        let mut state = self.state.lock();
        let outcome = state.watches.deregister(source.as_raw_fd());
        let waiting = state.waiting;
        drop(state);
        if waiting {
            // The system keeps open what poll(2) looks at: end that, lest the peer of a socket
            // learns late that it has been closed.
            self.unpark();
        }
        outcome
    }
}

impl Rearm for Remote {
    fn rearm(&self, token: Token, interest: Interest) {
        let mut state = self.state.lock();
        let unheard = state.watches.rearm(token, interest) && state.waiting;
        drop(state);
        if unheard {
            self.unpark();
        }
    }
}

/// Tells what a descriptor is ready for at this moment, of `interest`, errors and hang-ups.
pub(super) fn look(number: BorrowedFd<'_>, interest: Interest) -> io::Result<Ready> {
    let events = flags::asked(interest, false);
    let mut questions = [pollfd { fd: number.as_raw_fd(), events, revents: 0 }];
    ask_now(&mut questions)?;
    Ok(flags::ready(questions[0].revents))
}

/// Asks without waiting. Even so poll(2) gives up when a signal has come, instead of saying that nothing is
/// ready.
fn ask_now(questions: &mut [pollfd]) -> io::Result<()> {
    loop {
        match call::wait(questions, Some(Duration::ZERO)) {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn question(number: RawFd) -> pollfd {
    pollfd { fd: number, events: POLLIN, revents: 0 }
}

/// Fails if a number does not stand for an open descriptor.
fn check_open(number: RawFd) -> io::Result<()> {
    let mut questions = [question(number)];
    ask_now(&mut questions)?;
    // poll(2) passes over what is below zero.
    if number < 0 || questions[0].revents & POLLNVAL != 0 {
        return Err(rustix::io::Errno::BADF.into());
    }
    Ok(())
}

impl fmt::Debug for PollSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sources = self.remote.state.lock().watches.len();
        f.debug_struct("PollSelector").field("sources", &sources).finish_non_exhaustive()
    }
}
