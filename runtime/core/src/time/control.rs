//! Virtual time for tests.
//!
//! A paused clock stands still while tasks run. When all of them wait, the loop moves it to the next
//! deadline, so that a test of an hour's timeouts takes no time, and always goes the same way.

use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::current;
use crate::executor::panics::contain_quietly;
use crate::local::Local;
use crate::outside;

use super::Instant;

/// After this many turns, time goes on even if some task is always ready.
const PATIENCE: u32 = 64;

/// Stops the clock of the current loop.
///
/// From here on [`Instant::now`](super::Instant::now) stands still. When every task waits, the clock jumps to
/// the next deadline, unless blocking jobs are running. Only the clock is virtual: I/O takes the time it
/// takes.
///
/// `Builder::start_paused` and `#[runtime::test(start_paused = true)]` pause a loop from the start.
///
/// # Panics
///
/// Outside of a loop, and if the clock is paused.
///
/// # Examples
///
/// ```
/// use runtime::time::{self, Duration, Instant};
///
/// # runtime::run(async {
/// time::pause();
/// let start = Instant::now();
/// time::sleep(Duration::from_secs(3600)).await;
/// assert_eq!(start.elapsed(), Duration::from_secs(3600));
/// # })
/// ```
#[track_caller]
pub fn pause() {
    if !here(|local| local.clock.pause()) {
        panic!("the clock is paused already; call `resume` before `pause`, or `pause` only once");
    }
}

/// Lets the clock of the current loop go on from where it stands.
///
/// # Panics
///
/// Outside of a loop, and if the clock is not paused.
///
/// # Examples
///
/// ```
/// use runtime::time::{self, Duration, Instant};
///
/// # runtime::run(async {
/// time::pause();
/// time::advance(Duration::from_secs(60)).await;
/// let start = Instant::now();
/// time::resume();
/// time::sleep(Duration::from_millis(2)).await; // takes 2 ms
/// assert!(start.elapsed() >= Duration::from_millis(2));
/// # })
/// ```
#[track_caller]
pub fn resume() {
    if !here(|local| local.clock.resume()) {
        panic!("{NOT_PAUSED}");
    }
}

/// Moves the paused clock of the current loop forward by `duration`.
///
/// It goes from deadline to deadline: a timer that is due on the way fires at its own moment, and the tasks
/// that it wakes get to run before the clock moves on, as do the timers that they arm. When `advance`
/// returns, every task has dealt with what happened up to then.
///
/// A task that is always ready holds the clock up for no more than some turns.
///
/// # Panics
///
/// Outside of a loop, and if the clock is not paused.
///
/// # Cancel safety
///
/// If the future is dropped, the clock stays as far as it has come.
///
/// # Examples
///
/// ```
/// use runtime::time::{self, Duration, Instant};
///
/// # runtime::run(async {
/// time::pause();
/// let start = Instant::now();
/// time::advance(Duration::from_secs(60)).await;
/// assert_eq!(start.elapsed(), Duration::from_secs(60));
/// # })
/// ```
pub async fn advance(duration: Duration) {
    let target = here(|local| {
        assert!(local.clock.is_paused(), "{NOT_PAUSED}");
        Instant::now() + duration
    });
    let mut waited = 0;
    poll_fn(|cx| poll_advance(target, &mut waited, cx)).await;
}

const NOT_PAUSED: &str =
    "the clock is not paused; call `runtime::time::pause` or use `start_paused` first";

fn poll_advance(target: Instant, waited: &mut u32, cx: &mut Context<'_>) -> Poll<()> {
    while *waited >= PATIENCE || here(|local| local.executor.is_idle() && !local.has_mail()) {
        *waited = 0;
        if !here(|local| step(local, target)) {
            return Poll::Ready(());
        }
    }
    *waited += 1;
    cx.waker().wake_by_ref();
    Poll::Pending
}

/// Moves the clock to the next deadline, but not beyond `target`, and fires what is due. Returns false if it
/// was there already.
fn step(local: &Local, target: Instant) -> bool {
    let now = local.clock.now();
    let next = local.timers.next_deadline().filter(|&next| next <= target);
    if !local.clock.is_paused() || (now >= target && next.is_none()) {
        return false;
    }
    local.clock.advance_to(next.unwrap_or(target));
    let mut wakers = Vec::new();
    local.timers.fire(local.clock.now(), &mut wakers);
    for waker in wakers {
        contain_quietly(|| waker.wake());
    }
    true
}

#[track_caller]
fn here<R>(f: impl FnOnce(&Local) -> R) -> R {
    match current::with_current_held(f) {
        Some(result) => result,
        None => panic!("{}", outside::no_loop()),
    }
}
