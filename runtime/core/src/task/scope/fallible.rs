//! Scopes that end at the first error.

use std::cell::Cell;
use std::fmt;
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use crate::task::scope::{Scope, ScopedJoin, scope};

/// Runs a function that starts children which may borrow and may fail, and ends at the first failure.
///
/// As [`scope`], but the body and the children return a `Result`. The first `Err` is returned as soon as it comes,
/// whoever it is from; body and children are dropped where they wait before that. If nobody fails, all children
/// are waited for, and what the body returns is returned.
///
/// # Errors
///
/// The first error of the body or a child; of several in one poll the first.
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
/// use std::future::pending;
/// use std::io;
///
/// use runtime::task;
///
/// async fn fetch(name: &str) -> io::Result<String> {
///     match name {
///         "" => Err(io::Error::other("a page must have a name")),
///         "slow" => pending().await,
///         name => Ok(format!("<{name}>")),
///     }
/// }
///
/// # runtime::run(async {
/// let names = ["first".to_owned(), "slow".to_owned(), String::new()];
/// let result = task::try_scope(async |scope| {
///     let pages: Vec<_> = names.iter().map(|name| scope.spawn(fetch(name))).collect();
///     let mut lengths = 0;
///     for page in pages {
///         lengths += page.await.len();
///     }
///     Ok(lengths)
/// });
/// assert_eq!(result.await.unwrap_err().to_string(), "a page must have a name");
/// # });
/// ```
pub async fn try_scope<'env, R, E, F>(body: F) -> Result<R, E>
where
    E: 'env,
    F: AsyncFnOnce(TryScope<'env, E>) -> Result<R, E>,
{
    let failure = Failure::default();
    let shared = failure.clone();
    let mut running = pin!(scope(async |scope| {
        let result = body(TryScope { scope, failure: shared.clone() }).await;
        shared.unless_failed(result).await
    }));
    poll_fn(|context| {
        let polled = running.as_mut().poll(context);
        match failure.0.take() {
            Some(error) => Poll::Ready(Err(error)),
            None => polled.map(Ok),
        }
    })
    .await
}

/// Starts children of a [`try_scope`]; cheap to clone, for children that start more.
pub struct TryScope<'env, E> {
    scope: Scope<'env>,
    failure: Failure<E>,
}

impl<'env, E: 'env> TryScope<'env, E> {
    /// Starts a child; see [`Scope::spawn`]. The handle yields what is in its `Ok`; an `Err` ends the scope.
    pub fn spawn<T, F>(&self, future: F) -> ScopedJoin<T>
    where
        F: Future<Output = Result<T, E>> + 'env,
        T: 'env,
    {
        let failure = self.failure.clone();
        self.scope.spawn(async move { failure.unless_failed(future.await).await })
    }
}

impl<E> Clone for TryScope<'_, E> {
    fn clone(&self) -> Self {
        TryScope { scope: self.scope.clone(), failure: self.failure.clone() }
    }
}

impl<E> fmt::Debug for TryScope<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryScope").field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// The first error, which whoever runs the scope finds at the end of the poll in which it came.
struct Failure<E>(Rc<Cell<Option<E>>>);

impl<E> Failure<E> {
    /// Gives a value out. With an error it leaves that, and waits for the end of the scope.
    async fn unless_failed<T>(&self, result: Result<T, E>) -> T {
        match result {
            Ok(value) => value,
            Err(error) => {
                match self.0.take() {
                    Some(first) => self.0.set(Some(first)),
                    None => self.0.set(Some(error)),
                }
                pending().await
            }
        }
    }
}

impl<E> Default for Failure<E> {
    fn default() -> Self {
        Failure(Rc::new(Cell::new(None)))
    }
}

impl<E> Clone for Failure<E> {
    fn clone(&self) -> Self {
        Failure(self.0.clone())
    }
}
