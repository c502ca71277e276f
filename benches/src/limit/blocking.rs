//! One helper thread behind a mutex: the plainest way to run a blocking call elsewhere.

use std::{
    collections::VecDeque,
    future::Future,
    pin::Pin,
    sync::{Arc, Condvar, Mutex, OnceLock},
    task::{Context, Poll, Waker},
    thread,
};

type Job = Box<dyn FnOnce() + Send>;

struct Helper {
    jobs: Mutex<VecDeque<Job>>,
    filled: Condvar,
}

static HELPER: OnceLock<&'static Helper> = OnceLock::new();

fn helper() -> &'static Helper {
    HELPER.get_or_init(|| {
        let helper: &'static Helper =
            Box::leak(Box::new(Helper { jobs: Mutex::default(), filled: Condvar::new() }));
        thread::spawn(move || {
            loop {
                let mut jobs = helper.jobs.lock().unwrap();
                while jobs.is_empty() {
                    jobs = helper.filled.wait(jobs).unwrap();
                }
                let job = jobs.pop_front().unwrap();
                drop(jobs);
                job();
            }
        });
        helper
    })
}

/// Where a result and the waker of whoever waits for it meet.
pub(crate) struct Blocking<T>(Arc<Mutex<(Option<T>, Option<Waker>)>>);

/// Runs a function on the helper thread. To be awaited in `block_on` only: task wakers must not travel.
pub(crate) fn spawn_blocking<T: Send + 'static>(
    function: impl FnOnce() -> T + Send + 'static,
) -> Blocking<T> {
    let meeting = Arc::new(Mutex::new((None, None::<Waker>)));
    let theirs = Arc::clone(&meeting);
    let helper = helper();
    helper.jobs.lock().unwrap().push_back(Box::new(move || {
        let value = function();
        let mut meeting = theirs.lock().unwrap();
        meeting.0 = Some(value);
        let waker = meeting.1.take();
        drop(meeting);
        if let Some(waker) = waker {
            waker.wake();
        }
    }));
    helper.filled.notify_one();
    Blocking(meeting)
}

impl<T> Future for Blocking<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let mut meeting = self.0.lock().unwrap();
        match meeting.0.take() {
            Some(value) => Poll::Ready(value),
            None => {
                meeting.1 = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}
