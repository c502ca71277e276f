//! Turning inspection on and off.

use std::sync::Arc;

use crate::builder::Builder;
use crate::current::with_current;
use crate::errors::Closed;
use crate::handle::Handle;
use crate::runtime::Runtime;

use super::set_inspect;

impl Builder {
    /// Has the loop count what is not free to count: polls and how long they take, wakes, passes, how long
    /// tasks wait for their turns; see [`Metrics`](crate::inspect::Metrics) and
    /// [`TaskInfo`](crate::inspect::TaskInfo). Also who waits behind wakers that are not of the loop, as in a
    /// `FuturesUnordered`. The default is not to; [`Handle::set_inspect`] changes it later.
    ///
    /// The clock is read at each wake, and before and after each poll, which other threads can see
    /// ([`Handle::current_poll`]). A task that wakes itself then takes 1,178 instructions a round instead of 74,
    /// a ping-pong of two tasks 2,392 instead of 183, and a task that is spawned and joined in a task 3,084
    /// instead of 354 (callgrind, x86-64; the kernel's part of reading the clock comes on top). Off, it costs
    /// nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// let rt = runtime::Builder::new().inspect(true).build()?;
    /// let metrics = rt.block_on(async {
    ///     runtime::spawn(async {}).await.unwrap();
    ///     runtime::Handle::current().metrics().unwrap()
    /// });
    /// assert_eq!(metrics.spawned, Some(1));
    /// # Ok(())
    /// # }
    /// ```
    pub fn inspect(mut self, inspect: bool) -> Builder {
        self.inspect = inspect;
        self
    }
}

impl Runtime {
    /// Turns inspection on or off; see [`Builder::inspect`]. While the loop runs it takes effect before the
    /// next task or callback. Turned on, all counts begin at zero, unless somebody
    /// [observes](Handle::observe) the loop already. Turned off, it goes on while somebody does.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// let rt = runtime::Runtime::new()?;
    /// rt.set_inspect(true);
    /// assert!(rt.is_inspected());
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_inspect(&self, inspect: bool) {
        set_inspect(self.local(), inspect);
    }

    /// Whether inspection is on, because the program wants it or somebody [observes](Handle::observe).
    pub fn is_inspected(&self) -> bool {
        self.local().inspection.is_counting()
    }
}

impl Handle {
    /// Turns inspection of the loop on or off, from any thread; see [`Runtime::set_inspect`]. From another
    /// thread it takes effect at the loop's next turn. For as long as somebody looks there is
    /// [`observe`](Handle::observe).
    ///
    /// # Errors
    ///
    /// If the loop is closed.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::task::yield_now;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// runtime::run(async {
    ///     let handle = runtime::Handle::current();
    ///     assert_eq!(handle.metrics()?.polls, None);
    ///     handle.set_inspect(true)?;
    ///     yield_now().await;
    ///     yield_now().await;
    ///     assert!(handle.metrics()?.polls >= Some(1));
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn set_inspect(&self, inspect: bool) -> Result<(), Closed> {
        let here = with_current(|local| {
            let here = Arc::ptr_eq(&local.core, self.core());
            if here {
                set_inspect(local, inspect);
            }
            here
        });
        if here == Some(true) || self.core().post(move |local| set_inspect(local, inspect)) {
            return Ok(());
        }
        Err(Closed::new())
    }
}
