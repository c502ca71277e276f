//! Ending a task with time to clean up.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use crate::task::{JoinError, JoinHandle};
use crate::time::{Instant, Sleep};

impl<T> JoinHandle<T> {
    /// Asks the task to end, waits for that, and aborts it when the grace is over.
    ///
    /// A task that does not listen is dropped at once, as by [`cancel`](JoinHandle::cancel). A task that was
    /// asked before is not asked again, only waited for: another request would cut its cleaning up short. So
    /// who has a reason to give calls `cancel` first; the one given here merely names the grace.
    ///
    /// However short the grace, the task is polled with the request before it is aborted, wherever it runs and
    /// however busy its loop is; with a grace of zero just that once. A grace of [`Duration::MAX`] never ends.
    ///
    /// # Errors
    ///
    /// If the task has no output: it was dropped, by the request or at the end of the grace, or it panicked.
    ///
    /// # Cancel safety
    ///
    /// Before it is first polled nothing has happened, and dropping it detaches the task. Dropped later, the
    /// task has been asked, but not aborted, and runs on detached.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::{cancelled, yield_now};
    /// use runtime::time::{Duration, sleep};
    ///
    /// # runtime::run(async {
    /// let polite = runtime::spawn(async {
    ///     cancelled().await;
    ///     "saved"
    /// });
    /// let stubborn = runtime::spawn(async {
    ///     cancelled().await;
    ///     sleep(Duration::from_secs(3600)).await;
    /// });
    /// yield_now().await;
    /// let grace = Duration::from_millis(5);
    /// assert_eq!(polite.cancel_and_wait(grace).await.unwrap(), "saved");
    /// assert!(stubborn.cancel_and_wait(grace).await.unwrap_err().is_cancelled());
    ///
    /// // With a reason of one's own.
    /// let idle = runtime::spawn(std::future::pending::<()>());
    /// idle.cancel("nobody needs it any more");
    /// let error = idle.cancel_and_wait(grace).await.unwrap_err();
    /// assert_eq!(error.cancel_reason(), Some("nobody needs it any more"));
    /// # })
    /// ```
    pub async fn cancel_and_wait(mut self, grace: Duration) -> Result<T, JoinError> {
        self.cancel_first(|| format!("asked to end within {grace:?}").into());
        let deadline = Instant::now().saturating_add(grace);
        // The task's own loop keeps the time if whoever waits has none.
        let mut limit = Some(Sleep::at_home(deadline, self.home()));
        poll_fn(move |context| {
            if let Poll::Ready(outcome) = Pin::new(&mut self).poll(context) {
                return Poll::Ready(outcome);
            }
            let over = limit.as_mut().is_some_and(|sleep| sleep.poll_at_home(context).is_ready());
            if over {
                limit = None;
                self.abort_handle().abort_when_asked();
            }
            Poll::Pending
        })
        .await
    }
}
