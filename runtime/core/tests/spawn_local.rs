//! `Handle::spawn_local` starts a task from any thread whose future need not be `Send`.

use std::future::pending;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;

use runtime::{Runtime, context_var};

mod support;

use support::DropLog;

fn on_another_thread<R: Send>(f: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| scope.spawn(f).join().unwrap())
}

#[test]
fn the_future_is_made_polled_and_dropped_on_the_thread_of_the_loop() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let witnesses = log.clone();
    let handle = rt.handle();
    let task = on_another_thread(move || {
        handle.spawn_local(move || {
            let (made_on, witness) = (thread::current().id(), Rc::new(witnesses.local_witness()));
            async move {
                runtime::task::yield_now().await;
                drop(witness.clone());
                (made_on, thread::current().id())
            }
        })
    });
    let here = thread::current().id();
    assert_eq!(rt.block_on(task).unwrap(), (here, here));
    log.assert_dropped_here(1);
}

#[test]
fn nothing_is_made_before_the_loop_runs() {
    let rt = Runtime::new().unwrap();
    let (made, is_made) = mpsc::channel();
    let handle = rt.handle();
    let task = on_another_thread(move || {
        handle.spawn_local(move || {
            made.send(()).unwrap();
            async {}
        })
    });
    assert!(is_made.try_recv().is_err());
    rt.block_on(task).unwrap();
    is_made.try_recv().unwrap();
}

#[test]
fn a_task_that_is_aborted_in_time_is_never_made() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let witness = log.witness();
    let handle = rt.handle();
    let task = on_another_thread(move || {
        let task = handle.spawn_local(move || {
            drop(witness);
            panic!("nobody wants it any more");
            #[allow(unreachable_code)]
            pending::<()>()
        });
        task.abort();
        task
    });
    assert!(rt.block_on(task).unwrap_err().is_cancelled());
    log.assert_dropped_here(1);
}

#[test]
fn a_panic_while_it_is_made_is_one_of_the_task() {
    let rt = Runtime::new().unwrap();
    let make = || -> std::future::Ready<()> { std::panic::resume_unwind(Box::new("no")) };
    let handle = rt.handle();
    let from_afar = on_another_thread(|| handle.spawn_local(make));
    let from_here = handle.spawn_local(make);
    rt.block_on(async {
        assert!(from_afar.await.unwrap_err().is_panic());
        assert!(from_here.await.unwrap_err().is_panic());
    });
}

#[test]
fn on_the_loop_itself_it_is_an_ordinary_spawn() {
    runtime::run(async {
        let (sent, sends) = mpsc::channel();
        let other = sent.clone();
        let handle = runtime::Handle::current();
        let first = handle.spawn_local(move || async move { sent.send(1).unwrap() });
        let second = runtime::spawn(async move { other.send(2).unwrap() });
        first.await.unwrap();
        second.await.unwrap();
        assert_eq!(sends.into_iter().collect::<Vec<_>>(), [1, 2]);
    });
}

#[test]
fn a_task_factory_sees_it() {
    let (seen, sees) = mpsc::channel();
    let rt = Runtime::builder().task_factory(move |task, future| {
        seen.send(task.location().line()).unwrap();
        future
    });
    let rt = rt.build().unwrap();
    let handle = rt.handle();
    let task = on_another_thread(|| handle.spawn_local(|| async { Rc::new(7) == Rc::new(7) }));
    let line = task.location().line();
    assert!(rt.block_on(task).unwrap());
    assert_eq!(sees.try_iter().collect::<Vec<_>>(), [line]);
}

#[test]
fn it_begins_with_the_context_variables_of_whoever_spawns_it() {
    context_var! { static NAME: u32 = 0; }
    let rt = Runtime::new().unwrap();
    let handle = rt.handle();
    let task = on_another_thread(|| {
        NAME.set(5);
        handle.spawn_local(|| {
            let while_made = NAME.get();
            async move { (while_made, NAME.get()) }
        })
    });
    assert_eq!(rt.block_on(task).unwrap(), (5, 5));
}

#[test]
fn a_closed_loop_drops_it_where_it_is_sent() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    drop(rt);
    let log = DropLog::new();
    let witness = log.witness();
    let task = handle.spawn_local(move || async move { drop(witness) });
    log.assert_dropped_here(1);
    assert!(runtime::run(task).unwrap_err().is_cancelled());
}
