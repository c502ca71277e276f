//! Spawning what is not `Send` on the loop of another thread.

use std::panic::Location;
use std::sync::atomic::Ordering;

use crate::executor::{Lazy, Particulars};
use crate::handle::Handle;
use crate::task::factory::manufactured_at_home;
use crate::task::{JoinHandle, expect_current};

impl Handle {
    /// Starts a task on the loop, from any thread, whose future need not be `Send`: `create` makes it on the
    /// loop's thread, when the task is first polled.
    ///
    /// On a closed loop `create` is dropped at once, and the join says cancelled. A panic of `create` is one
    /// of the task.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    ///
    /// let rt = runtime::Runtime::new().unwrap();
    /// let handle = rt.handle().clone();
    /// let other = std::thread::spawn(move || {
    ///     handle.spawn_local(|| {
    ///         let count = Rc::new(1);
    ///         async move {
    ///             runtime::task::yield_now().await;
    ///             Rc::strong_count(&count)
    ///         }
    ///     })
    /// });
    /// assert_eq!(rt.block_on(other.join().unwrap()).unwrap(), 1);
    /// ```
    #[track_caller]
    pub fn spawn_local<C, F>(&self, create: C) -> JoinHandle<F::Output>
    where
        C: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_local_at(create, Location::caller())
    }

    pub(crate) fn spawn_local_at<C, F>(
        &self,
        create: C,
        location: &'static Location<'static>,
    ) -> JoinHandle<F::Output>
    where
        C: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        let particulars = Particulars::new(location);
        if self.is_current() {
            return JoinHandle::new(expect_current(|local| {
                local.spawn_specially(Lazy::new(create), particulars)
            }));
        }
        if self.core().shared.manufactures.load(Ordering::Relaxed) {
            let made = manufactured_at_home(create, &particulars);
            return JoinHandle::new(self.core().spawn_lazily(made, particulars));
        }
        JoinHandle::new(self.core().spawn_lazily(create, particulars))
    }
}
