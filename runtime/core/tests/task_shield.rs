//! What is shielded runs on when its waiter goes.

mod support;

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;

use runtime::Runtime;
use runtime::task::{JoinHandle, cancelled, is_cancelling, shield, yield_now};
use runtime::time::{Duration, timeout};
use support::DropLog;

/// Work of two turns that notes its end.
fn work(done: &Rc<Cell<bool>>) -> impl Future<Output = u32> + use<> {
    let done = done.clone();
    async move {
        yield_now().await;
        yield_now().await;
        done.set(true);
        7
    }
}

async fn settle() {
    for _ in 0..5 {
        yield_now().await;
    }
}

#[test]
fn a_waiter_that_stays_has_the_output() {
    runtime::run(async {
        let done = Rc::new(Cell::new(false));
        assert_eq!(shield(work(&done)).await.unwrap(), 7);
        assert!(done.get());
    });
}

/// Runs a task that waits for shielded work, has `end` end it, and tells whether the work was done.
fn survives(end: impl FnOnce(&JoinHandle<()>)) -> bool {
    let done = Rc::new(Cell::new(false));
    let seen = done.clone();
    runtime::run(async move {
        let task = runtime::spawn(async move {
            shield(work(&done)).await.unwrap();
            unreachable!("the waiter is gone by then");
        });
        yield_now().await;
        end(&task);
        assert!(task.await.unwrap_err().is_cancelled());
        settle().await;
    });
    seen.get()
}

#[test]
fn it_survives_an_abort_of_the_waiter() {
    assert!(survives(|task| task.abort()));
}

#[test]
fn it_survives_a_request_that_the_waiter_does_not_heed() {
    assert!(survives(|task| assert!(task.cancel("enough"))));
}

#[test]
fn it_survives_a_timeout() {
    runtime::run(async {
        let done = Rc::new(Cell::new(false));
        assert!(timeout(Duration::ZERO, shield(work(&done))).await.is_err());
        settle().await;
        assert!(done.get());
    });
}

#[test]
fn one_that_is_dropped_unpolled_runs_all_the_same() {
    runtime::run(async {
        let done = Rc::new(Cell::new(false));
        drop(shield(work(&done)));
        settle().await;
        assert!(done.get());
    });
}

#[test]
fn the_inside_does_not_hear_of_requests_to_the_outside() {
    runtime::run(async {
        let heard = Rc::new(Cell::new(false));
        let task = runtime::spawn({
            let heard = heard.clone();
            async move {
                let inside = async move {
                    for _ in 0..5 {
                        heard.set(heard.get() | is_cancelling());
                        yield_now().await;
                    }
                    "done"
                };
                let mut inside = shield(inside);
                let reason = cancelled().await;
                // The shield is still there, and so is its output.
                (reason, (&mut inside).await.unwrap())
            }
        });
        yield_now().await;
        task.cancel("enough");
        assert_eq!(task.await.unwrap(), ("enough".into(), "done"));
        assert!(!heard.get());
    });
}

#[test]
fn the_inside_can_be_ended_by_its_handle() {
    runtime::run(async {
        let inside = shield(pending::<()>()).into_inner();
        inside.cancel("enough");
        assert_eq!(inside.await.unwrap_err().cancel_reason(), Some("enough"));
    });
}

#[test]
fn a_panic_reaches_the_waiter() {
    runtime::run(async {
        let error = shield(async { panic!("on purpose") }).await.unwrap_err();
        assert!(error.is_panic());
    });
}

#[test]
fn the_end_of_the_loop_ends_it() {
    let log = DropLog::new();
    let rt = Runtime::new().unwrap();
    let witness = log.local_witness();
    rt.block_on(async move {
        drop(shield(async move {
            let _witness = witness;
            pending::<()>().await;
        }));
        yield_now().await;
    });
    assert_eq!(log.count(), 0);
    drop(rt);
    log.assert_dropped_here(1);
}

#[test]
#[should_panic(expected = "there is no reactor running")]
fn outside_of_a_loop_it_panics() {
    drop(shield(async {}));
}
