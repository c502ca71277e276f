//! Blocking jobs of a loop: handing them out, and the tasks that wait for them.

use std::future::poll_fn;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use super::executor::Executor;
use super::gate::Gate;
use super::job::Origin;
use super::task::submit;
use crate::current::{LoopId, with_current};
use crate::executor::Particulars;
use crate::handle::Handle;
use crate::task::{JoinHandle, cancelling, is_cancelling};

impl Handle {
    /// Runs a blocking function on the loop's blocking pool; see
    /// [`spawn_blocking`](crate::task::spawn_blocking).
    ///
    /// On a closed loop the function is dropped and the join says cancelled.
    #[track_caller]
    pub fn spawn_blocking<F, T>(&self, f: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.run_particular(self.blocking(), f, Particulars::new(Location::caller()))
    }

    /// Runs a blocking function on an executor of the caller's choice, from any thread; see
    /// [`run_in`](crate::task::run_in).
    ///
    /// The loop has the task that waits for it. On a closed loop the function is dropped, unless the executor
    /// has begun to run it, and the join says cancelled.
    #[track_caller]
    pub fn run_in<E, F, T>(&self, executor: &E, f: F) -> JoinHandle<T>
    where
        E: Executor + ?Sized,
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.run_particular(executor, f, Particulars::new(Location::caller()))
    }

    /// The executor of the loop's own blocking jobs.
    pub(crate) fn blocking(&self) -> &Gate {
        &self.core().shared.blocking
    }

    /// Runs a blocking function, and spawns the task that waits for it, of which more is known.
    pub(crate) fn run_particular<E, F, T>(
        &self,
        executor: &E,
        f: F,
        particulars: Particulars<'_>,
    ) -> JoinHandle<T>
    where
        E: Executor + ?Sized,
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let origin =
            Origin { location: particulars.location, name: particulars.name.map(Arc::from) };
        let job = submit(executor, origin, f);
        let waiting = async move {
            let _in_flight = InFlight::begin();
            job.await
        };
        self.spawn_with(waiting, Particulars { job: true, ..particulars })
    }
}

/// Runs a blocking function on the pool of the current loop from when this is first polled. When the task is
/// asked to end, so is the job, and is waited for; unless it has not begun, and never does then.
pub(crate) async fn run_attentively<F, T>(origin: Origin, f: F) -> T
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let mut submitted = Some(submit(Handle::current().blocking(), origin, f));
    let _in_flight = InFlight::begin();
    let mut is_asked = false;
    poll_fn(move |context| {
        let Some(job) = &mut submitted else { return Poll::Pending };
        if let Poll::Ready(output) = Pin::new(&mut *job).poll(context) {
            return Poll::Ready(output);
        }
        // Only the first request is taken, and only on behalf of a job that can heed it. Any other has the task
        // dropped.
        if !is_asked && cancelling() > 0 {
            is_asked = true;
            if job.ask() {
                is_cancelling();
            } else {
                submitted = None;
            }
        }
        Poll::Pending
    })
    .await
}

/// Counts a blocking job while its task waits, so that virtual time does not run ahead of it.
struct InFlight(Option<LoopId>);

impl InFlight {
    fn begin() -> InFlight {
        InFlight(with_current(|local| {
            local.blocking_jobs.set(local.blocking_jobs.get() + 1);
            local.id
        }))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        // On another thread, or in another loop, the loop is closed and the count of no interest.
        with_current(|local| {
            if Some(local.id) == self.0 {
                local.blocking_jobs.set(local.blocking_jobs.get() - 1);
            }
        });
    }
}
