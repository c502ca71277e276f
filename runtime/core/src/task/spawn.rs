//! The free functions: spawning on the current loop, and asking who one is.

use std::panic::Location;

use crate::blocking::Executor;
use crate::current::{with_current, with_current_and};
use crate::handle::Handle;
use crate::local::Local;
use crate::outside;
use crate::task::{Id, JoinHandle};

/// Calls `f` with the current loop.
#[inline(always)]
#[track_caller]
pub(crate) fn expect_current<R>(f: impl FnOnce(&Local) -> R) -> R {
    match with_current(f) {
        Some(result) => result,
        None => no_loop(),
    }
}

/// Calls `f` with the current loop and two more values; see [`with_current_and`].
#[inline(always)]
#[track_caller]
pub(crate) fn expect_current_and<A, B, R>(a: A, b: B, f: impl FnOnce(&Local, A, B) -> R) -> R {
    match with_current_and(a, b, f) {
        Ok(result) => result,
        Err(_) => no_loop(),
    }
}

#[cold]
#[track_caller]
fn no_loop() -> ! {
    panic!("{}", outside::no_loop())
}

/// Starts a task on the current loop. It is polled for the first time after everything that is ready already;
/// [`spawn_eager`](crate::task::spawn_eager) polls it at once.
///
/// Neither the future nor its output need be `Send`: the task stays on the loop's thread. A panic inside of
/// it is caught and becomes a [`JoinError`](crate::task::JoinError). When the loop closes, an unfinished task
/// is dropped; its join says cancelled.
///
/// # Panics
///
/// Outside of a loop; use [`Runtime::spawn`](crate::Runtime::spawn) there, or [`Handle::spawn`] from other
/// threads.
///
/// # Examples
///
/// ```
/// runtime::run(async {
///     let task = runtime::spawn(async { "done" });
///     assert_eq!(task.await.unwrap(), "done");
/// });
/// ```
#[inline(always)]
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let location = Location::caller();
    JoinHandle::new(expect_current_and(future, location, Local::spawn))
}

/// Runs a blocking function on the blocking pool of the current loop.
///
/// The loop goes on meanwhile. A job whose join is aborted before it has begun never begins. Once begun it
/// runs to its end, on its own, unless it looks at its
/// [`CancellationToken`](crate::blocking::CancellationToken), which the abort sets. Dropping the handle
/// detaches the job, which is then run all the same.
///
/// # Panics
///
/// Outside of a loop; use [`Handle::spawn_blocking`] there.
///
/// # Examples
///
/// ```
/// runtime::run(async {
///     let length = runtime::spawn_blocking(|| std::fs::read("Cargo.toml").map(|bytes| bytes.len()));
///     assert!(length.await.unwrap().unwrap() > 0);
/// });
/// ```
#[track_caller]
pub fn spawn_blocking<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    match Handle::try_current() {
        Ok(handle) => handle.spawn_blocking(f),
        Err(_) => no_loop(),
    }
}

/// Runs a blocking function on an executor of the caller's choice; a task of the current loop waits for it.
///
/// For work that is to be kept apart from the rest: a pool of four threads for a slow disk, one thread for a
/// library that insists on it, rayon's for computations. The executor may serve any number of loops, and
/// other threads as well; the loop never shuts it down. For the rest see [`spawn_blocking`], which does this
/// with the loop's own executor.
///
/// # Panics
///
/// Outside of a loop; use [`Handle::run_in`] there.
///
/// # Examples
///
/// ```
/// use runtime::blocking::PoolConfig;
///
/// let disk = PoolConfig::new().max_threads(4).thread_name("disk").build();
/// runtime::run(async {
///     let name = runtime::task::run_in(&disk, || std::thread::current().name().map(String::from));
///     assert_eq!(name.await.unwrap().as_deref(), Some("disk-0"));
/// });
/// ```
#[track_caller]
pub fn run_in<E, F, T>(executor: &E, f: F) -> JoinHandle<T>
where
    E: Executor + ?Sized,
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    match Handle::try_current() {
        Ok(handle) => handle.run_in(executor, f),
        Err(_) => no_loop(),
    }
}

/// The id of the task that is being polled.
///
/// # Panics
///
/// Outside of a task; the future given to `block_on` is not one. See [`try_id`].
#[track_caller]
pub fn id() -> Id {
    try_id()
        .expect("`task::id` called outside of a task; the future given to `block_on` is not one")
}

/// The id of the task that is being polled, if there is one.
///
/// # Examples
///
/// ```
/// assert_eq!(runtime::task::try_id(), None);
/// ```
pub fn try_id() -> Option<Id> {
    with_current(|local| local.executor.current().map(|task| task.cold().id)).flatten()
}
