//! Timers fire in the order of their deadlines, and of their arming where these are equal.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use runtime::Builder;
use runtime::time::{Instant, advance, sleep_until};
use tokio_test::assert_pending;
use tokio_test::task;

/// Arms timers in the given order of deadlines, lets all of them fire at once, and returns the order in which
/// their tasks ran.
fn order_of(deadlines: &[u64]) -> Vec<usize> {
    let log = Rc::new(RefCell::new(Vec::new()));
    Builder::new().start_paused(true).build().unwrap().block_on(async {
        let start = Instant::now();
        let mut tasks = Vec::new();
        for (name, &nanos) in deadlines.iter().enumerate() {
            let log = Rc::clone(&log);
            tasks.push(runtime::spawn(async move {
                sleep_until(start + Duration::from_nanos(nanos)).await;
                log.borrow_mut().push(name);
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
    });
    log.take()
}

#[test]
fn equal_deadlines_fire_in_the_order_of_arming() {
    assert_eq!(order_of(&[5_000_000_000; 1_000]), (0..1_000).collect::<Vec<_>>());
}

#[test]
fn earlier_deadlines_fire_first() {
    assert_eq!(order_of(&[40, 10, 30, 20, 10, 1 << 40, 65_536, 65_535]), [1, 4, 3, 2, 0, 7, 6, 5]);
}

#[test]
fn equal_deadlines_armed_at_different_times_fire_in_the_order_of_arming() {
    Builder::new().start_paused(true).build().unwrap().block_on(async {
        let deadline = Instant::now() + Duration::from_secs(100);
        let log = Rc::new(RefCell::new(Vec::new()));
        let mut tasks = Vec::new();
        // The first ones have moved down the levels of the wheel when the last are armed.
        for name in 0..50 {
            let log = Rc::clone(&log);
            tasks.push(runtime::spawn(async move {
                sleep_until(deadline).await;
                log.borrow_mut().push(name);
            }));
            advance(Duration::from_millis(1_999)).await;
        }
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*log.borrow(), (0..50).collect::<Vec<_>>());
    });
}

#[test]
fn a_reset_timer_counts_as_armed_last() {
    Builder::new().start_paused(true).build().unwrap().block_on(async {
        let deadline = Instant::now() + Duration::from_secs(1);
        let log = Rc::new(RefCell::new(Vec::new()));
        let mut sleeps: Vec<_> = (0..3).map(|_| Box::pin(sleep_until(deadline))).collect();
        for sleep in &mut sleeps {
            let mut probe = task::spawn(sleep.as_mut());
            assert_pending!(probe.poll());
        }
        sleeps[0].as_mut().reset(deadline);
        for (name, sleep) in sleeps.into_iter().enumerate() {
            let log = Rc::clone(&log);
            drop(runtime::spawn(async move {
                sleep.await;
                log.borrow_mut().push(name);
            }));
        }
        advance(Duration::from_secs(1)).await;
        assert_eq!(*log.borrow(), [1, 2, 0]);
    });
}
