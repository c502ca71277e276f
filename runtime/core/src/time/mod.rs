//! Waits for moments: sleeps, timeouts, intervals, and a clock that tests can hold.
//!
//! Nothing here is ever early, by as much as a nanosecond. Late is another matter: a loop that is busy looks
//! at its timers between tasks, and the operating system adds some tens of microseconds of its own.
//!
//! Every [`Duration`] is accepted. One that reaches beyond what the system's clock can count stands for
//! "never": `sleep(Duration::MAX)` just pends.
//!
//! [`Sleep`] and what is made of it join the loop that they are first polled on, and are `Send + Sync`: they
//! can be reset, polled and dropped on other threads.
//!
//! # Where to look
//!
//! | file | idea |
//! |---|---|
//! | `arena.rs` | timers as slots on lists |
//! | `wheel.rs` | which of them are due, in constant time |
//! | `timers.rs` | the wheel as the loop and its futures see it |
//! | `monotonic_*.rs`, `instant.rs` | the system's clock, and moments of it |
//! | `clock.rs`, `control.rs` | real and virtual time |
//! | `sleep.rs`, `remote.rs` | the future over one timer; the same from another thread |
//! | `timeout.rs`, `timeout_scope.rs`, `interval.rs`, `error.rs` | what is made of sleeps |

mod arena;
#[cfg_attr(not(feature = "test-util"), allow(dead_code))]
mod clock;
#[cfg(feature = "test-util")]
mod control;
pub mod error;
mod instant;
mod interval;
mod missed_tick;
#[cfg(any(target_os = "linux", target_os = "android"))]
#[path = "monotonic_linux.rs"]
mod monotonic;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[path = "monotonic_std.rs"]
mod monotonic;
mod remote;
mod sleep;
mod timeout;
mod timeout_scope;
mod timers;
mod wheel;
#[cfg(test)]
mod wheel_tests;

#[cfg(feature = "test-util")]
pub use control::{advance, pause, resume};
#[doc(inline)]
pub use error::Elapsed;
pub use instant::Instant;
pub use interval::{Interval, interval, interval_at};
pub use missed_tick::MissedTickBehavior;
pub use sleep::{Sleep, sleep, sleep_until};
#[doc(no_inline)]
pub use std::time::Duration;
pub use timeout::{Timeout, timeout, timeout_at};
pub use timeout_scope::{Run, TimeoutScope};

pub(crate) use clock::Clock;
pub(crate) use timers::{TimerKey, Timers};

/// The present moment by the clock of the current loop, which tests may pause; outside of a loop by the
/// system's.
///
/// The same as [`Instant::now`]; what asyncio calls `loop.time()`.
///
/// # Examples
///
/// ```
/// let begin = runtime::time::now();
/// assert!(runtime::time::now() >= begin);
/// ```
pub fn now() -> Instant {
    Instant::now()
}
