//! Work that ends when its task is asked to.

use std::borrow::Cow;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::executor::Rank;
use crate::task::listening::{Registration, running};

/// Runs a future until the current task is asked to end, and gives the reason then.
///
/// The future is polled first: what it returns is never lost, and what listens inside of it, by
/// [`cancelled`](crate::task::cancelled) and its kin, hears of a request first and deals with it. What nobody
/// in there takes ends the future where it waits: it is dropped together with what is returned here, and the
/// task goes on, to clean up. As a main future this makes one that can be ended by
/// [`Handle::cancel_main`](crate::Handle::cancel_main). Outside of a task it merely runs the future.
///
/// A request that was taken before this is first polled is of no concern here, also if nobody has
/// [taken it back](crate::task::uncancel): it is being dealt with, perhaps by this very future. Only another one
/// ends it. So a loop around this, or around something that does this, has to look at what it returns: each
/// request is told once, by one error, and who passes over that goes on. `cancelled` and
/// [`is_cancelling`](crate::task::is_cancelling) tell of it for as long as it is outstanding.
///
/// # Errors
///
/// The reason, if the task was asked and nobody inside has taken the request; it counts as taken then.
///
/// # Cancel safety
///
/// That of `future`; pass `&mut future` to keep it.
///
/// # Examples
///
/// ```
/// use runtime::task::{run_until_cancelled, yield_now};
///
/// # async fn serve() { std::future::pending().await }
/// # async fn say_goodbye() { yield_now().await }
/// # runtime::run(async {
/// let task = runtime::spawn(async {
///     match run_until_cancelled(serve()).await {
///         Ok(()) => "served".to_owned(),
///         Err(reason) => {
///             say_goodbye().await;
///             format!("ended: {reason}")
///         }
///     }
/// });
/// yield_now().await;
/// task.cancel("closing time");
/// assert_eq!(task.await.unwrap(), "ended: closing time");
/// # })
/// ```
pub fn run_until_cancelled<F: IntoFuture>(future: F) -> RunUntilCancelled<F::IntoFuture> {
    RunUntilCancelled { future: future.into_future(), registration: None, heard: 0 }
}

pin_project! {
    /// A future that ends when its task is asked to, made by [`run_until_cancelled`].
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct RunUntilCancelled<F> {
        #[pin]
        future: F,
        registration: Option<Registration>,
        // The latest request that is dealt with already: by the future itself, or before it was begun.
        heard: u64,
    }
}

impl<F: Future> Future for RunUntilCancelled<F> {
    type Output = Result<F::Output, Cow<'static, str>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let place = this.registration;
        if place.is_none() {
            let task = running();
            *place = task.and_then(|task| Registration::new(&task, Rank::Guardian, context));
            if let Some(registration) = place {
                *this.heard = registration.cancellation().taken().0;
            }
        }
        let Some(registration) = place else { return this.future.poll(context).map(Ok) };
        let cancellation = registration.cancellation();
        // If there is nothing to take yet, the numbers are not worth a lock.
        let before = (cancellation.outstanding() > 0).then(|| cancellation.taken().0);
        if let Poll::Ready(output) = this.future.poll(context) {
            *place = None;
            return Poll::Ready(Ok(output));
        }
        if registration.is_quiet(context) {
            return Poll::Pending;
        }
        registration.renew(context);
        let cancellation = registration.cancellation();
        let (taken, latest) = cancellation.taken();
        if before.map_or(taken == latest, |before| taken > before) {
            *this.heard = taken;
        }
        match cancellation.take_last(*this.heard) {
            Some(reason) => {
                *place = None;
                Poll::Ready(Err(reason))
            }
            None => Poll::Pending,
        }
    }
}
