//! The default selector: epoll, kqueue or IOCP by way of mio.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::alarm::Alarm;
use super::batch::Batch;
use super::mio_descriptor;
use super::mio_interest::mio_interest;
use super::{Deregister, Descriptor, Event, Interest, Selector, Source, Token, Unpark};

const UNPARK: Token = Token(usize::MAX);
const FIRST_RESERVED: Token = Token(usize::MAX - (Token::RESERVED - 1));

/// The default selector: epoll, kqueue or IOCP by way of mio.
///
/// On Linux a wait with a timeout ends by a timer descriptor rather than by the timeout of
/// `epoll_wait`, which counts in milliseconds and lets a wait of ten seconds be ten milliseconds
/// late.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use runtime::reactor::{MioSelector, Selector};
///
/// # fn main() -> std::io::Result<()> {
/// let mut selector = MioSelector::new()?;
/// let mut events = Vec::new();
/// selector.unparker().unpark();
/// selector.select(&mut events, Some(Duration::from_secs(3600)))?;
/// assert!(events.is_empty());
/// # Ok(())
/// # }
/// ```
pub struct MioSelector {
    poll: mio::Poll,
    batch: Batch,
    alarm: Alarm,
    remote: Arc<Remote>,
}

/// What other threads may use of the selector.
pub(super) struct Remote {
    waker: mio::Waker,
    pub(super) registry: mio::Registry,
}

impl MioSelector {
    /// Creates a selector.
    ///
    /// # Errors
    ///
    /// If the process or the system has no descriptors left.
    pub fn new() -> io::Result<MioSelector> {
        let poll = mio::Poll::new()?;
        let waker = mio::Waker::new(poll.registry(), mio::Token(UNPARK.0))?;
        let registry = poll.registry().try_clone()?;
        Ok(MioSelector {
            poll,
            batch: Batch::new(),
            alarm: Alarm::new(),
            remote: Arc::new(Remote { waker, registry }),
        })
    }

    /// Calls the system once; tells whether that was all there is to wait for.
    fn wait(&mut self, events: &mut Vec<Event>, timeout: Option<Duration>) -> io::Result<bool> {
        let mut unparked = false;
        let alarm = &mut self.alarm;
        self.batch.wait(&mut self.poll, timeout, |token, ready| {
            if token < FIRST_RESERVED {
                events.push(Event { token, ready });
            } else if token == UNPARK {
                unparked = true;
            } else {
                alarm.rang();
            }
        })?;
        Ok(unparked || !events.is_empty())
    }
}

impl Selector for MioSelector {
    fn register(
        &self,
        source: &mut dyn Source,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        self.poll.registry().register(source, mio::Token(token.0), mio_interest(interest))
    }

    fn reregister(
        &self,
        source: &mut dyn Source,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        self.poll.registry().reregister(source, mio::Token(token.0), mio_interest(interest))
    }

    fn deregister(&self, source: &mut dyn Source) -> io::Result<()> {
        self.poll.registry().deregister(source)
    }

    fn select(&mut self, events: &mut Vec<Event>, timeout: Option<Duration>) -> io::Result<()> {
        if timeout == Some(Duration::ZERO) {
            return self.wait(events, timeout).map(drop);
        }
        let mut now = timeout.map(|_| Instant::now());
        // A deadline beyond what an Instant can hold is none.
        let deadline = timeout.zip(now).and_then(|(timeout, now)| now.checked_add(timeout));
        loop {
            let wait = match (deadline, now) {
                (Some(deadline), Some(now)) => self.alarm.set(self.poll.registry(), now, deadline),
                _ => None,
            };
            // An alarm may be left from an earlier wait with an earlier deadline.
            if self.wait(events, wait)? {
                return Ok(());
            }
            if let Some(deadline) = deadline {
                let later = Instant::now();
                if later >= deadline {
                    return Ok(());
                }
                now = Some(later);
            }
        }
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        self.remote.clone()
    }

    fn deregistrar(&self) -> Option<Arc<dyn Deregister>> {
        Some(self.remote.clone())
    }

    fn descriptor(&self) -> Option<Descriptor> {
        mio_descriptor::descriptor(&self.remote)
    }

    fn forgets_closed_sources(&self) -> bool {
        cfg!(any(
            target_os = "linux",
            target_os = "android",
            target_os = "freebsd",
            target_os = "netbsd",
            target_os = "openbsd",
            target_os = "dragonfly",
            target_vendor = "apple",
        ))
    }
}

impl Unpark for Remote {
    fn unpark(&self) {
        // Fails only if the descriptor is not what it was, and then nobody can be told.
        let _ = self.waker.wake();
    }
}

impl Deregister for Remote {
    fn deregister(&self, source: &mut dyn Source) -> io::Result<()> {
        self.registry.deregister(source)
    }
}

impl fmt::Debug for MioSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MioSelector").field("alarm", &self.alarm).finish_non_exhaustive()
    }
}
