//! What a task factory may do with the futures that it is given, besides polling them.

mod support;

use std::cell::{Cell, OnceCell, RefCell};
use std::future::{pending, poll_fn};
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use runtime::task::{NewTask, TaskFuture};
use runtime::{Builder, Runtime, context_var};
use support::{CountingWaker, DropLog, OnDrop};

/// Where a factory puts a task's future, instead of having it polled.
type Stash = Rc<RefCell<Option<TaskFuture>>>;

fn with_stash() -> (Rc<Runtime>, Stash) {
    let stash = Stash::default();
    let put = stash.clone();
    let factory = move |_: &NewTask<'_>, future| -> TaskFuture {
        put.replace(Some(future));
        Box::pin(pending())
    };
    (Rc::new(Builder::new().task_factory(factory).build().unwrap()), stash)
}

#[test]
fn a_factory_may_close_its_loop() {
    let slot = Rc::new(OnceCell::<Weak<Runtime>>::new());
    let factory = {
        let slot = slot.clone();
        move |_: &NewTask<'_>, future| -> TaskFuture {
            slot.get().unwrap().upgrade().unwrap().close().unwrap();
            future
        }
    };
    let rt = Rc::new(Builder::new().task_factory(factory).build().unwrap());
    slot.set(Rc::downgrade(&rt)).unwrap();
    let log = DropLog::new();
    let witness = log.local_witness();
    let task = rt.spawn(async move { drop(witness) });
    assert!(rt.is_closed());
    log.assert_dropped_here(1);
    assert!(runtime::run(task).unwrap_err().is_cancelled());
    // The join handle was the last to know the task: the loop must still be counted right.
    assert!(rt.handle().is_closed());
    drop(rt);
}

#[test]
fn a_future_that_closes_its_loop_is_not_polled_by_hand() {
    let (rt, stash) = with_stash();
    let log = DropLog::new();
    let (polls, witness, home) = (Rc::new(Cell::new(0)), log.local_witness(), rt.clone());
    let task = rt.spawn({
        let polls = polls.clone();
        async move {
            polls.set(polls.get() + 1);
            // If this aborted the task, it would do so in the midst of its poll.
            let closed = home.close().is_ok();
            drop(witness);
            closed
        }
    });
    let mut future = stash.take().unwrap();
    let waker = CountingWaker::new();
    {
        let _entered = rt.enter();
        let polled = future.as_mut().poll(&mut Context::from_waker(&waker.waker()));
        assert!(polled.is_pending());
    }
    assert_eq!((polls.get(), waker.wakes(), log.count()), (0, 0, 0));
    // The loop that runs says when to come back.
    rt.block_on(runtime::task::yield_now());
    rt.block_on(runtime::task::yield_now());
    assert_eq!(waker.wakes(), 1);
    rt.block_on(future);
    assert_eq!((polls.get(), log.count()), (1, 1));
    assert!(!rt.is_closed(), "a loop that runs is not closed");
    drop(task);
}

#[test]
fn a_future_that_is_dropped_elsewhere_is_dropped_by_the_next_turn() {
    let (rt, stash) = with_stash();
    let log = DropLog::new();
    let witness = log.local_witness();
    let task = rt.spawn(async move {
        pending::<()>().await;
        drop(witness);
    });
    drop(stash.take());
    rt.turn(Some(std::time::Duration::ZERO)).unwrap();
    log.assert_dropped_here(1);
    drop(task);
}

#[test]
fn a_future_that_outlives_its_loop_is_empty() {
    let (rt, stash) = with_stash();
    let log = DropLog::new();
    let witness = log.local_witness();
    let task = rt.spawn(async move { drop(witness) });
    rt.close().unwrap();
    log.assert_dropped_here(1);
    let mut future = stash.take().unwrap();
    drop(rt);
    let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(polled, Poll::Ready(()));
    assert!(runtime::run(task).unwrap_err().is_cancelled());
}

#[test]
fn a_cancelled_task_is_gone_although_it_was_woken() {
    let rt = Builder::new().task_factory(|_, future| future).build().unwrap();
    let log = DropLog::new();
    let witness = log.local_witness();
    rt.block_on(async {
        let waker = Rc::new(RefCell::new(None::<Waker>));
        let left = waker.clone();
        let task = runtime::spawn(async move {
            let _witness = witness;
            poll_fn(|context| {
                left.replace(Some(context.waker().clone()));
                Poll::<()>::Pending
            })
            .await;
        });
        runtime::task::yield_now().await;
        // In this order: the abort's turn comes before that of the wake.
        task.abort();
        waker.take().unwrap().wake();
        assert!(task.await.unwrap_err().is_cancelled());
        log.assert_dropped_here(1);
    });
}

context_var! { static NAME: &'static str = "nobody"; }

#[test]
fn what_a_task_drops_sees_its_context_and_id() {
    let rt = Builder::new().task_factory(|_, future| future).build().unwrap();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let id = rt.block_on(async {
        let seen = seen.clone();
        let task = runtime::spawn(async move {
            let _at_end = OnDrop(|| seen.borrow_mut().push((NAME.get(), runtime::task::try_id())));
            NAME.set("task");
            pending::<()>().await;
        });
        runtime::task::yield_now().await;
        let id = task.id();
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        id
    });
    assert_eq!(*seen.borrow(), [("task", Some(id))]);
}

#[test]
fn what_is_stashed_while_the_loop_closes_is_dropped() {
    let kept = Stash::default();
    let put = kept.clone();
    let factory = move |_: &NewTask<'_>, future| -> TaskFuture {
        put.replace(Some(future));
        Box::pin(pending())
    };
    let rt = Rc::new(Builder::new().task_factory(factory).build().unwrap());
    let log = DropLog::new();
    let weak = Rc::downgrade(&rt);
    let witness = Cell::new(Some(log.local_witness()));
    let at_end = OnDrop(move || {
        let witness = witness.take();
        drop(weak.upgrade().unwrap().spawn(async move { drop(witness) }));
    });
    rt.call_soon(move || drop(at_end));
    rt.close().unwrap();
    log.assert_dropped_here(1);
    drop(kept.take());
}

/// Ends what is stashed, from the drop of the very future that is behind it.
fn a_future_that_does_to_itself(act: impl Fn(TaskFuture) + 'static) {
    let (rt, stash) = with_stash();
    let log = DropLog::new();
    let witness = log.local_witness();
    let at_end = OnDrop(move || act(stash.take().expect("it was put there")));
    let task = rt.spawn(async move {
        let _kept = (at_end, witness);
        pending::<()>().await;
    });
    rt.close().unwrap();
    log.assert_dropped_here(1);
    assert!(runtime::run(task).unwrap_err().is_cancelled());
}

#[test]
fn a_future_dropped_by_close_may_drop_what_stands_for_it() {
    a_future_that_does_to_itself(drop);
}

#[test]
fn a_future_dropped_by_close_may_poll_what_stands_for_it() {
    a_future_that_does_to_itself(|mut stashed| {
        let polled = stashed.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending());
    });
}
