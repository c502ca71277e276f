//! The reactor, for authors of libraries: how a source of events becomes something to await.
//!
//! Applications need none of this; they use `net`, `process` and `signal`, which are built on it.
//! It is the same door for everybody: whatever the runtime's own sockets can do, yours can.
//!
//! * [`Registered`] turns any mio source into one that can be awaited.
//! * [`AsyncFd`] does so for any file descriptor (Unix).
//! * [`add_reader`] and [`add_writer`] call a closure each time a descriptor is ready (Unix).
//! * [`loop_local`] keeps a value of yours with each loop, such as a table of what you registered.
//! * [`Selector`] is what waits for the system. [`MioSelector`] is the default, `PollSelector` the
//!   other one on Unix; bring your own by `Builder::selector`.
//!
//! # How an event finds its task
//!
//! ```text
//!   system ──► Selector::select ──► Event { token, ready }
//!                                       │ the token names a slot of the table
//!                                       ▼
//!                          readiness of the source (a Word for each direction)
//!                                       │ and the wakers of who waits for it
//!                                       ▼
//!                          the loop wakes them when all events are through
//!                                       │
//!                                       ▼
//!                  the task makes its call; if that would block, it clears the
//!                  readiness, leaves its waker and waits again
//! ```
//!
//! Readiness may be wrong in one way only: it may say "ready" of what is not, which costs a call
//! that would have blocked. Every race is settled to that side.

// cfg stands here and at the modules, so that no function needs any.
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "alarm_other.rs")]
mod alarm;
#[cfg(unix)]
mod async_fd;
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "batch_other.rs")]
mod batch;
#[cfg_attr(not(unix), allow(dead_code))]
mod claims;
#[cfg_attr(not(unix), path = "descriptor_other.rs")]
mod descriptor;
mod direction;
mod driver;
#[cfg(all(test, unix))]
mod driver_tests;
#[cfg(unix)]
mod embed;
mod entry;
mod errors;
#[cfg(unix)]
mod fd_callbacks;
mod hub;
mod interest;
#[cfg_attr(
    not(any(
        target_os = "linux",
        target_os = "android",
        target_os = "freebsd",
        target_os = "netbsd",
        target_os = "openbsd",
        target_os = "dragonfly",
        target_vendor = "apple",
    )),
    path = "mio_descriptor_other.rs"
)]
mod mio_descriptor;
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "mio_interest_other.rs")]
mod mio_interest;
mod mio_selector;
mod place;
#[cfg(unix)]
mod poll_selector;
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "processors_other.rs")]
mod processors;
mod protocol;
mod ready;
mod registered;
#[cfg(all(test, unix))]
mod registered_tests;
mod scope;
#[cfg(all(test, unix))]
mod scripted;
mod selector;
mod slots;
#[cfg_attr(not(unix), path = "source_other.rs")]
mod source;
mod spin;
mod wait;
mod waiting;
mod word;

#[cfg(unix)]
pub use async_fd::{
    AsyncFd, AsyncFdReadyGuard, AsyncFdReadyMutGuard, AsyncFdTryNewError, TryIoError,
};
pub use descriptor::Descriptor;
pub use direction::Direction;
pub(crate) use driver::{Reactor, Waited};
#[cfg(unix)]
pub use fd_callbacks::{add_reader, add_writer, remove_reader, remove_writer};
pub use interest::Interest;
pub use mio_selector::MioSelector;
#[cfg(unix)]
pub use poll_selector::PollSelector;
pub use ready::Ready;
pub use registered::Registered;
pub use selector::{Deregister, Event, Rearm, Selector, Token};
pub use source::Source;
pub(crate) use spin::Spin;

pub use crate::executor::Unpark;
pub use crate::storage::{loop_local, try_loop_local};
