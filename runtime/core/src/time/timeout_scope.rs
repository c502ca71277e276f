//! A time limit that may be moved while it is running.
//!
//! To move a limit away is to write it down: the timer stays where it is, and when it fires it is armed anew.
//! Only who moves a limit closer wakes those who run under it.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use parking_lot::Mutex;
use pin_project_lite::pin_project;
use slab::Slab;

use crate::task::coop;

use super::{Elapsed, Instant, Sleep, sleep_until};

/// A time limit that what runs under it, and everybody else, can look at and move: asyncio's `timeout`.
///
/// [`run`](TimeoutScope::run) gives a future time until [`when`](TimeoutScope::when). The scope is borrowed
/// meanwhile, so the future itself may [`reschedule`](TimeoutScope::reschedule) it; in an `Rc` or `Arc`, other
/// tasks and threads may. For a limit that stays where it is there is [`timeout`](super::timeout), which costs
/// less: a wait that ends in time takes 348 instructions there, and 523 here.
///
/// Scopes nest. Each ends what it runs by dropping it, and says so to whoever runs it, so there is no question
/// whose time was up; [`expired`](TimeoutScope::expired) tells it afterwards. The inner one speaks first if
/// both are over.
///
/// A scope may be used for one future after the other, which share the limit, or for several at once.
///
/// # Examples
///
/// An idle timeout: each message grants another second.
///
/// ```
/// use futures::StreamExt;
/// use futures::channel::mpsc;
/// use runtime::time::{Duration, Instant, TimeoutScope};
///
/// const IDLE: Duration = Duration::from_secs(1);
///
/// # runtime::run(async {
/// let (sender, mut messages) = mpsc::unbounded();
/// for number in 0..3 {
///     sender.unbounded_send(number).unwrap();
/// }
/// drop(sender);
/// let idle = TimeoutScope::after(IDLE);
/// let sum = idle.run(async {
///     let mut sum = 0;
///     while let Some(message) = messages.next().await {
///         sum += message;
///         idle.reschedule(Instant::now() + IDLE);
///     }
///     sum
/// });
/// assert_eq!(sum.await, Ok(3));
/// assert!(!idle.expired());
/// # })
/// ```
#[derive(Debug)]
pub struct TimeoutScope {
    /// Counts the changes of `when`, for those who run, to see whether there is anything new.
    changes: AtomicUsize,
    expired: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    when: Option<Instant>,
    runners: Runners,
}

/// Those who run, to be woken when the limit moves closer. There is one nearly always.
#[derive(Debug, Default)]
struct Runners {
    first: Option<Place>,
    others: Slab<Place>,
}

/// The waker of one who runs, unless it has been used.
type Place = Option<Waker>;

impl Runners {
    fn insert(&mut self, waker: Waker) -> Option<usize> {
        if self.first.is_some() {
            return Some(self.others.insert(Some(waker)));
        }
        self.first = Some(Some(waker));
        None
    }

    /// The place of a runner, by what `insert` returned.
    fn place(&mut self, key: Option<usize>) -> &mut Place {
        match key {
            None => self.first.as_mut().expect("a runner has its place until it goes"),
            Some(key) => &mut self.others[key],
        }
    }

    fn remove(&mut self, key: Option<usize>) -> Place {
        match key {
            None => self.first.take().flatten(),
            Some(key) => self.others.remove(key),
        }
    }

    fn take_wakers(&mut self) -> Vec<Waker> {
        let others = self.others.iter_mut().map(|(_, place)| place);
        self.first.iter_mut().chain(others).filter_map(Option::take).collect()
    }
}

impl TimeoutScope {
    /// Makes a limit of `duration` from now.
    ///
    /// With a duration of zero what is run gets as far as its first suspension. A duration that the clock
    /// cannot count, such as [`Duration::MAX`], never ends.
    pub fn after(duration: Duration) -> TimeoutScope {
        TimeoutScope::at(Instant::now().saturating_add(duration))
    }

