//! Eager tasks started where nobody expects code of a user's to run.

mod support;

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Wake, Waker};
use std::time::Duration;

use runtime::task::{self, JoinHandle, spawn_eager, yield_now};
use runtime::{Builder, Handle, Runtime};
use support::{DropLog, OnDrop};

thread_local! {
    /// What the tasks that were started here have left.
    static STARTED: RefCell<Vec<JoinHandle<Option<task::Id>>>> = const { RefCell::new(Vec::new()) };
}

/// Starts a task that waits once, and tells its id in the end.
fn start() {
    let before = task::try_id();
    let task = spawn_eager(async {
        let id = task::try_id();
        yield_now().await;
        assert_eq!(task::try_id(), id);
        id
    });
    assert_eq!(task::try_id(), before);
    STARTED.with_borrow_mut(|started| started.push(task));
}

/// Joins what has been started.
async fn expect_started(count: usize) {
    let started = STARTED.take();
    assert_eq!(started.len(), count);
    for task in started {
        let id = task.id();
        assert_eq!(task.await.unwrap(), Some(id));
    }
}

#[test]
fn in_the_drop_of_an_aborted_future() {
    runtime::run(async {
        let task = runtime::spawn(async {
            let _at_end = OnDrop(start);
            pending::<()>().await;
        });
        yield_now().await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        expect_started(1).await;
    });
}

#[test]
fn in_the_drop_of_an_output_that_nobody_takes() {
    runtime::run(async {
        drop(spawn_eager(async { OnDrop(start) }));
        drop(runtime::spawn(async { OnDrop(start) }));
        yield_now().await;
        expect_started(2).await;
    });
}

#[test]
fn in_the_drop_of_a_future_that_panics_at_once() {
    runtime::run(async {
        let task = spawn_eager(async {
            let _at_end = OnDrop(start);
            panic!("on purpose");
        });
        let error = task.await.unwrap_err();
        assert!(error.is_panic());
        expect_started(1).await;
    });
}

#[test]
fn by_the_waker_of_a_joiner() {
    struct Starts;
    impl Wake for Starts {
        fn wake(self: Arc<Self>) {
            start();
        }
    }
    runtime::run(async {
        let mut task = runtime::spawn(yield_now());
        let waker = Waker::from(Arc::new(Starts));
        let polled =
            std::pin::Pin::new(&mut task).poll(&mut std::task::Context::from_waker(&waker));
        assert!(polled.is_pending());
        for _ in 0..3 {
            yield_now().await;
        }
        assert!(task.is_finished());
        expect_started(1).await;
    });
}

#[test]
fn by_the_exception_handler_and_by_what_another_thread_sends() {
    let rt = Builder::new().exception_handler(|_| start()).build().unwrap();
    let handle = rt.handle().clone();
    rt.block_on(async {
        drop(runtime::spawn(async { panic!("on purpose") }));
        let thread = std::thread::spawn(move || drop(handle.call_soon(start).unwrap()));
        while !thread.is_finished() {
            yield_now().await;
        }
        for _ in 0..3 {
            yield_now().await;
        }
        expect_started(2).await;
    });
}

#[test]
fn by_an_eager_task_that_panics_within_another_one() {
    runtime::run(async {
        let outer = spawn_eager(async {
            let own = task::id();
            let inner = spawn_eager(async { panic!("on purpose") });
            assert!(inner.is_finished());
            assert_eq!(task::id(), own);
            yield_now().await;
            inner.await.unwrap_err().is_panic()
        });
        assert!(outer.await.unwrap());
    });
}

#[test]
fn a_start_does_not_let_the_loop_be_run_or_closed_within() {
    let rt = Rc::new(Runtime::new().unwrap());
    let inner = rt.clone();
    rt.block_on(async move {
        let task = spawn_eager(async move {
            assert!(inner.is_running());
            assert!(inner.close().is_err());
            assert!(catch_unwind(AssertUnwindSafe(|| inner.block_on(async {}))).is_err());
            assert!(catch_unwind(AssertUnwindSafe(|| inner.turn(Some(Duration::ZERO)))).is_err());
            yield_now().await;
        });
        task.await.unwrap();
    });
}

#[test]
fn another_thread_wakes_and_aborts_it_while_it_is_started() {
    runtime::run(async {
        let polls = Rc::new(Cell::new(0));
        let counted = polls.clone();
        let task = spawn_eager(poll_fn(move |context| {
            counted.set(counted.get() + 1);
            if counted.get() > 1 {
                return Poll::Ready(());
            }
            let waker = context.waker().clone();
            std::thread::spawn(move || waker.wake()).join().unwrap();
            Poll::Pending
        }));
        assert_eq!(polls.get(), 1);
        task.await.unwrap();
        assert_eq!(polls.get(), 2);

        let log = DropLog::new();
        let witness = log.local_witness();
        let slot: Rc<RefCell<Option<task::AbortHandle>>> = Rc::default();
        let task = spawn_eager({
            let slot = slot.clone();
            async move {
                let _witness = witness;
                yield_now().await;
                let abort = slot.take().unwrap();
                std::thread::spawn(move || abort.abort()).join().unwrap();
                pending::<()>().await;
            }
        });
        slot.replace(Some(task.abort_handle()));
        assert!(task.await.unwrap_err().is_cancelled());
        log.assert_dropped_here(1);
    });
}

#[test]
fn a_waker_of_its_first_poll_may_outlive_it_and_its_loop() {
    let kept = Rc::new(RefCell::new(None));
    let keep = kept.clone();
    runtime::run(async move {
        let task = spawn_eager(poll_fn(move |context| {
            keep.replace(Some(context.waker().clone()));
            Poll::Ready(Handle::current())
        }));
        assert!(!task.await.unwrap().is_closed());
    });
    let waker = kept.take().unwrap();
    waker.wake_by_ref();
    std::thread::spawn(move || drop(waker)).join().unwrap();
}

#[test]
fn a_factory_that_spawns_eagerly_ends() {
    let depth = Rc::new(Cell::new(0_u32));
    let rt = Builder::new()
        .task_factory({
            let depth = depth.clone();
            move |_, future| {
                if depth.get() < 100 {
                    depth.set(depth.get() + 1);
                    drop(spawn_eager(async {}));
                }
                future
            }
        })
        .build()
        .unwrap();
    rt.block_on(async {
        spawn_eager(async {}).await.unwrap();
        assert_eq!(task::try_id(), None);
    });
    assert_eq!(depth.get(), 100);
}
