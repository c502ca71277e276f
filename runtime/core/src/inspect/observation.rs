//! Inspection for as long as somebody looks.

use std::sync::Arc;

use crate::current::with_current;
use crate::errors::Closed;
use crate::handle::Handle;

use super::add_observers;

impl Handle {
    /// Has the loop inspected as long as the guard that is returned lives, from any thread; see
    /// [`Builder::inspect`](crate::Builder::inspect) for what that means and costs.
    ///
    /// Observers do not get into each other's way, nor into the program's, whatever that tells
    /// [`set_inspect`](Handle::set_inspect): a loop is inspected while the program wants it or anybody
    /// observes. From another thread it takes effect at the loop's next turn. All counts begin at zero with
    /// the first of them, and no other one changes them.
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
    /// let polls = runtime::run(async {
    ///     let handle = runtime::Handle::current();
    ///     let observation = handle.observe()?;
    ///     for _ in 0..10 {
    ///         yield_now().await;
    ///     }
    ///     let polls = handle.metrics()?.polls;
    ///     drop(observation);
    ///     assert_eq!(handle.metrics()?.polls, None);
    ///     Ok::<_, Box<dyn std::error::Error>>(polls)
    /// })?;
    /// assert!(polls >= Some(9));
    /// # Ok(())
    /// # }
    /// ```
    pub fn observe(&self) -> Result<Observation, Closed> {
        if !tell(self, 1) {
            return Err(Closed::new());
        }
        Ok(Observation { handle: self.clone() })
    }
}

/// Keeps a loop inspected until it is dropped, on any thread; made by [`Handle::observe`].
#[derive(Debug)]
#[must_use = "dropped at once, nothing is observed"]
pub struct Observation {
    handle: Handle,
}

impl Observation {
    /// The loop.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl Drop for Observation {
    fn drop(&mut self) {
        // There is nothing to observe in a loop that is closed.
        tell(&self.handle, -1);
    }
}

/// Tells a loop that there are so many more observers; `false` if it is closed.
fn tell(handle: &Handle, more: isize) -> bool {
    let here = with_current(|local| {
        let here = Arc::ptr_eq(&local.core, handle.core());
        if here {
            add_observers(local, more);
        }
        here
    });
    here == Some(true) || handle.core().post(move |local| add_observers(local, more))
}
