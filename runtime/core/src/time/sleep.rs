//! The future over one timer.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::current::{self, LoopId};
use crate::outside;
use crate::task::coop;

use super::Instant;
use super::remote::RemoteKey;
use super::timers::TimerKey;

/// Waits until `duration` has passed.
///
/// A duration of zero still gives every other ready task a turn. One that the clock cannot count, such as
/// [`Duration::MAX`], never ends. The clock is read when `sleep` is called, not when the future is first
/// polled.
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
    let deadline = Instant::now().saturating_add(duration);
    let state = if duration.is_zero() { State::Zero } else { State::Idle(None) };
    Sleep { deadline, state }
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
    Sleep { deadline, state: State::Idle(None) }
}

/// A future that completes at its deadline, made by [`sleep`] and [`sleep_until`].
///
/// It costs nothing until it is first polled; then its timer joins the current loop. It may be moved,
/// [reset](Sleep::reset), polled and dropped on any thread. Polled on the thread of another loop, it joins
/// that one; polled on a thread without a loop, it stays with the loop that it knows.
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
    state: State,
}

/// Where the timer is. Nothing here has to be dropped, which makes for a short way out of [`Sleep`].
#[derive(Debug)]
enum State {
    /// Nowhere: not polled since it was made or reset. Before that it was with this loop.
    Idle(Option<LoopId>),
    /// Nowhere: not polled yet, and made to wait until the loop looks at its timers, even if the clock stands
    /// still.
    Zero,
    /// In the wheel of the loop `home`, or fired without having been polled since.
    Armed { home: LoopId, generation: u64, index: u32 },
    /// With its loop, but polled on a thread that has none.
    Remote(RemoteKey),
    /// The deadline is known to have passed.
    Elapsed(Option<LoopId>),
}

impl Sleep {
    /// Makes a sleep that has ended.
    pub(super) fn elapsed(deadline: Instant) -> Self {
        Self { deadline, state: State::Elapsed(None) }
    }

    /// Makes a sleep for a limit: one that has passed is over at once, and not only when the loop looks at its
    /// timers.
    pub(crate) fn limit(deadline: Instant) -> Self {
        if deadline <= Instant::now() { Self::elapsed(deadline) } else { sleep_until(deadline) }
    }

