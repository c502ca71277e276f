//! Hooks hear of every task, may do as they like, and harm nobody.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use runtime_core::task::{self, yield_now};
use runtime_core::{Builder, Handle, Runtime, spawn};

type Log = Rc<RefCell<Vec<String>>>;

/// A loop whose hooks write down what they are told.
fn logged() -> (Runtime, Log) {
    let log = Log::default();
    let note = |what: &'static str| {
        let log = log.clone();
        move |task: &runtime_core::inspect::TaskMeta<'_>| {
            log.borrow_mut().push(format!("{what} {}", task.name().unwrap_or("?")));
        }
    };
    let rt = Builder::new()
        .on_task_spawn(note("spawn"))
        .on_before_task_poll(note("before"))
        .on_after_task_poll(note("after"))
        .on_task_terminate(note("end"))
        .build()
        .unwrap();
    (rt, log)
}

fn named(name: &str) -> task::Builder<'_> {
    task::Builder::new().name(name)
}

#[test]
fn a_task_is_told_from_its_spawn_to_its_end() {
    let (rt, log) = logged();
    rt.block_on(async {
        named("a").spawn(async { yield_now().await }).await.unwrap();
    });
    let expected = ["spawn a", "before a", "after a", "before a", "after a", "end a"];
    assert_eq!(*log.borrow(), expected);
}

#[test]
fn the_drop_of_a_task_is_no_poll() {
    let (rt, log) = logged();
    rt.set_inspect(true);
    rt.block_on(async {
        let polls = || Handle::current().metrics().unwrap().polls.unwrap();
        let task = named("a").spawn(pending::<()>());
        yield_now().await;
        task.abort();
        let before = polls();
        yield_now().await;
        assert!(task.is_finished());
        // One, that of the main future.
        assert_eq!(polls() - before, 1);
    });
    assert_eq!(*log.borrow(), ["spawn a", "before a", "after a", "end a"]);
}

#[test]
fn the_first_poll_of_an_eager_task_is_told_and_so_is_its_end() {
    let (rt, log) = logged();
    rt.block_on(async {
        let parent = named("parent").spawn(async {
            named("child").eager(true).spawn(async {}).await.unwrap();
            named("waits").eager(true).spawn(yield_now()).await.unwrap();
        });
        parent.await.unwrap();
    });
    let expected = [
        "spawn parent",
        "before parent",
        "spawn child",
        "before child",
        "after child",
        "end child",
        "spawn waits",
        "before waits",
        "after waits",
        "after parent",
        "before waits",
        "after waits",
        "end waits",
        "before parent",
        "after parent",
        "end parent",
    ];
    assert_eq!(*log.borrow(), expected);
}

#[test]
fn every_kind_of_end_is_told_once() {
    let (rt, log) = logged();
    rt.block_on(async {
        let aborted = named("aborted").spawn(pending::<()>());
        aborted.abort();
        assert!(aborted.await.unwrap_err().is_cancelled());
        assert!(named("panics").spawn(async { panic!("on purpose") }).await.is_err());
        drop(named("left").spawn(pending::<()>()));
        yield_now().await;
        // It has woken itself in its last poll, and is run once more to be buried.
        drop(named("selfish").spawn(futures::future::poll_fn(|context| {
            context.waker().wake_by_ref();
            std::task::Poll::Ready(())
        })));
        yield_now().await;
        yield_now().await;
    });
    drop(rt);
    for name in ["aborted", "panics", "left", "selfish"] {
        let log = log.borrow();
        assert_eq!(log.iter().filter(|line| **line == format!("end {name}")).count(), 1, "{log:?}");
    }
    assert_eq!(log.borrow().last().unwrap(), "end left");
}

#[test]
fn a_hook_is_told_what_the_task_is() {
    let seen = Rc::new(Cell::new(None));
    let polled = Rc::new(Cell::new(None));
    let (see, poll) = (seen.clone(), polled.clone());
    let rt = Builder::new()
        .on_task_spawn(move |task| see.set(Some((task.id(), task.location()))))
        .on_before_task_poll(move |task| {
            poll.set(Some(task.id()));
            assert_eq!(task::id(), task.id());
        })
        .build()
        .unwrap();
    rt.block_on(async {
        let task = spawn(async {});
        assert_eq!(seen.get(), Some((task.id(), task.location())));
        let id = task.id();
        task.await.unwrap();
        assert_eq!(polled.get(), Some(id));
    });
}

#[test]
fn tasks_of_other_threads_are_told_on_the_loops_thread() {
    let home = thread::current().id();
    let told = Rc::new(Cell::new(0));
    let count = told.clone();
    let rt = Builder::new()
        .on_task_spawn(move |_| {
            assert_eq!(thread::current().id(), home);
            count.set(count.get() + 1);
        })
        .build()
        .unwrap();
    let handle = rt.handle().clone();
    let task = thread::spawn(move || handle.spawn(async {})).join().unwrap();
    rt.block_on(task).unwrap();
    assert_eq!(told.get(), 1);
}

#[test]
fn a_hook_may_spawn_and_is_not_told_of_it() {
    let told = Rc::new(Cell::new(0));
    let ran = Rc::new(Cell::new(0));
    let (tell, run) = (told.clone(), ran.clone());
    let rt = Builder::new()
        .on_task_spawn(move |_| {
            tell.set(tell.get() + 1);
            let run = run.clone();
            spawn(async move { run.set(run.get() + 1) });
        })
        .build()
        .unwrap();
    rt.block_on(async {
        spawn(async {}).await.unwrap();
        yield_now().await;
    });
    assert_eq!((told.get(), ran.get()), (1, 1));
}

