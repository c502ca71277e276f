//! However a loop is run, its cells have their own contexts, and the thread keeps its own.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use runtime::Runtime;
use runtime::context::{Context, Token};
use runtime::task::yield_now;

runtime::context_var! {
    static NUMBER: u32 = 0;
}

/// A task that holds a number of its own over many awaits, and gives what it found when it began.
fn holder(rt: &Runtime, number: u32) -> runtime::task::JoinHandle<u32> {
    rt.spawn(async move {
        let first = NUMBER.get();
        NUMBER.set(number);
        for _ in 0..5 {
            yield_now().await;
            assert_eq!(NUMBER.get(), number);
        }
        first
    })
}

#[test]
fn a_loop_driven_by_turns_leaves_the_thread_its_context() {
    let rt = Runtime::new().unwrap();
    let blank = holder(&rt, 10);
    NUMBER.set(1);
    let one = holder(&rt, 20);
    for turn in 0..20 {
        NUMBER.set(100 + turn);
        rt.turn(Some(Duration::ZERO)).unwrap();
        assert_eq!(NUMBER.get(), 100 + turn);
    }
    assert!(blank.is_finished() && one.is_finished());
    assert_eq!((rt.block_on(blank).unwrap(), rt.block_on(one).unwrap()), (0, 1));
}

#[test]
fn a_loop_run_forever_leaves_the_thread_its_context() {
    let rt = Runtime::new().unwrap();
    NUMBER.set(1);
    let task = holder(&rt, 10);
    let handle = rt.handle().clone();
    let stopper = rt.spawn(async move {
        task.await.unwrap();
        NUMBER.set(2);
        handle.stop().unwrap();
        NUMBER.get()
    });
    rt.run_forever().unwrap();
    assert_eq!(NUMBER.get(), 1);
    assert_eq!(rt.block_on(stopper).unwrap(), 2);
}

#[test]
fn a_main_future_that_is_stopped_begins_again_with_the_threads_context() {
    let rt = Runtime::new().unwrap();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let mut main = pin!({
        let (seen, handle) = (seen.clone(), rt.handle().clone());
        async move {
            NUMBER.set(10);
            handle.stop().unwrap();
            yield_now().await;
            seen.borrow_mut().push(NUMBER.get());
            handle.stop().unwrap();
            for _ in 0..3 {
                yield_now().await;
            }
            seen.borrow_mut().push(NUMBER.get());
        }
    });
    let mut runs = 0;
    while rt.run_until(main.as_mut()).is_err() {
        runs += 1;
        assert_eq!(NUMBER.get(), runs - 1);
        NUMBER.set(runs);
    }
    assert!(runs > 0);
    assert_eq!((seen.borrow().last().copied(), NUMBER.get()), (Some(runs), runs));
}

#[test]
fn a_scope_keeps_the_context_of_a_main_future_that_is_stopped() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    let mut main = pin!(Context::current().scope(async move {
        NUMBER.set(10);
        handle.stop().unwrap();
        for _ in 0..3 {
            yield_now().await;
        }
        NUMBER.get()
    }));
    assert!(rt.run_until(main.as_mut()).is_err());
    NUMBER.set(1);
    assert_eq!((rt.run_until(main.as_mut()).unwrap(), NUMBER.get()), (10, 1));
}

#[test]
fn a_loop_that_takes_turns_inside_of_a_task_does_not_disturb_it() {
    let inner = Runtime::new().unwrap();
    runtime::run(async move {
        let before = holder(&inner, 10);
        NUMBER.set(1);
        let task = runtime::spawn(async move {
            NUMBER.set(2);
            let after = holder(&inner, 20);
            while !(before.is_finished() && after.is_finished()) {
                inner.turn(Some(Duration::ZERO)).unwrap();
                assert_eq!(NUMBER.get(), 2);
                yield_now().await;
                assert_eq!(NUMBER.get(), 2);
            }
            (before.await.unwrap(), after.await.unwrap())
        });
        let sibling = runtime::spawn(async {
            yield_now().await;
            NUMBER.get()
        });
        assert_eq!((task.await.unwrap(), sibling.await.unwrap(), NUMBER.get()), ((0, 2), 1, 1));
    });
}

