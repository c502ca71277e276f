//! Callbacks: functions that the loop calls once, without a task around them.
//!
//! They are what asyncio's `call_soon`, `call_later` and `call_at` are, and cheaper than tasks: nothing is
//! polled, and there is no output. They run in the same queue as the tasks, first in first out, unless there
//! are [priorities](crate::task::Priority) or the loop has a seed; what a callback queues runs in the next
//! pass of the loop.
//!
//! ```
//! use std::time::Duration;
//!
//! use runtime::callback::{call_later, call_soon};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let rt = runtime::Runtime::new()?;
//! let _entered = rt.enter();
//! call_soon(|| println!("hello"));
//! call_later(Duration::from_millis(10), || runtime::Handle::current().stop().unwrap());
//! let reminder = call_later(Duration::from_secs(3600), || println!("still here?"));
//! reminder.cancel();
//! rt.run_forever()?;
//! # Ok(())
//! # }
//! ```
//!
//! - Each is called once, on the loop's thread, unless it is cancelled or the loop closes before; then it is
//!   dropped there.
//! - Timers are never early. Those with equal deadlines are called in the order in which they were made.
//! - A callback runs with the [context variables](crate::context) that were set where it was made.
//! - Dropping a handle leaves the callback where it is.
//! - A panic goes to the [exception handler](crate::Builder::exception_handler), with the place where the
//!   callback was made; the loop goes on.

mod soon;
mod timer;

pub use soon::{CallbackHandle, call_soon};
pub use timer::{TimerHandle, call_at, call_later};
