//! Sleeps go from thread to thread.

use std::pin::Pin;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use futures::executor;
use futures::future::poll_fn;
use runtime::time::{Instant, Interval, Sleep, Timeout, interval, sleep};
use runtime::{Builder, Runtime};
use tokio_test::assert_pending;
use tokio_test::task;

const SOON: Duration = Duration::from_millis(3);

/// Runs a loop on a thread of its own until told to stop, and gives what `make` returns there.
fn with_loop<T: Send + 'static>(make: impl FnOnce() -> T + Send + 'static) -> (T, Stop) {
    let (to_us, from_loop) = mpsc::channel();
    let (stop, stopped) = futures::channel::oneshot::channel::<()>();
    let thread = thread::spawn(move || {
        runtime::run(async move {
            to_us.send(make()).unwrap();
            let _ = stopped.await;
        });
    });
    let made = from_loop.recv().unwrap();
    (made, Stop { stop: Some(stop), thread: Some(thread) })
}

struct Stop {
    stop: Option<futures::channel::oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Drop for Stop {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

fn armed(duration: Duration) -> Sleep {
    let mut sleep = sleep(duration);
    let polled = Pin::new(&mut sleep).poll(&mut Context::from_waker(Waker::noop()));
    assert_pending!(polled);
    sleep
}

#[test]
fn all_of_them_are_send_and_sync() {
    fn check<T: Send + Sync + Unpin>() {}
    check::<Sleep>();
    check::<Interval>();
    check::<Instant>();
    check::<Timeout<std::future::Ready<()>>>();
}

#[test]
#[should_panic(expected = "there is no reactor running")]
fn the_first_poll_outside_of_a_loop_panics() {
    executor::block_on(sleep(SOON));
}

#[test]
fn a_sleep_stays_with_its_loop_on_a_thread_without_one() {
    let (mut sleep, _stop) = with_loop(|| armed(SOON));
    let deadline = sleep.deadline();
    executor::block_on(&mut sleep);
    assert!(Instant::now() >= deadline);
    assert!(sleep.is_elapsed());
    // Also when it is used again.
    for _ in 0..3 {
        let deadline = Instant::now() + SOON;
        sleep.reset(deadline);
        executor::block_on(&mut sleep);
        assert!(Instant::now() >= deadline);
    }
}

#[test]
fn an_interval_ticks_on_a_thread_without_a_loop() {
    let (mut ticks, _stop) = with_loop(|| {
        let mut ticks = interval(SOON);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(ticks.poll_tick(&mut cx).is_ready());
        assert!(ticks.poll_tick(&mut cx).is_pending());
        ticks
    });
    executor::block_on(async {
        let first = ticks.tick().await;
        let second = ticks.tick().await;
        assert_eq!(second - first, SOON);
        assert!(Instant::now() >= second);
    });
}

#[test]
fn a_remote_sleep_can_be_reset_while_it_is_waited_for() {
    let (mut sleep, _stop) = with_loop(|| armed(Duration::from_secs(3600)));
    let mut probe = task::spawn(());
    probe.enter(|cx, _| assert_pending!(Pin::new(&mut sleep).poll(cx)));
    let deadline = Instant::now() + SOON;
    sleep.reset(deadline);
    executor::block_on(&mut sleep);
    assert!(Instant::now() >= deadline);
}

#[test]
fn a_remote_sleep_reset_to_later_is_not_early() {
    let (mut sleep, _stop) = with_loop(|| armed(SOON));
    let mut probe = task::spawn(());
    // Pending, or ready if this thread was late.
    let _ = probe.enter(|cx, _| Pin::new(&mut sleep).poll(cx));
    let deadline = Instant::now() + 4 * SOON;
    sleep.reset(deadline);
    executor::block_on(&mut sleep);
    assert!(Instant::now() >= deadline);
}

#[test]
fn a_sleep_joins_the_loop_that_it_is_polled_on() {
    let (sleep, stop) = with_loop(|| armed(SOON));
    let deadline = sleep.deadline();
    // Its first loop is gone when it ends.
    drop(stop);
    runtime::run(sleep);
    assert!(Instant::now() >= deadline);
}

#[test]
fn a_remote_sleep_comes_home() {
    let rt = Runtime::new().unwrap();
    let entered = rt.enter();
    let mut sleep = armed(4 * SOON);
    drop(entered);
    let deadline = sleep.deadline();
    // This thread is in no loop between two runs.
    let mut probe = task::spawn(());
    probe.enter(|cx, _| assert_pending!(Pin::new(&mut sleep).poll(cx)));
    rt.block_on(sleep);
    assert!(Instant::now() >= deadline);
}

#[test]
fn another_thread_resets_a_sleep_that_a_task_waits_for() {
    runtime::run(async {
        let shared = Arc::new(Mutex::new(sleep(Duration::from_secs(3600))));
        let deadline = Arc::new(Mutex::new(None));
        let task = runtime::spawn({
            let shared = Arc::clone(&shared);
            async move { poll_fn(|cx| Pin::new(&mut *shared.lock().unwrap()).poll(cx)).await }
        });
        runtime::task::yield_now().await;
        thread::spawn({
            let deadline = Arc::clone(&deadline);
            move || {
                let soon = Instant::now() + SOON;
                *deadline.lock().unwrap() = Some(soon);
                shared.lock().unwrap().reset(soon);
            }
        });
        // Nobody polls it: it is the reset that wakes the task.
        task.await.unwrap();
        assert!(Some(Instant::now()) >= *deadline.lock().unwrap());
    });
}

#[test]
fn a_closed_loop_is_reported_and_not_waited_for() {
    let rt = Builder::new().build().unwrap();
    let entered = rt.enter();
    let mut sleep = armed(Duration::from_secs(3600));
    drop(entered);
    let mut probe = task::spawn(());
    probe.enter(|cx, _| assert_pending!(Pin::new(&mut sleep).poll(cx)));
    // The loop takes the timer over for this thread.
    rt.block_on(async {});
    drop(rt);
    assert!(probe.is_woken());
    let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        probe.enter(|cx, _| Pin::new(&mut sleep).poll(cx))
    }));
    let message = *polled.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("has been closed") && message.contains("there is no reactor running"));
    // On a loop it goes on.
    sleep.reset(Instant::now() + SOON);
    runtime::run(sleep);
}

#[test]
fn dropping_a_remote_sleep_lets_go_of_its_waker() {
    let (mut sleep, _stop) = with_loop(|| armed(Duration::from_secs(3600)));
    let mut probe = task::spawn(());
    probe.enter(|cx, _| assert!(matches!(Pin::new(&mut sleep).poll(cx), Poll::Pending)));
    drop(sleep);
    assert!(!probe.is_woken());
}

#[test]
#[should_panic = "the loop of this `Sleep` has been closed"]
fn a_sleep_polled_elsewhere_after_its_loop_was_closed_says_so() {
    let rt = runtime::Runtime::new().unwrap();
    let mut sleep = runtime::time::sleep(std::time::Duration::from_secs(3600));
    rt.block_on(async { assert!(futures::poll!(&mut sleep).is_pending()) });
    drop(rt);
    futures::executor::block_on(sleep);
}