#[test]
fn a_loop_that_is_entered_heeds_what_is_set_before_and_after() {
    let rt = Runtime::new().unwrap();
    let look = || runtime::spawn(async { NUMBER.get() });
    let tasks = {
        let blank = rt.enter();
        let first = look();
        let second = Context::new().with_value(&NUMBER, 1).run(look);
        let third = Context::new().run(|| {
            NUMBER.set(2);
            look()
        });
        drop(blank);
        NUMBER.set(3);
        let _entered = rt.enter();
        let fourth = look();
        NUMBER.set(4);
        [first, second, third, fourth, look()]
    };
    let seen = tasks.map(|task| rt.block_on(task).unwrap());
    assert_eq!((seen, NUMBER.get()), ([0, 1, 2, 3, 4], 4));
}

#[test]
fn a_set_inside_of_an_empty_run_reaches_what_is_spawned_there() {
    runtime::run(async {
        let task = runtime::spawn(async {
            Context::new().run(|| {
                NUMBER.set(1);
                runtime::spawn(async { NUMBER.get() })
            })
        });
        let inner = task.await.unwrap();
        assert_eq!((inner.await.unwrap(), NUMBER.get()), (1, 0));
    });
}

#[test]
fn another_loops_guard_inside_of_a_task_changes_nobodys_context() {
    let other = Runtime::new().unwrap();
    runtime::run(async {
        let setter = runtime::spawn({
            let handle = other.handle().clone();
            async move {
                let (token, tasks) = {
                    let _entered = other.enter();
                    let token = NUMBER.set(1);
                    let here = runtime::spawn(async { NUMBER.get() });
                    (token, (here, handle.spawn(async { NUMBER.get() })))
                };
                let here = NUMBER.get();
                yield_now().await;
                NUMBER.reset(token);
                (here, NUMBER.get(), tasks, other)
            }
        });
        let sibling = runtime::spawn(async { NUMBER.get() });
        let (here, later, tasks, other) = setter.await.unwrap();
        assert_eq!((here, later, sibling.await.unwrap(), NUMBER.get()), (1, 0, 0, 0));
        while !(tasks.0.is_finished() && tasks.1.is_finished()) {
            other.turn(Some(Duration::ZERO)).unwrap();
        }
        assert_eq!((tasks.0.await.unwrap(), tasks.1.await.unwrap()), (1, 1));
    });
}

#[test]
fn debug_mode_makes_no_difference() {
    let rt = Runtime::builder().debug(true).build().unwrap();
    let task = holder(&rt, 10);
    rt.block_on(async {
        NUMBER.set(1);
        assert_eq!(task.await.unwrap(), 0);
        rt.set_debug(false);
        assert_eq!(holder(&rt, 20).await.unwrap(), 1);
        assert_eq!(NUMBER.get(), 1);
    });
    assert_eq!(NUMBER.get(), 0);
}

#[test]
fn a_context_of_one_run_is_forgotten_by_the_next() {
    let rt = Runtime::new().unwrap();
    for _ in 0..3 {
        let task = holder(&rt, 10);
        assert_eq!(rt.block_on(async { (NUMBER.get(), task.await.unwrap()) }), (0, 0));
        let token = NUMBER.set(1);
        assert_eq!(rt.block_on(async { NUMBER.get() }), 1);
        NUMBER.reset(token);
    }
}

#[test]
fn a_loop_closed_in_the_midst_of_a_task_changes_nothing_there() {
    struct Guard(Option<Token<u32>>);

    impl Drop for Guard {
        fn drop(&mut self) {
            NUMBER.reset(self.0.take().unwrap());
            SEEN.with_borrow_mut(|seen| seen.push(NUMBER.get()));
            NUMBER.set(100);
        }
    }

    thread_local! {
        static SEEN: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
    }

    let other = Runtime::new().unwrap();
    let _left = other.spawn(async {
        NUMBER.set(5);
        let _guard = Guard(Some(NUMBER.set(6)));
        std::future::pending::<()>().await;
    });
    other.block_on(yield_now());
    runtime::run(async {
        let task = runtime::spawn(async move {
            NUMBER.set(1);
            drop(other);
            let here = NUMBER.get();
            yield_now().await;
            (here, NUMBER.get())
        });
        assert_eq!(task.await.unwrap(), (1, 1));
    });
    assert_eq!((SEEN.take(), NUMBER.get()), (vec![5], 0));
}
