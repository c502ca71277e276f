//! Loops inside of loops, whose ends are not where one would expect them.

mod support;

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use runtime::task::{try_id, yield_now};
use runtime::{Builder, Handle, Runtime, UnhandledPanic, context_var};
use support::{DropLog, OnDrop};

const AT_ONCE: Option<Duration> = Some(Duration::ZERO);

fn fragile() -> Runtime {
    Builder::new()
        .exception_handler(|_| ())
        .unhandled_panic(UnhandledPanic::Shutdown)
        .build()
        .unwrap()
}

#[test]
fn a_loop_that_ends_inside_of_another_does_not_let_that_one_be_run_anew() {
    let outer = Rc::new(Runtime::new().unwrap());
    let inner = fragile();
    let refused = Rc::new(Cell::new(None));
    {
        let (outer, refused) = (outer.clone(), refused.clone());
        inner.spawn(async move {
            let _at_end = OnDrop(|| {
                let run = catch_unwind(AssertUnwindSafe(|| outer.block_on(yield_now())));
                refused.set(Some(run.is_err() && outer.close().is_err()));
            });
            pending::<()>().await;
        });
    }
    inner.call_soon(|| panic!("nobody catches this"));
    let polling = Cell::new(false);
    let polls = Rc::new(Cell::new(0));
    let counted = polls.clone();
    let task = outer.spawn(poll_fn(move |context| {
        assert!(!polling.replace(true), "polled in the midst of a poll");
        counted.set(counted.get() + 1);
        // If the outer loop could be run now, it would poll this very task.
        context.waker().wake_by_ref();
        let turn = catch_unwind(AssertUnwindSafe(|| inner.turn(AT_ONCE)));
        assert!(turn.is_err() && inner.is_closed());
        polling.set(false);
        Poll::Ready(())
    }));
    outer.block_on(task).unwrap();
    assert_eq!((refused.get(), polls.get()), (Some(true), 1));
    assert!(!outer.is_running());
    outer.close().unwrap();
}

#[test]
fn a_loop_that_ends_in_its_run_down_does_not_let_the_outer_one_be_run_anew() {
    let outer = Rc::new(Runtime::new().unwrap());
    let inner = fragile();
    let refused = Rc::new(Cell::new(None));
    {
        let (outer, refused) = (outer.clone(), refused.clone());
        inner.spawn(async move {
            let _at_end = OnDrop(|| {
                let run = catch_unwind(AssertUnwindSafe(|| outer.run_forever()));
                refused.set(Some(run.is_err()));
            });
            pending::<()>().await;
        });
    }
    inner.call_soon(|| panic!("nobody catches this"));
    outer.block_on(async {
        let options = runtime::ShutdownOptions::new().task_grace(Duration::from_secs(3600));
        let shutdown = catch_unwind(AssertUnwindSafe(|| inner.shutdown(options)));
        assert!(shutdown.is_err() && inner.is_closed());
    });
    assert_eq!(refused.get(), Some(true));
}

#[test]
fn nothing_is_running_after_a_stop() {
    let rt = Runtime::new().unwrap();
    drop(rt.spawn(async { Handle::current().stop().unwrap() }));
    rt.run_forever().unwrap();
    let _entered = rt.enter();
    assert_eq!(try_id(), None);
    rt.call_soon(|| Handle::current().stop().unwrap());
    rt.run_forever().unwrap();
    assert_eq!(try_id(), None);
}

#[test]
fn nothing_is_running_when_a_stopped_loop_is_closed() {
    #[derive(Default)]
    struct Asks(Rc<RefCell<Vec<bool>>>);
    impl Drop for Asks {
        fn drop(&mut self) {
            self.0.borrow_mut().push(try_id().is_none());
        }
    }
    let rt = Runtime::new().unwrap();
    let answers = {
        let _entered = rt.enter();
        runtime::reactor::loop_local(|asks: &Asks| asks.0.clone())
    };
    drop(rt.spawn(async { Handle::current().stop().unwrap() }));
    rt.run_forever().unwrap();
    rt.close().unwrap();
    assert_eq!(*answers.borrow(), [true]);
}

context_var! { static DEPTH: u32 = 0; }

#[test]
fn a_turn_inside_of_a_task_does_not_see_its_variables() {
    let outer = Runtime::new().unwrap();
    let inner = Runtime::new().unwrap();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let note = seen.clone();
    inner.call_soon(move || {
        note.borrow_mut().push(DEPTH.get());
        DEPTH.set(2);
    });
    let note = seen.clone();
    inner.call_soon(move || note.borrow_mut().push(DEPTH.get()));
    outer.block_on(async {
        DEPTH.set(1);
        inner.turn(AT_ONCE).unwrap();
        assert_eq!(DEPTH.get(), 1);
    });
    assert_eq!(*seen.borrow(), [0, 0]);
}

#[test]
fn guards_that_outlive_a_turn_leave_both_loops_usable() {
    let outer = Runtime::new().unwrap();
    let inner = Runtime::new().unwrap();
    let third: &'static Runtime = Box::leak(Box::new(Runtime::new().unwrap()));
    let guard = Rc::new(RefCell::new(None));
    let log = DropLog::new();
    let (kept, witness) = (guard.clone(), log.local_witness());
    inner.call_soon(move || {
        kept.replace(Some(third.enter()));
        drop(witness);
    });
    outer.block_on(async {
        let sibling = outer.spawn(async {
            yield_now().await;
            7
        });
        inner.turn(AT_ONCE).unwrap();
        drop(guard.take());
        // Whichever loop is current now: tasks of this one are woken all the same.
        assert_eq!(sibling.await.unwrap(), 7);
    });
    log.assert_dropped_here(1);
    inner.close().unwrap();
    assert_eq!(outer.block_on(async { 1 }), 1);
    drop(inner);
    outer.close().unwrap();
    third.close().unwrap();
}
