//! The life of a group.
//!
//! 1. The body is polled, until it ends or the group does, and dropped.
//! 2. The children are waited for. More may come as long as nothing has failed.
//! 3. What has come of it is put together.
//!
//! A request to end the task, if the body does not take it, cuts the first two short, and the children are
//! waited for once more. A time limit ends the group, which takes its course from there. A drop at any point is
//! a drop of the [`Running`] in it, which aborts whoever is left.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use crate::inspect::show_group;
use crate::task::group::error::{Canceller, ChildError, GroupError};
use crate::task::group::limit::Limit;
use crate::task::group::outer::{self, Dropping};
use crate::task::group::shared::Shared;
use crate::task::group::{GroupBuilder, TaskGroup};
use crate::task::run_until_cancelled;
use crate::time::{Instant, Sleep, sleep};

pub(super) async fn run<R, E, F>(builder: GroupBuilder, body: F) -> Result<R, GroupError<E>>
where
    E: 'static,
    F: AsyncFnOnce(TaskGroup<E>) -> Result<R, E>,
{
    let shared = Rc::new(Shared::new(Limit::new(builder.max_concurrent)));
    show_group(&shared);
    let running = Running(shared.clone());
    let mut limits = Limits::new(&builder);
    let mut value = None;
    let mut panic = None;
    let body = body(TaskGroup { shared: shared.clone() });
    let body = Body { future: Some(body), shared: shared.clone() };
    // Both inside of one, which thereby knows in the second what the first has taken.
    let asked = run_until_cancelled(async {
        match run_body(body, &mut limits).await {
            End::Returned(Ok(returned)) => value = Some(returned),
            End::Returned(Err(error)) => shared.fail(ChildError::Failed(error)),
            End::Cancelled => {}
            End::Panicked(payload) => {
                panic = Some(payload);
                shared.end();
            }
        }
        children(&shared, &mut limits).await;
    });
    if let Err(reason) = asked.await {
        value = None;
        shared.cancel_with_task(reason);
        children(&shared, &mut limits).await;
    }
    drop(running);
    if let Some(payload) = panic {
        resume_unwind(payload);
    }
    let errors = shared.take_errors();
    let cancelled = shared.take_end();
    let timed_out = cancelled.as_ref().is_some_and(|end| end.by == Canceller::Limit);
    match value {
        Some(value) if errors.is_empty() && !timed_out => Ok(value),
        _ => Err(GroupError::new(errors, cancelled)),
    }
}

/// Waits until the last child has ended.
async fn children<E>(shared: &Shared<E>, limits: &mut Limits) {
    poll_fn(|context| {
        let empty = shared.poll_empty(context);
        if empty.is_pending() {
            limits.apply(shared, context);
        }
        empty
    })
    .await;
}

/// How a body has ended.
enum End<T> {
    Returned(T),
    /// It was dropped, because the group has ended.
    Cancelled,
    Panicked(Box<dyn Any + Send>),
}

/// The body is gone when this returns.
async fn run_body<F: Future, E>(body: Body<F, E>, limits: &mut Limits) -> End<F::Output> {
    let mut body = pin!(body);
    poll_fn(|context| body.as_mut().poll(context, limits)).await
}

pin_project! {
    struct Body<F, E: 'static> {
        // Gone when it has been dropped early.
        #[pin]
        future: Option<F>,
        shared: Rc<Shared<E>>,
    }

    impl<F, E> PinnedDrop for Body<F, E> {
        fn drop(this: Pin<&mut Self>) {
            this.end();
        }
    }
}

impl<F, E> Body<F, E> {
    /// Drops the future, unless that has been done.
    fn end(self: Pin<&mut Self>) {
        let mut this = self.project();
        if this.future.is_some() {
            let _dropping = Dropping::part_of(this.shared.clone());
            this.future.set(None);
        }
    }
}

impl<F: Future, E> Body<F, E> {
    /// Polls until the body or the group ends.
    fn poll(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        limits: &mut Limits,
    ) -> Poll<End<F::Output>> {
        let polled = catch_unwind(AssertUnwindSafe(|| {
            let this = self.as_mut().project();
            this.shared.wait_for_end(context);
            if this.shared.is_open() {
                let future = this.future.as_pin_mut().expect("nobody polls it again");
                if let Poll::Ready(result) = future.poll(context) {
                    return Poll::Ready(End::Returned(result));
                }
                limits.apply(this.shared, context);
            }
            // The body itself may have ended the group, or the time limit has.
            if this.shared.is_open() {
                return Poll::Pending;
            }
            self.as_mut().end();
            Poll::Ready(End::Cancelled)
        }));
        polled.unwrap_or_else(|payload| Poll::Ready(End::Panicked(payload)))
    }
}

/// How long a group may take, and its children from when it is first noticed that it ends.
struct Limits {
    /// For the group. Gone when it has been told of, as is the next one.
    time: Option<Sleep>,
    grace: Option<Duration>,
    grace_begun: Option<Sleep>,
}

impl Limits {
    fn new(builder: &GroupBuilder) -> Limits {
        let timeout = builder.timeout.map(|timeout| Instant::now().saturating_add(timeout));
        let deadline = match (timeout, builder.deadline) {
            (Some(timeout), Some(deadline)) => Some(timeout.min(deadline)),
            (one, other) => one.or(other),
        };
        Limits { time: deadline.map(Sleep::limit), grace: builder.grace, grace_begun: None }
    }

    /// Ends the group, or its children, if the time for that has come.
    fn apply<E>(&mut self, shared: &Shared<E>, context: &mut Context<'_>) {
        if shared.is_open() && self.time.as_mut().is_some_and(|time| time.is_over(context)) {
            self.time = None;
            shared.time_out();
        }
        if !shared.is_ending() {
            return;
        }
        let Some(grace) = self.grace else { return };
        let sleep = self.grace_begun.get_or_insert_with(|| sleep(grace));
        if sleep.is_over(context) {
            self.grace = None;
            shared.abort_children();
        }
    }
}

/// A group that is being run. Its drop takes everything down that is left.
struct Running<E: 'static>(Rc<Shared<E>>);

impl<E> Drop for Running<E> {
    fn drop(&mut self) {
        self.0.close(outer::current);
    }
}
