//! Time.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use runtime_core::time;

/// Gives `hyper` the loop's timers and clock, for its timeouts and keep-alive.
///
/// Under a paused clock it shows and waits for the virtual time, so that a test of a timeout takes no time.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use hyper::server::conn::http1;
/// use runtime::compat::hyper::Timer;
///
/// let mut http = http1::Builder::new();
/// http.timer(Timer).header_read_timeout(Duration::from_secs(10));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Timer;

impl hyper::rt::Timer for Timer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(Sleep { inner: time::sleep(duration) })
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(Sleep { inner: time::sleep_until(deadline.into()) })
    }

    fn now(&self) -> Instant {
        time::Instant::now().into()
    }

    /// Moves the timer of a sleep of ours, and replaces anybody else's sleep.
    fn reset(&self, sleep: &mut Pin<Box<dyn hyper::rt::Sleep>>, deadline: Instant) {
        match sleep.as_mut().downcast_mut_pin::<Sleep>() {
            Some(ours) => ours.get_mut().inner.reset(deadline.into()),
            None => *sleep = self.sleep_until(deadline),
        }
    }
}

/// The future that [`Timer`] makes. Dropping it cancels its timer.
pub struct Sleep {
    inner: time::Sleep,
}

impl hyper::rt::Sleep for Sleep {}

impl Future for Sleep {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.inner).poll(cx)
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
