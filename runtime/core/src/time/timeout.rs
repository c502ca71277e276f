//! A future with a time limit.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use crate::task::coop;

use super::{Elapsed, Instant, Sleep, sleep};

/// Gives `future` at most `duration`.
///
/// The future is polled first: what it returns is never lost to its own timeout, however late it is. With a
/// duration of zero it gets as far as its first suspension. A duration that the clock cannot count, such as
/// [`Duration::MAX`], never ends.
///
/// For a limit that is to be moved by what runs under it there is [`TimeoutScope`](super::TimeoutScope).
///
/// # Errors
///
/// Gives [`Elapsed`] if the time has passed and the future is not ready.
///
/// # Panics
///
/// The returned future panics if it has to wait outside of a loop.
///
/// # Cancel safety
///
/// That of `future`, which is dropped together with the timeout. When the time has passed, it can be
/// taken out with [`Timeout::into_inner`] and awaited further; or pass `&mut future`.
///
/// # Examples
///
/// ```
/// use futures::channel::oneshot;
/// use runtime::time::{Duration, timeout};
///
/// # runtime::run(async {
/// let (_sender, receiver) = oneshot::channel::<()>();
/// if timeout(Duration::from_millis(2), receiver).await.is_err() {
///     println!("no answer within 2 ms");
/// }
/// # })
/// ```
#[inline]
pub fn timeout<F: IntoFuture>(duration: Duration, future: F) -> Timeout<F::IntoFuture> {
    let sleep = if duration.is_zero() { Sleep::elapsed(Instant::now()) } else { sleep(duration) };
    Timeout { future: future.into_future(), sleep }
}

/// Gives `future` time until `deadline`.
///
/// See [`timeout`]. With a deadline that has passed the future gets as far as its first suspension.
///
/// # Errors
///
/// Gives [`Elapsed`] if the deadline has passed and the future is not ready.
///
/// # Panics
///
/// The returned future panics if it has to wait outside of a loop.
///
/// # Cancel safety
///
/// As for [`timeout`].
///
/// # Examples
///
/// One limit for two steps:
///
/// ```
/// use runtime::time::{Duration, Instant, error::Elapsed, timeout_at};
///
/// async fn both() -> Result<u32, Elapsed> {
///     let deadline = Instant::now() + Duration::from_secs(5);
///     let first = timeout_at(deadline, async { 40 }).await?;
///     let second = timeout_at(deadline, async { 2 }).await?;
///     Ok(first + second)
/// }
///
/// assert_eq!(runtime::run(both()), Ok(42));
/// ```
#[inline]
pub fn timeout_at<F: IntoFuture>(deadline: Instant, future: F) -> Timeout<F::IntoFuture> {
    Timeout { future: future.into_future(), sleep: Sleep::limit(deadline) }
}

pin_project! {
    /// A future with a time limit, made by [`timeout`] and [`timeout_at`].
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct Timeout<F> {
        #[pin]
        future: F,
        sleep: Sleep,
    }
}

impl<F> Timeout<F> {
    /// Returns the moment at which the time is up.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.sleep.deadline()
    }

    /// Moves the limit, earlier or later.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::future::pending;
    /// use std::pin::pin;
    /// use runtime::time::{Duration, Instant, timeout};
    ///
    /// # runtime::run(async {
    /// let mut patient = pin!(timeout(Duration::from_secs(3600), pending::<()>()));
    /// patient.as_mut().reset(Instant::now() + Duration::from_millis(1));
    /// assert!(patient.await.is_err());
    /// # })
    /// ```
    pub fn reset(self: Pin<&mut Self>, deadline: Instant) {
        self.project().sleep.reset(deadline);
    }

    /// Returns the future.
    pub fn get_ref(&self) -> &F {
        &self.future
    }

    /// Returns the future.
    pub fn get_mut(&mut self) -> &mut F {
        &mut self.future
    }

    /// Returns the pinned future.
    pub fn get_pin_mut(self: Pin<&mut Self>) -> Pin<&mut F> {
        self.project().future
    }

    /// Gives the future back and forgets the limit.
    pub fn into_inner(self) -> F {
        self.future
    }
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let had_budget = coop::has_budget_remaining();
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(Ok(output));
        }
        // A future that uses up the whole budget in every poll must not get around its limit that way.
        let counted = !had_budget || coop::has_budget_remaining();
        this.sleep.poll_counted(counted, cx).map(|()| Err(Elapsed::new()))
    }
}
