//! A panic stays with the task that it happened in, whether in the future, in its drop or in that of its
//! output.

mod support;

use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::task::Poll;

use runtime::Runtime;
use runtime::task::{JoinError, yield_now};
use support::{DropLog, OnDrop};

/// Panics when dropped.
fn bomb() -> OnDrop<impl FnMut()> {
    OnDrop(|| panic!("dropped on purpose"))
}

#[test]
fn a_panic_becomes_an_error_with_its_payload() {
    runtime::run(async {
        let error = runtime::spawn(async { panic!("a literal") }).await.unwrap_err();
        assert!(error.is_panic() && !error.is_cancelled());
        assert_eq!(*error.into_panic().downcast::<&str>().unwrap(), "a literal");

        let error = runtime::spawn(async { panic!("number {}", std::hint::black_box(7)) })
            .await
            .unwrap_err();
        assert_eq!(*error.into_panic().downcast::<String>().unwrap(), "number 7");

        let error = runtime::spawn(async { panic_any(7_u32) }).await.unwrap_err();
        assert_eq!(*error.into_panic().downcast::<u32>().unwrap(), 7);
    });
}

#[test]
fn the_error_tells_the_task_and_the_message() {
    runtime::run(async {
        let task = runtime::spawn(async { panic!("the {}", "reason") });
        let id = task.id();
        let error = task.await.unwrap_err();
        assert_eq!(error.id(), id);
        assert_eq!(error.to_string(), format!("task {id} panicked with message \"the reason\""));
        assert_eq!(format!("{error:?}"), format!("JoinError::Panic({id:?}, \"the reason\", ...)"));

        let task = runtime::spawn(async { panic_any(7_u32) });
        let id = task.id();
        assert_eq!(task.await.unwrap_err().to_string(), format!("task {id} panicked"));

        let task = runtime::spawn(pending::<()>());
        let id = task.id();
        task.abort();
        let error = task.await.unwrap_err();
        assert_eq!(error.to_string(), format!("task {id} was cancelled"));
        let error: JoinError = error.try_into_panic().unwrap_err();
        assert!(error.is_cancelled());
        assert!(support::panic_message(|| error.into_panic()).contains("is_panic"));
    });
}

#[test]
fn the_other_tasks_go_on() {
    runtime::run(async {
        let before = runtime::spawn(async {
            yield_now().await;
            1
        });
        let panics = runtime::spawn(async { panic!("on purpose") });
        let after = runtime::spawn(async { 2 });
        assert!(panics.await.unwrap_err().is_panic());
        assert_eq!((before.await.unwrap(), after.await.unwrap()), (1, 2));
    });
}

#[test]
fn a_panicking_future_is_dropped_on_the_spot() {
    runtime::run(async {
        let log = DropLog::new();
        let held = log.local_witness();
        let task = runtime::spawn(poll_fn(move |_| -> Poll<()> {
            let _held = &held;
            panic!("on purpose")
        }));
        while !task.is_finished() {
            yield_now().await;
        }
        log.assert_dropped_here(1);
        assert!(task.await.unwrap_err().is_panic());
    });
}

#[test]
fn a_panic_in_a_completed_futures_drop_leaves_the_output() {
    runtime::run(async {
        let bomb = bomb();
        let task = runtime::spawn(poll_fn(move |_| {
            let _bomb = &bomb;
            Poll::Ready("the output")
        }));
        assert_eq!(task.await.unwrap(), "the output");
    });
}

#[test]
fn a_panic_in_a_panicked_futures_drop_leaves_the_first_panic() {
    runtime::run(async {
        let bomb = bomb();
        let task = runtime::spawn(poll_fn(move |_| -> Poll<()> {
            let _bomb = &bomb;
            panic!("first")
        }));
        let payload = task.await.unwrap_err().into_panic();
        assert_eq!(*payload.downcast::<&str>().unwrap(), "first");
    });
}

#[test]
fn a_panic_in_an_aborted_futures_drop_is_the_outcome() {
    runtime::run(async {
        let bomb = bomb();
        let task = runtime::spawn(async move {
            let _bomb = bomb;
            pending::<()>().await;
        });
        yield_now().await;
        task.abort();
        let payload = task.await.unwrap_err().into_panic();
        assert_eq!(*payload.downcast::<&str>().unwrap(), "dropped on purpose");
    });
}

#[test]
fn a_panic_in_the_drop_of_an_output_nobody_wants_is_contained() {
    runtime::run(async {
        // Dropped by the loop, for the handle is gone; and by the handle, for the task has completed.
        drop(runtime::spawn(async { bomb() }));
        let completed = runtime::spawn(async { bomb() });
        yield_now().await;
        assert!(completed.is_finished());
        drop(completed);
        assert_eq!(runtime::spawn(async { 1 }).await.unwrap(), 1);
    });
}

#[test]
fn a_payload_that_panics_when_dropped_is_contained() {
    struct Payload;

    impl Drop for Payload {
        fn drop(&mut self) {
            panic_any(Payload2);
        }
    }

    struct Payload2;

    impl Drop for Payload2 {
        fn drop(&mut self) {
            panic!("a panic about a panic");
        }
    }

    runtime::run(async {
        drop(runtime::spawn(async { panic_any(Payload) }));
        let task = runtime::spawn(async { panic_any(Payload) });
        while !task.is_finished() {
            yield_now().await;
        }
        drop(task);
        assert_eq!(runtime::spawn(async { 1 }).await.unwrap(), 1);
    });
}

#[test]
fn panics_in_drops_do_not_keep_close_from_dropping_the_rest() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let mut tasks = Vec::new();
    for n in 0..100 {
        let (witness, bomb) = (log.witness(), (n % 3 == 0).then(bomb));
        tasks.push(rt.spawn(async move {
            let _held = (witness, bomb);
            pending::<()>().await;
        }));
    }
    rt.block_on(yield_now());
    rt.close().unwrap();
    log.assert_dropped_here(100);
    let outcomes = futures::executor::block_on(futures::future::join_all(tasks));
    let panics = outcomes.iter().filter(|outcome| outcome.as_ref().unwrap_err().is_panic());
    assert_eq!(panics.count(), 34);
}

#[test]
fn a_panic_of_the_main_future_is_passed_on_and_the_loop_is_used_again() {
    let rt = Runtime::new().unwrap();
    let task = rt.spawn(async {
        yield_now().await;
        yield_now().await;
        5
    });
    for yields in 0..2 {
        let payload = catch_unwind(AssertUnwindSafe(|| {
            rt.block_on(async {
                for _ in 0..yields {
                    yield_now().await;
                }
                panic_any("the main future's");
            })
        }));
        assert_eq!(*payload.unwrap_err().downcast::<&str>().unwrap(), "the main future's");
        assert!(runtime::Handle::try_current().is_err(), "the loop is left by the panic");
    }
    assert_eq!(rt.block_on(task).unwrap(), 5);
}

#[test]
fn the_error_of_a_panic_is_an_io_error_if_need_be() {
    runtime::run(async {
        let error = runtime::spawn(async { panic!("reason") }).await.unwrap_err();
        let error = std::io::Error::from(error);
        assert!(error.to_string().contains("reason"));
        assert!(error.get_ref().unwrap().is::<JoinError>());
    });
}
