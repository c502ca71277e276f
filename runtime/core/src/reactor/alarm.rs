//! How a wait ends on time on Linux: by a timer descriptor among the others.
//!
//! The timeout of `epoll_wait` counts in milliseconds, and the kernel adds slack on top (50 us or
//! a thousandth of the wait, whichever is more). A timerfd(2) has neither. It is set only when the
//! wanted moment is earlier than the one it stands at or that one has passed: a server whose
//! timeouts lie thirty seconds ahead sets it every thirty seconds, not every turn.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use mio::unix::SourceFd;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};

use super::Token;

/// The selector takes every reserved token but its highest for this one.
const ALARM: Token = Token(usize::MAX - 1);

/// How long to do without after the system has refused a timer for lack of descriptors.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The timer descriptor, if the system grants one.
#[derive(Debug)]
pub(super) enum Alarm {
    /// Not needed so far, or refused until then.
    Missing { retry_at: Option<Instant> },
    Present {
        timer: OwnedFd,
        /// When it rings; None if it has rung.
        at: Option<Instant>,
    },
}

impl Alarm {
    pub(super) fn new() -> Alarm {
        Alarm::Missing { retry_at: None }
    }

    /// Makes the selector return at `deadline`, or earlier; returns the timeout that the call
    /// itself needs on top.
    pub(super) fn set(
        &mut self,
        registry: &mio::Registry,
        now: Instant,
        deadline: Instant,
    ) -> Option<Duration> {
        let remaining = deadline.saturating_duration_since(now);
        if remaining.is_zero() {
            return Some(Duration::ZERO);
        }
        if let Alarm::Missing { retry_at } = *self {
            if retry_at.is_none_or(|moment| now >= moment) {
                *self = Alarm::create(registry, now);
            }
        }
        match self {
            Alarm::Present { at: Some(at), .. } if *at <= deadline && *at > now => None,
            Alarm::Present { timer, at } => match ring_in(timer, remaining) {
                Ok(()) => {
                    *at = Some(deadline);
                    None
                }
                Err(_) => Some(remaining),
            },
            // mio rounds up to milliseconds.
            Alarm::Missing { .. } => Some(remaining),
        }
    }

    /// Notes that it has rung.
    pub(super) fn rang(&mut self) {
        if let Alarm::Present { at, .. } = self {
            *at = None;
        }
    }

    fn create(registry: &mio::Registry, now: Instant) -> Alarm {
        match timer(registry) {
            Ok(timer) => Alarm::Present { timer, at: None },
            Err(_) => Alarm::Missing { retry_at: now.checked_add(RETRY_AFTER) },
        }
    }
}

fn timer(registry: &mio::Registry) -> io::Result<OwnedFd> {
    let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
    let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
    // Edge-triggered, so that it need not be read: setting it anew forgets what has passed.
    let number = timer.as_raw_fd();
    registry.register(&mut SourceFd(&number), mio::Token(ALARM.0), mio::Interest::READABLE)?;
    Ok(timer)
}

fn ring_in(timer: &OwnedFd, remaining: Duration) -> io::Result<()> {
    let once = Itimerspec {
        it_interval: Timespec { tv_sec: 0, tv_nsec: 0 },
        it_value: Timespec {
            tv_sec: i64::try_from(remaining.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: remaining.subsec_nanos().into(),
        },
    };
    timerfd_settime(timer, TimerfdTimerFlags::empty(), &once)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing_at(alarm: &Alarm) -> Option<Instant> {
        match alarm {
            Alarm::Present { at, .. } => *at,
            Alarm::Missing { .. } => panic!("the system has a timer to spare"),
        }
    }

    #[test]
    fn it_is_set_for_an_earlier_moment_only() {
        let poll = mio::Poll::new().expect("an epoll instance");
        let mut alarm = Alarm::new();
        let now = Instant::now();
        let in_seconds = |seconds| now + Duration::from_secs(seconds);
        for (wanted, expected) in [(60, 60), (90, 60), (60, 60), (30, 30), (60, 30)] {
            assert_eq!(alarm.set(poll.registry(), now, in_seconds(wanted)), None);
            assert_eq!(standing_at(&alarm), Some(in_seconds(expected)));
        }
        // It has passed, or has rung: then any moment is new.
        assert_eq!(alarm.set(poll.registry(), in_seconds(31), in_seconds(60)), None);
        assert_eq!(standing_at(&alarm), Some(in_seconds(60)));
        alarm.rang();
        assert_eq!(alarm.set(poll.registry(), now, in_seconds(90)), None);
        assert_eq!(standing_at(&alarm), Some(in_seconds(90)));
    }

    #[test]
    fn a_moment_that_has_come_needs_no_timer() {
        let poll = mio::Poll::new().expect("an epoll instance");
        let mut alarm = Alarm::new();
        let now = Instant::now();
        assert_eq!(alarm.set(poll.registry(), now, now), Some(Duration::ZERO));
        assert!(matches!(alarm, Alarm::Missing { .. }));
    }
}
