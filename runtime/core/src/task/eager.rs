//! Spawning a task that begins at once.

use std::panic::Location;

use crate::local::Local;
use crate::task::{JoinHandle, expect_current_and};

/// Starts a task on the current loop, and polls it for the first time at once, before this returns.
///
/// What a task can do without waiting is then done, and one that can do everything, such as to take an
/// answer from a cache, never sees the queue: the join is ready. From its first wait on it is a task like any
/// other. These are asyncio's eager tasks.
///
/// While the task is being polled it is the current one: [`task::id`](crate::task::id) is its own, context
/// variables that it sets are its own, and a panic is caught and waits in the join. It shares the
/// [budget](crate::task::coop) of whoever spawns it, so however many tasks are started in one poll, they get
/// no more of the loop than that poll. In debug mode the time that it takes counts as that of the poll in
/// which it is started.
///
/// What to mind: code of the task runs before the next line of the caller, who must not hold a `RefCell`
/// borrow or a lock that the task wants as well; and what is ready already comes later than the new task,
/// which is not so with [`spawn`](crate::task::spawn).
///
/// The task begins in the queue, as by [`spawn`](crate::task::spawn), if it cannot be polled at once: on a
/// loop that has been [entered](crate::Runtime::enter) but does not run; and if it is started by an eager
/// task, which was started by another one, 32 times over. On a loop that is closing it is dropped, and its
/// join says cancelled.
///
/// To start and await a task that has nothing to wait for takes about 75 instructions less than by
/// [`spawn`](crate::task::spawn), and no turn of the loop; one that waits once takes about 45 more.
///
/// # Panics
///
/// Outside of a loop.
///
/// # Examples
///
/// ```
/// use std::cell::RefCell;
/// use std::collections::HashMap;
/// use std::rc::Rc;
///
/// use runtime::task::{JoinHandle, spawn_eager};
/// use runtime::time::{Duration, sleep};
///
/// #[derive(Clone, Default)]
/// struct Pages(Rc<RefCell<HashMap<u32, String>>>);
///
/// impl Pages {
///     fn load(&self, number: u32) -> JoinHandle<String> {
///         let pages = self.clone();
///         spawn_eager(async move {
///             if let Some(page) = pages.0.borrow().get(&number) {
///                 return page.clone();
///             }
///             sleep(Duration::from_millis(1)).await;
///             let page = format!("page {number}");
///             pages.0.borrow_mut().insert(number, page.clone());
///             page
///         })
///     }
/// }
///
/// runtime::run(async {
///     let pages = Pages::default();
///     let first = pages.load(7);
///     assert!(!first.is_finished());
///     first.await.unwrap();
///     assert!(pages.load(7).is_finished());
/// });
/// ```
#[inline(always)]
#[track_caller]
pub fn spawn_eager<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let location = Location::caller();
    JoinHandle::new(expect_current_and(future, location, Local::spawn_eagerly))
}