    /// Makes a limit that is reached at `deadline`.
    pub fn at(deadline: Instant) -> TimeoutScope {
        TimeoutScope::with(Some(deadline))
    }

    /// Makes a scope without a limit, until it is given one.
    pub fn unlimited() -> TimeoutScope {
        TimeoutScope::with(None)
    }

    fn with(when: Option<Instant>) -> TimeoutScope {
        TimeoutScope {
            changes: AtomicUsize::new(0),
            expired: AtomicBool::new(false),
            state: Mutex::new(State { when, runners: Runners::default() }),
        }
    }

    /// The moment at which the time is up, if there is one.
    pub fn when(&self) -> Option<Instant> {
        self.state.lock().when
    }

    /// Moves the limit, earlier or later, or takes it away with `None`.
    ///
    /// What runs under it may do this, and so may others, on any thread. A moment that has passed ends what
    /// runs at its next suspension. A limit that has [expired](TimeoutScope::expired) has not any more.
    ///
    /// To move a limit away costs no timer and no poll.
    pub fn reschedule(&self, when: impl Into<Option<Instant>>) {
        let when = when.into();
        let mut state = self.state.lock();
        let before = std::mem::replace(&mut state.when, when);
        self.expired.store(false, Ordering::Relaxed);
        // Pairs with the load in `is_up_to_date`.
        self.changes.fetch_add(1, Ordering::Release);
        let closer = when.is_some_and(|when| before.is_none_or(|before| when < before));
        if !closer {
            return;
        }
        let runners = state.runners.take_wakers();
        drop(state);
        for runner in runners {
            runner.wake();
        }
    }

    /// Whether the time was up before something that was run was done.
    pub fn expired(&self) -> bool {
        self.expired.load(Ordering::Relaxed)
    }

    /// Runs a future under the limit.
    ///
    /// The future is polled first: what it returns is never lost to the limit, however late it is.
    ///
    /// # Errors
    ///
    /// Gives [`Elapsed`] if the time is up and the future is not ready.
    ///
    /// # Panics
    ///
    /// The returned future panics if it has to wait outside of a loop.
    ///
    /// # Cancel safety
    ///
    /// That of `future`, which is dropped together with what is returned; pass `&mut future` to keep it when
    /// the time is up.
    ///
    /// # Examples
    ///
    /// One limit for two steps, and a smaller one for the first:
    ///
    /// ```
    /// use std::future::pending;
    ///
    /// use runtime::time::{Duration, TimeoutScope, sleep};
    ///
    /// # runtime::run(async {
    /// let outer = TimeoutScope::after(Duration::from_secs(60));
    /// let inner = TimeoutScope::after(Duration::from_millis(2));
    /// let outcome = outer.run(async {
    ///     let first = inner.run(pending::<u32>()).await;
    ///     first.unwrap_or(1)
    /// });
    /// assert_eq!(outcome.await, Ok(1));
    /// assert!(inner.expired() && !outer.expired());
    /// assert_eq!(outer.run(async { 2 }).await, Ok(2));
    /// # })
    /// ```
    pub fn run<F: IntoFuture>(&self, future: F) -> Run<'_, F::IntoFuture> {
        let future = future.into_future();
        Run { future, limit: Limit { scope: self, sleep: None, runner: None } }
    }
}

impl Default for TimeoutScope {
    /// Makes a scope without a limit.
    fn default() -> TimeoutScope {
        TimeoutScope::unlimited()
    }
}

pin_project! {
    /// A future under the limit of a scope, made by [`TimeoutScope::run`].
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct Run<'a, F> {
        #[pin]
        future: F,
        limit: Limit<'a>,
    }
}

/// What one who runs knows of the limit.
#[derive(Debug)]
struct Limit<'a> {
    scope: &'a TimeoutScope,
    /// Ends at the limit, or earlier.
    sleep: Option<Sleep>,
    runner: Option<Runner<'a>>,
}

