//! A paused clock moves when told to, and by itself when nothing else can happen.

use std::cell::RefCell;
use std::future::pending;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use runtime::time::{self, Instant, advance, sleep, sleep_until, timeout};
use runtime::{Builder, Runtime};
use tokio_test::task;
use tokio_test::{assert_pending, assert_ready};

const HOUR: Duration = Duration::from_secs(3600);

fn paused() -> Runtime {
    Builder::new().start_paused(true).build().unwrap()
}

#[test]
fn an_idle_loop_jumps_to_the_next_deadline() {
    paused().block_on(async {
        let start = Instant::now();
        sleep(HOUR).await;
        assert_eq!(start.elapsed(), HOUR);
        sleep(Duration::from_nanos(1)).await;
        assert_eq!(start.elapsed(), HOUR + Duration::from_nanos(1));
    });
}

#[test]
fn jumps_go_from_deadline_to_deadline() {
    paused().block_on(async {
        let start = Instant::now();
        let log = Rc::new(RefCell::new(Vec::new()));
        let mut tasks = Vec::new();
        for hours in [5, 1, 3, 100_000] {
            let log = Rc::clone(&log);
            tasks.push(runtime::spawn(async move {
                sleep(HOUR * hours).await;
                log.borrow_mut().push((hours, start.elapsed()));
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        let expected: Vec<_> = [1, 3, 5, 100_000].map(|hours| (hours, HOUR * hours)).into();
        assert_eq!(*log.borrow(), expected);
    });
}

#[test]
fn time_stands_still_while_tasks_run() {
    paused().block_on(async {
        let start = Instant::now();
        for _ in 0..1_000 {
            runtime::task::yield_now().await;
        }
        assert_eq!(Instant::now(), start);
    });
}

#[test]
fn advancing_fires_what_is_due_and_nothing_else() {
    paused().block_on(async {
        let mut near = task::spawn(sleep(Duration::from_millis(10)));
        let mut far = task::spawn(sleep(Duration::from_millis(11)));
        assert_pending!(near.poll());
        assert_pending!(far.poll());
        advance(Duration::from_nanos(9_999_999)).await;
        assert!(!near.is_woken());
        assert_pending!(near.poll());
        advance(Duration::from_nanos(1)).await;
        assert!(near.is_woken());
        assert_ready!(near.poll());
        assert!(!far.is_woken());
        assert_pending!(far.poll());
    });
}

#[test]
fn advancing_lets_every_timer_fire_at_its_own_moment() {
    paused().block_on(async {
        let start = Instant::now();
        let log = Rc::new(RefCell::new(Vec::new()));
        let ticker = runtime::spawn({
            let log = Rc::clone(&log);
            async move {
                for _ in 0..5 {
                    // Each is armed by a task that the one before has woken.
                    sleep(Duration::from_secs(1)).await;
                    log.borrow_mut().push(start.elapsed());
                }
            }
        });
        advance(Duration::from_millis(3_500)).await;
        assert_eq!(start.elapsed(), Duration::from_millis(3_500));
        assert_eq!(*log.borrow(), [1, 2, 3].map(Duration::from_secs));
        ticker.await.unwrap();
        assert_eq!(log.borrow().last(), Some(&Duration::from_secs(5)));
    });
}

#[test]
fn advancing_gets_past_a_task_that_is_always_ready() {
    paused().block_on(async {
        let busy = runtime::spawn(async {
            loop {
                runtime::task::yield_now().await;
            }
        });
        let start = Instant::now();
        let sleeper = runtime::spawn(sleep(HOUR));
        advance(HOUR).await;
        assert_eq!(start.elapsed(), HOUR);
        sleeper.await.unwrap();
        busy.abort();
    });
}

#[test]
fn a_sleep_made_before_and_polled_after_its_moment_is_ready_at_once() {
    paused().block_on(async {
        let sleep = sleep(Duration::from_secs(1));
        advance(Duration::from_secs(1)).await;
        assert_ready!(task::spawn(sleep).poll());
        assert_ready!(task::spawn(sleep_until(Instant::now())).poll());
    });
}

#[test]
fn a_resumed_clock_goes_on_from_where_it_stood() {
    Runtime::new().unwrap().block_on(async {
        time::pause();
        let start = Instant::now();
        advance(HOUR).await;
        time::resume();
        sleep(Duration::from_millis(1)).await;
        let elapsed = start.elapsed();
        assert!(elapsed >= HOUR + Duration::from_millis(1));
        time::pause();
        assert!(start.elapsed() >= elapsed);
        advance(HOUR).await;
        assert!(start.elapsed() >= 2 * HOUR);
    });
}

#[test]
fn timeouts_follow_the_virtual_clock() {
    paused().block_on(async {
        let start = Instant::now();
        assert!(timeout(HOUR, pending::<()>()).await.is_err());
        assert_eq!(start.elapsed(), HOUR);
        timeout(HOUR, sleep(HOUR / 2)).await.unwrap();
        assert_eq!(start.elapsed(), HOUR + HOUR / 2);
    });
}

#[test]
fn other_loops_have_their_own_time() {
    let (still, moving) = (paused(), paused());
    let before = still.block_on(async { Instant::now() });
    moving.block_on(sleep(HOUR));
    assert_eq!(still.block_on(async { Instant::now() }), before);
}

#[test]
#[should_panic(expected = "the clock is paused already")]
fn pausing_twice_panics() {
    paused().block_on(async { time::pause() });
}

#[test]
#[should_panic(expected = "the clock is not paused")]
fn resuming_a_running_clock_panics() {
    Runtime::new().unwrap().block_on(async { time::resume() });
}

#[test]
#[should_panic(expected = "the clock is not paused")]
fn advancing_a_running_clock_panics() {
    Runtime::new().unwrap().block_on(advance(HOUR));
}

#[test]
#[should_panic(expected = "there is no reactor running")]
fn pausing_outside_of_a_loop_panics() {
    time::pause();
}

#[test]
fn an_advance_that_is_dropped_leaves_the_clock_where_it_was() {
    paused().block_on(async {
        let start = Instant::now();
        let mut advancing = task::spawn(advance(HOUR));
        let other = runtime::spawn(async {});
        assert!(matches!(advancing.poll(), Poll::Pending));
        drop(advancing);
        assert_eq!(Instant::now(), start);
        other.await.unwrap();
    });
}
