//! The future over one timer.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::context::{self, LoopId};
use crate::task::coop;

use super::Instant;
use super::remote::RemoteTimer;
use super::timers::TimerKey;

/// Waits until `duration` has passed.
///
/// A duration of zero still gives every other ready task a turn. One that the clock cannot count, such as [`Duration::MAX`], never
/// ends. The clock is read when `sleep` is called, not when the future is first polled.
///
/// # Panics
///
/// The future panics when it is first polled outside of a loop.
///
/// # Cancel safety
///
/// Dropping the future cancels the timer; nothing is lost.
///
/// # Examples
///
/// ```
/// use runtime::time::{Duration, sleep};
///
/// # runtime::run(async {
/// sleep(Duration::from_millis(5)).await;
/// println!("5 ms later");
/// # })
/// ```
#[inline]
pub fn sleep(duration: Duration) -> Sleep {
    sleep_until(Instant::now().saturating_add(duration))
}

/// Waits until `deadline`.
///
/// A deadline in the past is a deadline that has been reached.
///
/// # Panics
///
/// The future panics when it is first polled outside of a loop.
///
/// # Cancel safety
///
/// Dropping the future cancels the timer; nothing is lost.
///
/// # Examples
///
/// Regular work without drift:
///
/// ```
/// use runtime::time::{Duration, Instant, sleep_until};
///
/// # runtime::run(async {
/// let mut deadline = Instant::now();
/// for _ in 0..3 {
///     deadline += Duration::from_millis(1);
///     sleep_until(deadline).await;
/// }
/// # })
/// ```
#[inline]
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep { deadline, home: None, state: State::Idle }
}

/// A future that completes at its deadline, made by [`sleep`] and [`sleep_until`].
///
/// It costs nothing until it is first polled; then its timer joins the current loop. It may be moved, [reset](Sleep::reset), polled and
/// dropped on any thread. Polled on the thread of another loop, it joins that one; polled on a thread without a loop, it stays with the
/// loop that it knows.
///
/// Once complete it stays so: polled again it returns `Ready`, until it is reset.
///
/// # Examples
///
/// One timer for many waits, here an idle timeout that starts anew with every message:
///
/// ```
/// use std::pin::pin;
///
/// use futures::channel::mpsc;
/// use futures::future::{Either, select};
/// use futures::StreamExt;
/// use runtime::time::{Duration, Instant, sleep};
///
/// const IDLE: Duration = Duration::from_millis(10);
///
/// async fn serve(mut messages: mpsc::UnboundedReceiver<u32>) -> u32 {
///     let mut sum = 0;
///     let mut idle = pin!(sleep(IDLE));
///     loop {
///         match select(messages.next(), idle.as_mut()).await {
///             Either::Left((Some(message), _)) => {
///                 sum += message;
///                 idle.as_mut().reset(Instant::now() + IDLE);
///             }
///             _ => return sum,
///         }
///     }
/// }
///
/// # runtime::run(async {
/// let (sender, receiver) = mpsc::unbounded();
/// sender.unbounded_send(40).unwrap();
/// sender.unbounded_send(2).unwrap();
/// assert_eq!(serve(receiver).await, 42);
/// # })
/// ```
#[must_use = "futures do nothing unless polled"]
pub struct Sleep {
    deadline: Instant,
    /// The loop that the timer last belonged to.
    home: Option<LoopId>,
    state: State,
}

/// Where the timer is.
#[derive(Debug)]
enum State {
    /// Nowhere: not polled since it was made or reset.
    Idle,
    /// In the wheel of `home`, or fired without having been polled since.
    Armed(TimerKey),
    /// With `home`, but polled on a thread that has no loop.
    Remote(Arc<RemoteTimer>),
    /// The deadline is known to have passed.
    Elapsed,
}

impl Sleep {
    /// Makes a sleep that has ended.
    pub(super) fn elapsed(deadline: Instant) -> Self {
        Self { deadline, home: None, state: State::Elapsed }
    }

    /// Returns the moment at which the sleep ends.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Says whether the deadline has passed.
    #[must_use]
    pub fn is_elapsed(&self) -> bool {
        matches!(self.state, State::Elapsed) || self.deadline <= Instant::now()
    }

    /// Gives the sleep a new deadline, earlier or later, before or after it has completed.
    ///
    /// A task that waits for it need not poll it again: it is woken at the new deadline. On a pinned sleep, call
    /// `sleep.as_mut().reset(..)`.
    pub fn reset(&mut self, deadline: Instant) {
        self.deadline = deadline;
        match &self.state {
            State::Armed(key) => {
                if !self.reset_armed(*key) {
                    self.state = State::Idle;
                }
            }
            State::Remote(timer) => timer.reset(deadline),
            State::Idle | State::Elapsed => self.state = State::Idle,
        }
    }

