//! Names for what tasks wait for, and hold, of which the loop knows nothing.

use std::borrow::Cow;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::inspect::{Note, Role, note};

/// Gives a name to what `future` waits for, for those who [look into](crate::inspect) the loop: a lock, a
/// channel, a place in a queue, a reply.
///
/// As long as the task that polls it waits in there, it is told to await the resource of that name
/// ([`Awaits::Resource`](crate::inspect::Awaits::Resource)). A future that is ready at once costs nothing;
/// one that has to wait an allocation, and some ten instructions for each poll.
///
/// # Cancel safety
///
/// That of `future`.
///
/// # Examples
///
/// ```
/// use futures::channel::oneshot;
/// use runtime::inspect::Awaits;
/// use runtime::task::awaiting;
///
/// runtime::run(async {
///     let (_sender, reply) = oneshot::channel::<()>();
///     runtime::spawn(async move { awaiting("reply of the server", reply).await });
///     runtime::task::yield_now().await;
///
///     let tasks = runtime::Handle::current().tasks().unwrap();
///     assert_eq!(tasks[0].awaits, [Awaits::Resource("reply of the server".into())]);
/// });
/// ```
pub fn awaiting<F: IntoFuture>(
    name: impl Into<Cow<'static, str>>,
    future: F,
) -> Awaiting<F::IntoFuture> {
    Awaiting { future: future.into_future(), name: name.into(), note: None }
}

pin_project! {
    /// A future with a name for what it waits for, made by [`awaiting`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Awaiting<F> {
        #[pin]
        future: F,
        name: Cow<'static, str>,
        note: Option<Arc<Note>>,
    }
}

impl<F: Future> Future for Awaiting<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let polled = this.future.poll(context);
        if polled.is_ready() {
            if let Some(note) = this.note.take() {
                note.end();
            }
            return polled;
        }
        match this.note.as_ref().map(|note| note.renew()) {
            Some(Some(true) | None) => {}
            Some(Some(false)) => {
                // It has moved to another loop.
                *this.note = note(this.name.clone(), Role::Awaits);
            }
            None => *this.note = note(this.name.clone(), Role::Awaits),
        }
        polled
    }
}

impl<F: fmt::Debug> fmt::Debug for Awaiting<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Awaiting").field("name", &self.name).field("future", &self.future).finish()
    }
}

/// Notes, for those who [look into](crate::inspect) the loop, that the current task holds the resource of that
/// name, until the guard is dropped.
///
/// With [`awaiting`] for those who wait for it, the graph leads from them to whoever keeps them waiting, and
/// circles through locks are found. Several may hold a resource: any of them may keep others waiting. Outside
/// of tasks and main futures there is nothing to note. Costs an allocation.
///
/// # Examples
///
/// Two tasks that take two locks in different orders:
///
/// ```
/// use std::rc::Rc;
///
/// use futures::lock::Mutex;
/// use runtime::task::{awaiting, holding, yield_now};
///
/// struct Named(&'static str, Mutex<()>);
///
/// async fn both(first: Rc<Named>, second: Rc<Named>) {
///     let _locked = awaiting(first.0, first.1.lock()).await;
///     let _held = holding(first.0);
///     yield_now().await;
///     let _locked = awaiting(second.0, second.1.lock()).await;
///     let _held = holding(second.0);
/// }
///
/// runtime::run(async {
///     let users = Rc::new(Named("users", Mutex::new(())));
///     let orders = Rc::new(Named("orders", Mutex::new(())));
///     runtime::spawn(both(users.clone(), orders.clone()));
///     runtime::spawn(both(orders, users));
///     for _ in 0..3 {
///         yield_now().await;
///     }
///     let graph = runtime::Handle::current().graph().unwrap();
///     assert_eq!(graph.deadlocks().count(), 1, "{graph}");
/// });
/// ```
pub fn holding(name: impl Into<Cow<'static, str>>) -> Holding {
    Holding { note: note(name.into(), Role::Holds) }
}

/// Says that a task holds a resource, as long as it lives; made by [`holding`].
#[derive(Debug)]
#[must_use = "dropped at once, nothing is held"]
pub struct Holding {
    note: Option<Arc<Note>>,
}

impl Drop for Holding {
    fn drop(&mut self) {
        if let Some(note) = &self.note {
            note.end();
        }
    }
}
