//! The loop inside of another one: a turn at a time, and what to wait for in between.
//!
//! A foreign loop, of a graphical interface, of a game, or another `Runtime`, drives this one so:
//!
//! ```text
//!   next_timeout ──► wait for the descriptor, at most so long ──► turn(Some(Duration::ZERO)) ──► again
//! ```

use std::time::Duration;

use crate::current::Nested;
use crate::errors::Closed;
use crate::runtime::Runtime;
use crate::session::{Main, Session};
use crate::turn::{end, turn};

impl Runtime {
    /// Takes one turn: waits for something to do for no longer than `timeout`, looks at I/O, timers and what
    /// other threads sent, and runs what is ready.
    ///
    /// It does not wait if anything is ready to run. What becomes ready in this pass is left to the next
    /// turn, for which [`next_timeout`](Runtime::next_timeout) then says zero. With a timeout of zero it
    /// never waits; with `None` it may wait without limit. A request to [stop](Runtime::stop) is left to
    /// those who run the loop.
    ///
    /// Unlike [`block_on`](Runtime::block_on) it may be called while another loop runs on this thread: to
    /// drive one loop from inside of another.
    ///
    /// # Errors
    ///
    /// If the loop is closed.
    ///
    /// # Panics
    ///
    /// If this very loop is running.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rt = runtime::Runtime::new()?;
    /// let task = rt.spawn(async {
    ///     runtime::time::sleep(Duration::from_millis(3)).await;
    ///     "slept"
    /// });
    /// while !task.is_finished() {
    ///     rt.turn(rt.next_timeout())?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn turn(&self, timeout: Option<Duration>) -> Result<(), Closed> {
        if self.is_closed() {
            return Err(Closed::new());
        }
        let running = Nested::new(self.local());
        let session = Session::begin(self.local(), Main::None);
        let doom = turn(self.local(), timeout);
        drop(session);
        drop(running);
        match doom {
            Some(why) => end(self.local(), &why),
            None => Ok(()),
        }
    }

    /// For how long there is nothing to do but to wait: zero if anything is ready to run, the time to the
    /// next timer if there is one, else `None`.
    ///
    /// Ask right before waiting for the loop's descriptor: from then on, until the next turn, other threads
    /// that send something make it readable. The loop's own thread may queue things in between, too; ask
    /// again after that.
    pub fn next_timeout(&self) -> Option<Duration> {
        let local = self.local();
        let busy = !local.executor.is_idle() || local.exceptions.has_any();
        if self.is_closed() {
            return None;
        }
        if busy || !local.announce_sleep() {
            return Some(Duration::ZERO);
        }
        let deadline = local.timers.next_deadline()?;
        if local.clock.is_paused() && local.blocking_jobs.get() > 0 {
            return None;
        }
        if local.clock.is_paused() {
            // The turn lets the time jump.
            return Some(Duration::ZERO);
        }
        Some(deadline.saturating_duration_since(local.clock.now()))
    }
}
