//! Dropping a sleep cancels its timer, whoever drops it and when.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::Duration;

use runtime::time::{Instant, Sleep, advance, sleep};
use runtime::{Builder, Runtime};
use tokio_test::assert_pending;
use tokio_test::task;

const SECOND: Duration = Duration::from_secs(1);

fn paused() -> Runtime {
    Builder::new().start_paused(true).build().unwrap()
}

#[test]
fn dropping_a_sleep_cancels_its_timer() {
    paused().block_on(async {
        let mut probe = task::spawn(());
        let mut sleep = Box::pin(sleep(SECOND));
        probe.enter(|cx, _| assert!(sleep.as_mut().poll(cx).is_pending()));
        drop(sleep);
        let start = Instant::now();
        // Idle, the loop would stop at the cancelled deadline, were it still there.
        runtime::time::sleep(2 * SECOND).await;
        assert_eq!(start.elapsed(), 2 * SECOND);
        assert!(!probe.is_woken());
    });
}

#[test]
fn dropping_a_sleep_releases_its_waker() {
    struct Idle;
    impl Wake for Idle {
        fn wake(self: Arc<Self>) {}
    }
    paused().block_on(async {
        let idle = Arc::new(Idle);
        let waker = Waker::from(Arc::clone(&idle));
        let mut sleep = Box::pin(sleep(SECOND));
        assert!(sleep.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        drop(waker);
        assert_eq!(Arc::strong_count(&idle), 2);
        drop(sleep);
        assert_eq!(Arc::strong_count(&idle), 1);
    });
}

/// Drops sleeps when it is woken, itself while the loop fires timers.
struct Dropper {
    sleeps: Mutex<Vec<Sleep>>,
}

impl Wake for Dropper {
    fn wake(self: Arc<Self>) {
        self.sleeps.lock().unwrap().clear();
    }
}

#[test]
fn a_wake_may_drop_sleeps_that_are_due_too() {
    paused().block_on(async {
        let dropper = Arc::new(Dropper { sleeps: Mutex::new(Vec::new()) });
        let waker = Waker::from(Arc::clone(&dropper));
        let mut cx = Context::from_waker(&waker);
        for seconds in [1, 1, 2] {
            let mut sleep = Box::pin(sleep(SECOND * seconds));
            assert!(sleep.as_mut().poll(&mut cx).is_pending());
            dropper.sleeps.lock().unwrap().push(*std::pin::Pin::into_inner(sleep));
        }
        advance(3 * SECOND).await;
        assert!(dropper.sleeps.lock().unwrap().is_empty());
    });
}

/// A waker that owns a sleep.
struct Owner {
    _sleep: Sleep,
}

impl Wake for Owner {
    fn wake(self: Arc<Self>) {}
}

#[test]
fn what_a_cancelled_timer_drops_may_cancel_others() {
    paused().block_on(async {
        let mut inner = sleep(SECOND);
        assert_pending!(Pin::new(&mut inner).poll(&mut Context::from_waker(Waker::noop())));
        let waker = Waker::from(Arc::new(Owner { _sleep: inner }));
        let mut outer = sleep(SECOND);
        assert_pending!(Pin::new(&mut outer).poll(&mut Context::from_waker(&waker)));
        drop(waker);
        // The timer of `outer` has the only waker, and that the timer of `inner`.
        drop(outer);
        let start = Instant::now();
        sleep(2 * SECOND).await;
        assert_eq!(start.elapsed(), 2 * SECOND);
    });
}

#[test]
fn dropping_a_sleep_on_another_thread_cancels_its_timer() {
    paused().block_on(async {
        let mut probe = task::spawn(());
        let mut sleep = Box::pin(sleep(SECOND));
        probe.enter(|cx, _| assert!(sleep.as_mut().poll(cx).is_pending()));
        thread::spawn(move || drop(sleep)).join().unwrap();
        advance(2 * SECOND).await;
        assert!(!probe.is_woken());
    });
}

#[test]
fn a_sleep_may_outlive_its_loop() {
    let rt = paused();
    let mut sleep = Box::pin(sleep(SECOND));
    rt.block_on(async {
        assert_pending!(task::spawn(sleep.as_mut()).poll());
    });
    drop(rt);
    let other = paused();
    // It joins the loop that it is polled on.
    other.block_on(sleep.as_mut());
    drop(other);
    drop(sleep);
}