    /// Polls without regard to the cooperative budget.
    #[inline]
    pub(super) fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.state {
            State::Idle => self.poll_first(cx),
            State::Armed(key) => self.poll_armed(key, cx),
            State::Remote(_) => self.poll_moved(cx),
            State::Elapsed => Poll::Ready(()),
        }
    }

    #[inline]
    fn poll_first(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = self.deadline.into_std();
        match context::with_current(|local| (local.id, local.timers.arm(deadline, cx.waker()))) {
            Some((home, key)) => self.settle(home, key),
            None => self.poll_without_loop(cx),
        }
    }

    fn poll_armed(&mut self, key: TimerKey, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = self.deadline.into_std();
        let rearmed = context::with_current(|local| {
            (self.home == Some(local.id)).then(|| local.timers.rearm(key, deadline, cx.waker()))
        });
        match (rearmed.flatten(), self.home) {
            (Some(key), Some(home)) => self.settle(home, key),
            _ => self.poll_moved(cx),
        }
    }

    /// Takes note of what arming came to.
    #[inline]
    fn settle(&mut self, home: LoopId, key: Option<TimerKey>) -> Poll<()> {
        self.home = Some(home);
        match key {
            Some(key) => {
                self.state = State::Armed(key);
                Poll::Pending
            }
            None => {
                self.state = State::Elapsed;
                Poll::Ready(())
            }
        }
    }

    /// Goes on where the timer is not in the wheel of the current loop: joins that loop if there is one.
    #[cold]
    fn poll_moved(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if context::with_current(|_| ()).is_none() {
            return self.poll_without_loop(cx);
        }
        self.cancel();
        self.state = State::Idle;
        self.poll_first(cx)
    }

    /// Has the loop that the timer belongs to wake a task that belongs to none.
    #[cold]
    fn poll_without_loop(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(home) = self.home else {
            panic!("{}", context::NO_LOOP);
        };
        let polled = match &self.state {
            State::Remote(timer) => timer.poll(cx.waker()),
            State::Armed(key) => {
                let (timer, polled) =
                    RemoteTimer::start(home, self.deadline, Some(*key), cx.waker());
                self.state = State::Remote(timer);
                polled
            }
            State::Idle | State::Elapsed => {
                let (timer, polled) = RemoteTimer::start(home, self.deadline, None, cx.waker());
                self.state = State::Remote(timer);
                polled
            }
        };
        match polled {
            Some(Poll::Ready(())) => {
                self.state = State::Elapsed;
                Poll::Ready(())
            }
            Some(Poll::Pending) => Poll::Pending,
            None => panic!("the loop of this `Sleep` has been closed, and {}", context::NO_LOOP),
        }
    }

    /// Resets the timer in the wheel. Returns false if there is none any more, and nobody waits for it.
    fn reset_armed(&self, key: TimerKey) -> bool {
        let deadline = self.deadline.into_std();
        let Some(home) = self.home else { return false };
        let here = context::with_current(|local| {
            (local.id == home).then(|| local.timers.reset(key, deadline))
        });
        match here.flatten() {
            Some(armed) => armed,
            // Until the loop gets to it, a poll on its thread puts the difference right, see `Timers::rearm`.
            None => context::post_to(home, move |local| {
                local.timers.reset(key, deadline);
            }),
        }
    }

    /// Lets go of the timer.
    #[inline]
    fn cancel(&mut self) {
        match &self.state {
            State::Armed(key) => {
                let (key, home) = (*key, self.home);
                let here = context::with_current(|local| {
                    let at_home = home == Some(local.id);
                    if at_home {
                        local.timers.cancel(key);
                    }
                    at_home
                });
                if here != Some(true) {
                    cancel_elsewhere(home, key);
                }
            }
            State::Remote(timer) => timer.abandon(),
            State::Idle | State::Elapsed => {}
        }
    }
}

#[cold]
fn cancel_elsewhere(home: Option<LoopId>, key: TimerKey) {
    if let Some(home) = home {
        // If the loop is closed, so is its wheel.
        context::post_to(home, move |local| local.timers.cancel(key));
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let proceed = ready!(coop::poll_proceed(cx));
        let polled = self.poll_deadline(cx);
        if polled.is_ready() {
            proceed.made_progress();
        }
        polled
    }
}

impl Drop for Sleep {
    #[inline]
    fn drop(&mut self) {
        self.cancel();
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}