    /// Whether a limit is over; at no cost to the budget of what runs under it, which may have used all of it.
    pub(crate) fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        self.poll_counted(false, cx).is_ready()
    }

    /// Makes a sleep that is kept by the loop `home` when it is polled on a thread without a loop.
    pub(crate) fn at_home(deadline: Instant, home: LoopId) -> Self {
        Self { deadline, state: State::Idle(Some(home)) }
    }

    /// Returns the moment at which the sleep ends.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Says whether the deadline has passed.
    #[must_use]
    pub fn is_elapsed(&self) -> bool {
        matches!(self.state, State::Elapsed(_)) || self.deadline <= Instant::now()
    }

    /// Gives the sleep a new deadline, earlier or later, before or after it has completed.
    ///
    /// A task that waits for it need not poll it again: it is woken at the new deadline. On a pinned sleep,
    /// call `sleep.as_mut().reset(..)`.
    pub fn reset(&mut self, deadline: Instant) {
        self.deadline = deadline;
        match self.state {
            State::Armed { home, generation, index } => {
                if !reset_armed(home, TimerKey { generation, index }, deadline) {
                    self.state = State::Idle(Some(home));
                }
            }
            State::Remote(ref timer) => timer.reset(deadline),
            State::Idle(home) | State::Elapsed(home) => self.state = State::Idle(home),
            State::Zero => self.state = State::Idle(None),
        }
    }

    /// Polls; `counted` says whether completion is to be charged to the task's cooperative budget.
    #[inline(always)]
    pub(super) fn poll_counted(&mut self, counted: bool, cx: &mut Context<'_>) -> Poll<()> {
        if let State::Idle(_) = self.state {
            let deadline = self.deadline;
            // Cloned first: a foreign waker is code of the user's, which may drop a loop that was entered.
            let waker = cx.waker().clone();
            let armed = current::with_current_and(waker, deadline, |local, waker, deadline| {
                local.timers.arm(deadline, waker).map(|key| State::armed(local.id, key))
            });
            if let Ok(Ok(armed)) = armed {
                self.state = armed;
                return Poll::Pending;
            }
        }
        self.poll_otherwise(counted, cx)
    }

    /// All that happens after a timer was armed for the first time.
    #[inline(never)]
    fn poll_otherwise(&mut self, counted: bool, cx: &mut Context<'_>) -> Poll<()> {
        if counted && !coop::has_budget_remaining() {
            return coop::out_of_budget(cx);
        }
        let (state, deadline) = (&self.state, self.deadline);
        let home = current::with_current(|local| match *state {
            State::Armed { home, generation, index } if home == local.id => {
                let fired = local.timers.has_fired(TimerKey { generation, index }, deadline);
                fired.then_some(home)
            }
            _ => None,
        });
        let polled = match home.flatten() {
            Some(home) => {
                self.state = State::Elapsed(Some(home));
                Poll::Ready(())
            }
            None => self.poll_again(cx),
        };
        if counted && polled.is_ready() {
            // Something is left of the budget.
            if let Poll::Ready(budget) = coop::poll_proceed(cx) {
                budget.made_progress();
            }
        }
        polled
    }

    #[inline(never)]
    fn poll_again(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let State::Elapsed(_) = self.state {
            return Poll::Ready(());
        }
        let deadline = self.deadline;
        let state = current::with_current_held(|local| {
            let key = match self.state {
                State::Armed { home, generation, index } if home == local.id => {
                    local.timers.rearm(TimerKey { generation, index }, deadline, cx.waker())
                }
                State::Zero => Some(local.timers.arm_for_a_turn(deadline, cx.waker())),
                _ => {
                    // The timer is with another loop, or nowhere.
                    self.cancel();
                    self.state = State::Idle(None);
                    local.timers.arm(deadline, cx.waker().clone()).ok()
                }
            };
            key.map_or(State::Elapsed(Some(local.id)), |key| State::armed(local.id, key))
        });
        let Some(state) = state else { return self.poll_without_loop(cx) };
        self.state = state;
        match self.state {
            State::Elapsed(_) => Poll::Ready(()),
            _ => Poll::Pending,
        }
    }

    /// Has the loop that the timer belongs to wake a task that belongs to none.
    #[cold]
    #[inline(never)]
    fn poll_without_loop(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.poll_remotely(cx) {
            Some(polled) => polled,
            None => panic!("the loop of this `Sleep` has been closed, and {}", outside::no_loop()),
        }
    }

    /// The same; `None` if that loop is closed.
    fn poll_remotely(&mut self, cx: &mut Context<'_>) -> Option<Poll<()>> {
        let moved = match self.state {
            State::Zero | State::Idle(None) | State::Elapsed(None) => {
                panic!("{}", outside::no_loop())
            }
            State::Idle(Some(home)) | State::Elapsed(Some(home)) => Some((home, None)),
            State::Armed { home, generation, index } => {
                Some((home, Some(TimerKey { generation, index })))
            }
            State::Remote(_) => None,
        };
        if let Some((home, key)) = moved {
            self.state = State::Remote(RemoteKey::new(home, self.deadline, key));
        }
        let State::Remote(timer) = &self.state else { unreachable!("the timer is remote now") };
        let polled = timer.poll(cx.waker())?;
        if polled.is_ready() {
            let home = timer.home();
            timer.abandon();
            self.state = State::Elapsed(Some(home));
        }
        Some(polled)
    }

    /// Polls a sleep made by [`at_home`](Sleep::at_home); it is over when its loop is closed.
    pub(crate) fn poll_at_home(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if matches!(self.state, State::Elapsed(_)) || current::with_current(|_| ()).is_some() {
            return self.poll_counted(true, cx);
        }
        self.poll_remotely(cx).unwrap_or(Poll::Ready(()))
    }

    /// Lets go of the timer, wherever it is.
    #[inline(always)]
    fn cancel(&mut self) {
        if let State::Armed { home, generation, index } = self.state {
            let key = TimerKey { generation, index };
            let at_home = current::with_current(|local| {
                let at_home = home == local.id;
                if at_home {
                    local.timers.cancel(key);
                }
                at_home
            });
            if at_home != Some(true) {
                cancel_elsewhere(home, key);
            }
        } else if let State::Remote(timer) = &self.state {
            timer.abandon();
        }
    }
}

impl State {
    #[inline(always)]
    fn armed(home: LoopId, key: TimerKey) -> Self {
        Self::Armed { home, generation: key.generation, index: key.index }
    }
}

/// Resets a timer in the wheel. Returns false if there is none any more, and nobody waits for it.
fn reset_armed(home: LoopId, key: TimerKey, deadline: Instant) -> bool {
    let here = current::with_current(|local| {
        (local.id == home).then(|| local.timers.reset(key, deadline))
    });
    match here.flatten() {
        Some(armed) => armed,
        // Until the loop gets to it, a poll on its thread puts the difference right, see `Timers::rearm`.
        None => current::post_to(home, move |local| {
            local.timers.reset(key, deadline);
        }),
    }
}

#[cold]
#[inline(never)]
fn cancel_elsewhere(home: LoopId, key: TimerKey) {
    // If the loop is closed, so is its wheel.
    current::post_to(home, move |local| local.timers.cancel(key));
}

impl Future for Sleep {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_counted(true, cx)
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
