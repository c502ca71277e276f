//! A loop keeps one value of each type for libraries, and drops them on its thread while it is still the
//! current one.

mod support;

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::rc::Rc;
use std::thread;

use runtime::reactor::{loop_local, try_loop_local};
use runtime::{Handle, Runtime};
use support::{DropLog, OnDrop, Witness, panic_message};

#[derive(Default)]
struct Counter(Cell<u32>);

fn count() -> u32 {
    loop_local(|counter: &Counter| {
        counter.0.set(counter.0.get() + 1);
        counter.0.get()
    })
}

/// Keeps things whose drops tell of what happens.
#[derive(Default)]
struct Kept(RefCell<Vec<Box<dyn FnOnce()>>>);

#[derive(Default)]
struct KeptLater(RefCell<Vec<Box<dyn FnOnce()>>>);

impl Drop for Kept {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(|f| f());
    }
}

impl Drop for KeptLater {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(|f| f());
    }
}

fn when_dropped(f: impl FnOnce() + 'static) {
    loop_local(|kept: &Kept| kept.0.borrow_mut().push(Box::new(f)));
}

fn when_dropped_later(f: impl FnOnce() + 'static) {
    loop_local(|kept: &KeptLater| kept.0.borrow_mut().push(Box::new(f)));
}

#[test]
fn each_loop_has_its_own() {
    let (one, two) = (Runtime::new().unwrap(), Runtime::new().unwrap());
    one.block_on(async { assert_eq!([count(), count()], [1, 2]) });
    two.block_on(async { assert_eq!(count(), 1) });
    let _entered = one.enter();
    assert_eq!(count(), 3);
    let inner = two.enter();
    assert_eq!(count(), 2);
    drop(inner);
    assert_eq!(count(), 4);
}

#[test]
fn tasks_of_a_loop_share_it() {
    runtime::run(async {
        assert_eq!(count(), 1);
        assert_eq!(runtime::spawn(async { count() }).await.unwrap(), 2);
    });
}

#[test]
fn outside_of_a_loop_it_says_so() {
    assert!(panic_message(count).contains("there is no reactor running"));
    assert_eq!(try_loop_local(|_: &Counter| ()), None);
    let rt = Runtime::new().unwrap();
    let _entered = rt.enter();
    thread::spawn(|| assert_eq!(try_loop_local(|_: &Counter| ()), None)).join().unwrap();
}

#[test]
fn it_may_be_used_while_it_is_used() {
    runtime::run(async {
        loop_local(|outer: &Counter| {
            outer.0.set(7);
            assert_eq!(count(), 8);
            loop_local(|kept: &Kept| assert!(kept.0.borrow().is_empty()));
        });
    });
}

#[test]
fn a_value_may_need_another_to_be_made() {
    struct Second(u32);
    impl Default for Second {
        fn default() -> Second {
            Second(count())
        }
    }
    runtime::run(async {
        assert_eq!(loop_local(|second: &Second| second.0), 1);
        assert_eq!(loop_local(|second: &Second| second.0), 1);
        assert_eq!(count(), 2);
    });
}

#[test]
fn values_go_after_the_tasks_and_in_reverse() {
    let order = Rc::new(RefCell::new(Vec::new()));
    let note = |what: &'static str| {
        let order = order.clone();
        move || order.borrow_mut().push(what)
    };
    let log = DropLog::new();
    let rt = Runtime::new().unwrap();
    let in_task = OnDrop(note("task"));
    rt.block_on(async {
        let witness = log.witness();
        when_dropped(note("first"));
        when_dropped(move || drop(witness));
        when_dropped_later(note("second"));
        drop(runtime::spawn(async move {
            let _in_task = in_task;
            pending::<()>().await;
        }));
    });
    rt.close().unwrap();
    assert_eq!(*order.borrow(), ["task", "second", "first"]);
    log.assert_dropped_here(1);
}

#[test]
fn a_task_dropped_by_close_still_finds_the_values() {
    let seen = Rc::new(Cell::new(0));
    let rt = Runtime::new().unwrap();
    let at_end = {
        let seen = seen.clone();
        OnDrop(move || seen.set(count()))
    };
    rt.block_on(async { count() });
    drop(rt.spawn(async move {
        let _at_end = at_end;
        pending::<()>().await;
    }));
    rt.close().unwrap();
    assert_eq!(seen.get(), 2);
}

#[test]
fn the_loop_is_current_while_they_are_dropped() {
    let seen = Rc::new(Cell::new(None));
    let rt = Runtime::new().unwrap();
    let id = {
        let _entered = rt.enter();
        let seen = seen.clone();
        when_dropped(move || {
            let refused = runtime::spawn(async {});
            seen.set(Some((Handle::try_current().is_ok(), refused.is_finished())));
        });
        count()
    };
    assert_eq!(id, 1);
    rt.close().unwrap();
    assert_eq!(seen.get(), Some((true, true)));
    assert!(Handle::try_current().is_err());
}

#[test]
fn a_drop_finds_earlier_values_and_makes_no_new_ones() {
    #[derive(Default)]
    struct Never(#[allow(dead_code)] Cell<u32>);

    let seen = Rc::new(RefCell::new(None));
    let rt = Runtime::new().unwrap();
    rt.block_on(async {
        count();
        let seen = seen.clone();
        when_dropped(move || {
            let gone = panic_message(|| when_dropped(|| unreachable!("nobody would call it")));
            *seen.borrow_mut() = Some((
                count(),
                try_loop_local(|_: &Kept| ()),
                try_loop_local(|_: &Never| ()),
                gone.contains("the runtime is closing"),
            ));
        });
    });
    rt.close().unwrap();
    assert_eq!(*seen.borrow(), Some((2, None, None, true)));
}

#[test]
fn a_drop_that_panics_is_contained() {
    let log = DropLog::new();
    let rt = Runtime::new().unwrap();
    rt.block_on(async {
        let witness: Witness = log.witness();
        when_dropped(move || drop(witness));
        when_dropped_later(|| panic!("on purpose"));
    });
    rt.close().unwrap();
    log.assert_dropped_here(1);
    assert!(rt.is_closed());
}

#[test]
fn a_value_outlives_a_close_in_the_midst_of_its_use() {
    let rt = Runtime::new().unwrap();
    let _entered = rt.enter();
    let log = DropLog::new();
    let witness = log.witness();
    when_dropped(move || drop(witness));
    loop_local(|kept: &Kept| {
        rt.close().unwrap();
        assert_eq!(log.count(), 0);
        assert_eq!(kept.0.borrow().len(), 1);
    });
    log.assert_dropped_here(1);
}
