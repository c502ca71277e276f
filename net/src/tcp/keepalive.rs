//! How often TCP asks a silent peer whether it is still there.

use std::time::Duration;

use socket2::TcpKeepalive;

/// TCP keepalive parameters; those that are not set keep the system's default.
///
/// The durations are rounded down to whole seconds by the systems that count in seconds, which are most of
/// them.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use runtime::net::{TcpListener, TcpStream, tcp::Keepalive};
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let listener = TcpListener::bind("127.0.0.1:0").await?;
///     let stream = TcpStream::connect(listener.local_addr()?).await?;
///     // A peer that is gone is noticed after 30 + 3 * 10 seconds.
///     stream.set_tcp_keepalive(
///         &Keepalive::new()
///             .time(Duration::from_secs(30))
///             .interval(Duration::from_secs(10))
///             .retries(3),
///     )?;
///     assert!(stream.keepalive()?);
///     Ok(())
/// })
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Keepalive {
    time: Option<Duration>,
    interval: Option<Duration>,
    retries: Option<u32>,
}

impl Keepalive {
    /// Leaves every parameter at the system's default.
    pub const fn new() -> Keepalive {
        Keepalive { time: None, interval: None, retries: None }
    }

    /// Sets how long a connection is idle before the first probe (`TCP_KEEPIDLE`).
    pub const fn time(mut self, idle: Duration) -> Keepalive {
        self.time = Some(idle);
        self
    }

    /// Sets the time between two probes (`TCP_KEEPINTVL`). OpenBSD, Haiku and others without the option
    /// ignore it.
    pub const fn interval(mut self, interval: Duration) -> Keepalive {
        self.interval = Some(interval);
        self
    }

    /// Sets how many probes may go unanswered (`TCP_KEEPCNT`). Systems without the option ignore it.
    pub const fn retries(mut self, retries: u32) -> Keepalive {
        self.retries = Some(retries);
        self
    }

    pub(super) fn to_socket2(self) -> TcpKeepalive {
        let mut keepalive = TcpKeepalive::new();
        if let Some(time) = self.time {
            keepalive = keepalive.with_time(time);
        }
        probes::add(keepalive, self.interval, self.retries)
    }
}

#[cfg(keepalive_probes)]
mod probes {
    use super::{Duration, TcpKeepalive};

    pub(super) fn add(
        mut keepalive: TcpKeepalive,
        interval: Option<Duration>,
        retries: Option<u32>,
    ) -> TcpKeepalive {
        if let Some(interval) = interval {
            keepalive = keepalive.with_interval(interval);
        }
        if let Some(retries) = retries {
            keepalive = keepalive.with_retries(retries);
        }
        keepalive
    }
}

#[cfg(not(keepalive_probes))]
mod probes {
    use super::{Duration, TcpKeepalive};

    pub(super) fn add(
        keepalive: TcpKeepalive,
        _interval: Option<Duration>,
        _retries: Option<u32>,
    ) -> TcpKeepalive {
        keepalive
    }
}
