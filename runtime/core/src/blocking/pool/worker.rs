//! The life of one of the pool's threads.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use super::Shared;
use super::patience::Patience;
use super::state::{Next, WorkerId};

/// Runs jobs until there has been none for the length of the keep-alive, or the pool is closed.
pub(super) fn work(shared: &Arc<Shared>, id: WorkerId) {
    let mut patience = Patience::new(shared.config.spin);
    let mut idle_since = None;
    let mut next = shared.change(|state| state.arrive(id, thread::current(), Instant::now()));
    loop {
        next = match next {
            Next::Run(job, cover) => {
                if let Some(since) = idle_since.take() {
                    patience.record(Instant::now().saturating_duration_since(since));
                }
                // An error concerns other jobs than this one, and has reached their waiters.
                let _ = shared.see_to(cover);
                let completion = job.execute();
                let now = Instant::now();
                idle_since = Some(now);
                let patient = patience.spin().is_some();
                let next = shared.change(|state| state.finish(id, patient, now));
                // The last thing: by now the waiter's next job can find this worker.
                completion.publish();
                next
            }
            Next::Search => {
                search(shared, patience.spin().unwrap_or_default());
                shared.change(|state| state.look(id, Instant::now()))
            }
            Next::Sleep => {
                let since = *idle_since.get_or_insert_with(Instant::now);
                let expired = sleep(since.checked_add(shared.config.keep_alive));
                shared.change(|state| state.stir(id, expired, Instant::now()))
            }
            Next::Leave => break,
        };
    }
    if shared.state.lock().is_over() {
        shared.empty.notify_all();
    }
}

/// Spins until a job seems to be queued, or the limit has passed.
///
/// The scheduler likes to put a thread that was woken next to the one that woke it: then the job that
/// is waited for can only come from the very processor that spins for it. Offering it at every look
/// costs a fraction of a microsecond, and saves most of the limit there (measured: 3.4 instead of 38
/// microseconds of processor time a job).
fn search(shared: &Shared, limit: Duration) {
    let start = Instant::now();
    while shared.queued.load(Ordering::Relaxed) == 0 && start.elapsed() < limit {
        thread::yield_now();
    }
}

/// Parks the thread until it is woken or the deadline has passed, and returns whether it has passed.
///
/// May return early for no reason. `None` is a deadline beyond the clock's range.
fn sleep(deadline: Option<Instant>) -> bool {
    let Some(deadline) = deadline else {
        thread::park();
        return false;
    };
    let remaining = deadline.saturating_duration_since(Instant::now());
    if remaining.is_zero() {
        return true;
    }
    thread::park_timeout(remaining);
    Instant::now() >= deadline
}