#[test]
fn a_hook_may_abort_the_task_that_is_about_to_be_polled() {
    let victim = Rc::new(RefCell::new(None::<task::AbortHandle>));
    let aborts = victim.clone();
    let rt = Builder::new()
        .on_before_task_poll(move |_| {
            if let Some(victim) = aborts.borrow_mut().take() {
                victim.abort();
            }
        })
        .build()
        .unwrap();
    rt.block_on(async {
        let task = spawn(async { unreachable!("it was aborted before its first poll") });
        victim.replace(Some(task.abort_handle()));
        assert!(task.await.unwrap_err().is_cancelled());
    });
}

#[test]
fn a_hook_that_panics_is_reported_and_harms_nobody() {
    let reported = Rc::new(RefCell::new(Vec::new()));
    let report = reported.clone();
    let calls = Rc::new(Cell::new(0));
    let count = calls.clone();
    let (sender, parks) = mpsc::channel::<()>();
    let parking = RefCell::new(Some(sender));
    let rt = Builder::new()
        .on_before_task_poll(move |_| {
            count.set(count.get() + 1);
            panic!("on purpose")
        })
        .on_thread_park(move || {
            drop(parking.take());
            panic!("there, too")
        })
        .on_task_spawn(|_| panic!("and there"))
        .exception_handler(move |context| report.borrow_mut().push(context.message().to_owned()))
        .build()
        .unwrap();
    rt.block_on(async {
        assert_eq!(spawn(async { yield_now().await }).await.map_err(drop), Ok(()));
        // It lasts until the loop is about to wait.
        assert!(runtime_core::spawn_blocking(move || parks.recv().is_err()).await.unwrap());
    });
    // Those of the job's task come on top.
    assert!(calls.get() >= 3);
    let reported = reported.borrow();
    for hook in ["on_before_task_poll", "on_thread_park", "on_task_spawn"] {
        let message = format!("a hook panicked, one of `Builder::{hook}`");
        assert!(reported.contains(&message), "{hook}: {reported:?}");
    }
}

#[test]
fn a_hook_that_panics_when_the_loop_closes_is_reported() {
    let reported = Rc::new(Cell::new(0));
    let report = reported.clone();
    let rt = Builder::new()
        .on_task_terminate(|_| {
            // Dropped at once.
            assert!(spawn(async {}).is_finished());
            panic!("on purpose")
        })
        .exception_handler(move |_| report.set(report.get() + 1))
        .build()
        .unwrap();
    rt.spawn(pending::<()>());
    drop(rt);
    assert_eq!(reported.get(), 1);
}

#[test]
fn parking_and_unparking_come_in_pairs() {
    let log = Rc::new(RefCell::new(Vec::new()));
    let (park, unpark) = (log.clone(), log.clone());
    let (sender, parks) = mpsc::channel::<()>();
    let parking = RefCell::new(Some(sender));
    let rt = Builder::new()
        .on_thread_park(move || {
            park.borrow_mut().push("park");
            drop(parking.take());
        })
        .on_thread_unpark(move || unpark.borrow_mut().push("unpark"))
        .build()
        .unwrap();
    rt.block_on(async { yield_now().await });
    assert!(log.borrow().is_empty(), "it had no reason to wait");
    // It lasts until the loop is about to wait.
    let job = rt.handle().spawn_blocking(move || parks.recv().is_err());
    assert!(rt.block_on(job).unwrap());
    let log = log.borrow();
    assert!(log.chunks(2).all(|pair| pair == ["park", "unpark"]), "{log:?}");
}

#[test]
fn a_loop_that_was_given_work_by_a_hook_does_not_wait() {
    let done = Rc::new(Cell::new(false));
    let finish = done.clone();
    let waker = Rc::new(RefCell::new(None::<std::task::Waker>));
    let wakes = waker.clone();
    let rt = Builder::new()
        .on_thread_park(move || {
            finish.set(true);
            if let Some(waker) = wakes.take() {
                waker.wake();
            }
        })
        .build()
        .unwrap();
    // Nothing else would ever wake it.
    rt.block_on(std::future::poll_fn(|context| {
        waker.replace(Some(context.waker().clone()));
        if done.get() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    }));
}

#[test]
fn a_timer_that_a_hook_arms_is_heeded() {
    let fired = Rc::new(Cell::new(false));
    let fires = fired.clone();
    let rt = Builder::new()
        .on_thread_park(move || {
            let fires = fires.clone();
            if !fires.get() {
                runtime_core::callback::call_later(Duration::from_millis(1), move || {
                    fires.set(true);
                    Handle::current().stop().unwrap();
                });
            }
        })
        .build()
        .unwrap();
    rt.run_forever().unwrap();
    assert!(fired.get());
}

#[test]
fn hooks_and_inspection_go_together_and_apart() {
    let (rt, log) = logged();
    rt.set_inspect(true);
    rt.block_on(async { named("a").spawn(async {}).await.unwrap() });
    rt.set_inspect(false);
    rt.block_on(async { named("b").spawn(async {}).await.unwrap() });
    let expected = ["spawn", "before", "after", "end"];
    let expected = ["a", "b"].map(|name| expected.map(|what| format!("{what} {name}"))).concat();
    assert_eq!(*log.borrow(), expected);
}
