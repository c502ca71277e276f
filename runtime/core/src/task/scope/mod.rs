//! Futures that run side by side inside of one task, and may borrow from it.
//!
//! The children are part of the scope's own future: they are polled by it and dropped with it. What makes
//! scoped *tasks* impossible in Rust, that the one who lends may be forgotten (`mem::forget`) while the borrower
//! runs on, cannot happen to them: a scope that is forgotten is never polled again, nor are its children.

mod fallible;
mod join;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use futures_util::stream::FuturesUnordered;

pub use self::fallible::{TryScope, try_scope};
pub use self::join::ScopedJoin;

type Part<'env> = Pin<Box<dyn Future<Output = ()> + 'env>>;

/// Runs a function that starts children which may borrow, and waits for all of them.
///
/// The function, the *body*, is given the scope and starts children in it. The future returned here is ready
/// when the body and all children have ended, and yields what the body does. Children may borrow whatever
/// lives longer than the scope, and may start more.
///
/// # Scope or group
///
/// The children of a scope are no tasks. They are polled by the task that awaits the scope, in turn:
///
/// | | scope | [`TaskGroup`](crate::task::TaskGroup) |
/// |---|---|---|
/// | children may borrow from the parent | yes | no, they are `'static` |
/// | cost of a child | no task, but 950 instructions and three allocations | a task and a place in the group, 580 instructions |
/// | a wake of a child | wakes the parent, which looks for the child | wakes the child |
/// | a child that computes for long | holds up its siblings and the parent | does so, too, but between them the loop does other things |
/// | budget, name, id, context variables | the parent's | a child's own |
/// | a child that panics | panics the parent | is an error of the group |
/// | a child that fails | says so to whoever joins it; ends a [`try_scope`] | cancels the others |
/// | children of a scope that is dropped | are dropped at once, with it | are aborted, and dropped a little later |
///
/// So a scope is for few children with short steps that share the parent's data, a group for everything
/// else. For a fixed number of futures `futures::join!` does what a scope does.
///
/// # Panics
///
/// When a child or the body does. The others are dropped.
///
/// # Cancel safety
///
/// Dropped half-way, body and children are dropped where they wait.
///
/// # Examples
///
/// ```
/// use std::cell::Cell;
///
/// use runtime::task;
///
/// # runtime::run(async {
/// let words = ["borrowed", "by", "all"];
/// let letters = Cell::new(0);
/// let longest = task::scope(async |scope| {
///     for word in &words {
///         let letters = &letters;
///         scope.spawn(async move {
///             task::yield_now().await;
///             letters.set(letters.get() + word.len());
///         });
///     }
///     let longest = scope.spawn(async { words.iter().map(|word| word.len()).max() });
///     longest.await
/// });
/// assert_eq!(longest.await, Some(8));
/// assert_eq!(letters.get(), 13);
/// # });
/// ```
pub async fn scope<'env, R, F>(body: F) -> R
where
    F: AsyncFnOnce(Scope<'env>) -> R,
{
    let shared = Rc::new(Shared::default());
    let mut parts = Parts { running: FuturesUnordered::new(), shared: shared.clone() };
    let mut body = pin!(body(Scope { shared }));
    let mut result = None;
    poll_fn(|context| {
        let shared = parts.shared.clone();
        let _polling = Polling::begin(&shared);
        if result.is_none() {
            if let Poll::Ready(returned) = body.as_mut().poll(context) {
                result = Some(returned);
            }
        }
        if parts.poll(context).is_ready() {
            if let Some(result) = result.take() {
                return Poll::Ready(result);
            }
        }
        shared.leave_waker(context.waker());
        Poll::Pending
    })
    .await
}

/// Starts children of a [`scope`]; cheap to clone, for children that start more.
pub struct Scope<'env> {
    shared: Rc<Shared<'env>>,
}

impl<'env> Scope<'env> {
    /// Starts a child, which may borrow what lives longer than the scope.
    ///
    /// It is first polled when the body waits. Its output is the handle's to give; the handle may be dropped,
    /// and the child runs on. A child that is started when its scope has ended is dropped.
    pub fn spawn<F>(&self, future: F) -> ScopedJoin<F::Output>
    where
        F: Future + 'env,
        F::Output: 'env,
    {
        let (sender, join) = join::channel();
        if !self.shared.closed.get() {
            let part: Part<'env> = Box::pin(async move { sender.send(future.await) });
            self.shared.started.borrow_mut().push(part);
            self.shared.wake();
        }
        join
    }
}

impl Clone for Scope<'_> {
    fn clone(&self) -> Self {
        Scope { shared: self.shared.clone() }
    }
}

impl fmt::Debug for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").field("closed", &self.shared.closed.get()).finish_non_exhaustive()
    }
}

/// Between a scope and its handles.
#[derive(Default)]
struct Shared<'env> {
    /// Children that have not been polled.
    started: RefCell<Vec<Part<'env>>>,
    closed: Cell<bool>,
    /// Whether the scope is being polled, and will look for new children by itself.
    polling: Cell<bool>,
    waker: Cell<Option<Waker>>,
}

impl Shared<'_> {
    /// Has the scope look for new children, if one is started from elsewhere.
    fn wake(&self) {
        if !self.polling.get() {
            if let Some(waker) = self.waker.take() {
                waker.wake();
            }
        }
    }

    fn leave_waker(&self, waker: &Waker) {
        match self.waker.take() {
            Some(present) if present.will_wake(waker) => self.waker.set(Some(present)),
            _ => drop(self.waker.replace(Some(waker.clone()))),
        }
    }
}

/// The children of a scope.
struct Parts<'env> {
    running: FuturesUnordered<Part<'env>>,
    shared: Rc<Shared<'env>>,
}

impl Parts<'_> {
    /// Polls until all children have ended, new ones included.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            let started = self.shared.started.take();
            self.running.extend(started);
            match Pin::new(&mut self.running).poll_next(context) {
                Poll::Ready(Some(())) => {}
                polled if self.shared.started.borrow().is_empty() => return polled.map(drop),
                _ => {}
            }
        }
    }
}

impl Drop for Parts<'_> {
    fn drop(&mut self) {
        self.shared.closed.set(true);
        // Those that have not been polled may hold the scope, which holds them.
        drop(self.shared.started.take());
    }
}

/// A poll of a scope.
struct Polling<'a>(&'a Cell<bool>);

impl<'a> Polling<'a> {
    fn begin(shared: &'a Shared<'_>) -> Polling<'a> {
        shared.polling.set(true);
        Polling(&shared.polling)
    }
}

impl Drop for Polling<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}