impl<F: Future> Future for Run<'_, F> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let had_budget = coop::has_budget_remaining();
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(Ok(output));
        }
        // A future that uses up the whole budget in every poll must not get around its limit that way.
        let counted = !had_budget || coop::has_budget_remaining();
        this.limit.poll(counted, cx).map(|()| Err(Elapsed::new()))
    }
}

impl Limit<'_> {
    fn poll(&mut self, counted: bool, cx: &mut Context<'_>) -> Poll<()> {
        if !self.runner.as_ref().is_some_and(|runner| runner.is_up_to_date(cx.waker())) {
            let Some(when) = Runner::enrol(&mut self.runner, self.scope, cx.waker()) else {
                self.sleep = None;
                return Poll::Pending;
            };
            match &mut self.sleep {
                Some(sleep) if sleep.deadline() <= when => {}
                // At once if it has passed, and not only when the loop looks at its timers.
                _ if when <= Instant::now() => return self.expire(),
                Some(sleep) => sleep.reset(when),
                None => self.sleep = Some(sleep_until(when)),
            }
        }
        loop {
            let Some(sleep) = &mut self.sleep else { return Poll::Pending };
            if sleep.poll_counted(counted, cx).is_pending() {
                return Poll::Pending;
            }
            match self.scope.when() {
                Some(when) if when <= sleep.deadline() => return self.expire(),
                // It was moved away meanwhile.
                Some(when) => sleep.reset(when),
                None => self.sleep = None,
            }
        }
    }

    fn expire(&mut self) -> Poll<()> {
        self.scope.expired.store(true, Ordering::Relaxed);
        Poll::Ready(())
    }
}

/// A place among those who run under a limit.
#[derive(Debug)]
struct Runner<'a> {
    scope: &'a TimeoutScope,
    key: Option<usize>,
    /// The change up to which all is known.
    changes: usize,
    /// Which waker lies there, to be compared without a lock. As long as it lies there nobody else is at this
    /// address, and when it was used there has been a change.
    waker: Identity,
}

/// What tells wakers that exist at the same time apart.
#[derive(Debug, PartialEq, Eq)]
struct Identity {
    data: usize,
    vtable: usize,
}

impl Identity {
    fn of(waker: &Waker) -> Identity {
        let vtable = std::ptr::from_ref(waker.vtable()).addr();
        Identity { data: waker.data().addr(), vtable }
    }
}

impl<'a> Runner<'a> {
    /// Whether nothing has changed since it was enrolled with this very waker.
    fn is_up_to_date(&self, waker: &Waker) -> bool {
        // Pairs with the increment in `reschedule`, which comes before the use of the wakers.
        self.scope.changes.load(Ordering::Acquire) == self.changes
            && self.waker == Identity::of(waker)
    }

    /// Sees to it that whoever moves the limit closer wakes this task; tells where the limit is now.
    fn enrol(
        runner: &mut Option<Runner<'a>>,
        scope: &'a TimeoutScope,
        waker: &Waker,
    ) -> Option<Instant> {
        let identity = Identity::of(waker);
        let mut new = Some(waker.clone());
        let mut state = scope.state.lock();
        let changes = scope.changes.load(Ordering::Relaxed);
        match runner {
            // The old one is dropped when the lock is gone.
            Some(runner) => {
                std::mem::swap(state.runners.place(runner.key), &mut new);
                (runner.changes, runner.waker) = (changes, identity);
            }
            None => {
                let key = state.runners.insert(new.take().expect("it was made just now"));
                *runner = Some(Runner { scope, key, changes, waker: identity });
            }
        }
        state.when
    }
}

impl Drop for Runner<'_> {
    fn drop(&mut self) {
        let waker = self.scope.state.lock().runners.remove(self.key);
        drop(waker);
    }
}
