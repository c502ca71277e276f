//! A periodic timer of the kernel, awaited through the public door of the reactor.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use runtime::reactor::{AsyncFd, Interest};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};

/// A timer that expires periodically; see timerfd_create(2).
pub(crate) struct TimerFd {
    fd: AsyncFd<OwnedFd>,
}

impl TimerFd {
    /// Starts a timer on the current loop.
    pub(crate) fn every(period: Duration) -> io::Result<TimerFd> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let fd = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        let period = Timespec::try_from(period).map_err(io::Error::other)?;
        let times = Itimerspec { it_interval: period, it_value: period };
        timerfd_settime(&fd, TimerfdTimerFlags::empty(), &times)?;
        Ok(TimerFd { fd: AsyncFd::with_interest(fd, Interest::READABLE)? })
    }

    /// Waits until the timer has expired, and returns how often it has since the last call.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: the kernel keeps count until somebody reads.
    pub(crate) async fn expired(&self) -> io::Result<u64> {
        // Tries first, and waits for readiness only if the read would block.
        self.fd.async_io(Interest::READABLE, read_count).await
    }
}

fn read_count(fd: &OwnedFd) -> io::Result<u64> {
    let mut count = [0; 8];
    match rustix::io::read(fd, &mut count)? {
        8 => Ok(u64::from_ne_bytes(count)),
        other => Err(io::Error::other(format!("a timerfd gave {other} bytes instead of 8"))),
    }
}
