//! A task is a span of `tracing`, entered for each of its polls, that ends with the task.
#![cfg(feature = "tracing")]

#[path = "support/spans.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod spans;

use std::future::pending;
use std::thread;

use futures::FutureExt;
use runtime::task::{TaskFuture, yield_now};
use runtime::{Runtime, spawn, task};
use spans::{Recorder, Told};
use tracing::info;

#[test]
fn a_task_tells_its_name_its_id_its_size_and_where_it_was_spawned() {
    let recorder = Recorder::new();
    let (id, line) = recorder.record(|| {
        let rt = Runtime::new().unwrap();
        let ballast = [0_u8; 100];
        let future = async move {
            yield_now().await;
            ballast.len()
        };
        let line = line!() + 1;
        let task = rt.block_on(async { task::Builder::new().name("loader").spawn(future) });
        let id = task.id();
        rt.block_on(task).unwrap();
        (id, line)
    });
    let span = recorder.task();
    assert_eq!((span.name, span.target), ("runtime.spawn", "runtime::task"));
    assert_eq!(span.field("task.name"), "loader");
    assert_eq!(span.field("task.id"), id.to_string());
    assert!(span.field("size.bytes").parse::<usize>().unwrap() >= 100, "{span:?}");
    assert!(span.field("loc.file").ends_with("tracing_tasks.rs"), "{span:?}");
    assert_eq!(span.field("loc.line"), line.to_string());
    assert_ne!(span.field("loc.col"), "");
}

#[test]
fn each_poll_is_within_the_span_and_nothing_else_is() {
    let recorder = Recorder::new();
    recorder.record(|| {
        let rt = Runtime::new().unwrap();
        let task = rt.spawn(async {
            info!(target: "test", "first");
            yield_now().await;
            info!(target: "test", "second");
        });
        rt.spawn(async {
            let here = task.await;
            info!(target: "test", "outside");
            here
        });
        rt.run_until_idle();
    });
    let first = recorder.kind("task")[0].id;
    let wake = || Told::Waker(first, "waker.wake_by_ref".to_owned());
    let event = |text: &str| Told::Event(text.to_owned());
    let other = recorder.kind("task")[1].id;
    let theirs = |told: &Told| match told {
        Told::New(id) | Told::Enter(id) | Told::Exit(id) | Told::Close(id) | Told::Waker(id, _) => {
            *id == first
        }
        Told::Event(text) => text != "outside",
    };
    let told: Vec<Told> = recorder.told().into_iter().filter(theirs).collect();
    let expected = [
        Told::New(first),
        Told::Enter(first),
        event("first"),
        wake(),
        Told::Exit(first),
        Told::Enter(first),
        event("second"),
        Told::Exit(first),
        Told::Close(first),
    ];
    assert_eq!(told, expected);
    let all = recorder.told();
    let outside = all.iter().position(|told| *told == event("outside")).unwrap();
    assert_eq!(all[outside - 1], Told::Enter(other));
}

#[test]
fn a_span_ends_with_its_task_though_the_handle_lives_on() {
    let recorder = Recorder::new();
    recorder.record(|| {
        let rt = Runtime::new().unwrap();
        let task = rt.spawn(async {});
        rt.run_until_idle();
        assert_eq!(recorder.count(&Told::Close(recorder.task().id)), 1);
        drop(task);
    });
}

#[test]
fn a_task_that_panics_or_is_aborted_ends_its_span_too() {
    let recorder = Recorder::new();
    recorder.record(|| {
        let rt = Runtime::new().unwrap();
        let panics = rt.spawn(async { panic!("on purpose") });
        let aborted = rt.spawn(pending::<()>());
        aborted.abort();
        rt.block_on(async {
            assert!(panics.await.unwrap_err().is_panic());
            assert!(aborted.await.unwrap_err().is_cancelled());
        });
        assert_balanced(&recorder, 2);
    });
}

#[test]
fn what_a_closing_loop_drops_is_dropped_within_its_span() {
    struct Tells;
    impl Drop for Tells {
        fn drop(&mut self) {
            info!(target: "test", "dropped");
        }
    }
    let recorder = Recorder::new();
    recorder.record(|| {
        let rt = Runtime::new().unwrap();
        let tells = Tells;
        let task = rt.spawn(async move {
            let _tells = tells;
            pending::<()>().await;
        });
        rt.run_until_idle();
        drop(rt);
        assert_balanced(&recorder, 1);
        drop(task);
    });
    let told = recorder.told();
    let id = recorder.task().id;
    let dropped = Told::Event("dropped".to_owned());
    let end = [Told::Enter(id), dropped, Told::Exit(id), Told::Close(id)];
    assert!(told.windows(4).any(|told| told == end), "{told:?}");
}

#[test]
fn a_task_from_another_thread_has_a_span_of_the_loops_subscriber() {
    let recorder = Recorder::new();
    recorder.record(|| {
        let rt = Runtime::new().unwrap();
        let handle = rt.handle().clone();
        let task = thread::spawn(move || handle.spawn(async { yield_now().await })).join().unwrap();
        rt.block_on(task).unwrap();
    });
    assert_balanced(&recorder, 1);
    assert_eq!(recorder.count(&Told::Enter(recorder.task().id)), 2);
}

#[test]
fn a_subscriber_that_comes_while_the_loop_runs_sees_what_is_spawned_from_then_on() {
    let recorder = Recorder::new();
    let rt = Runtime::new().unwrap();
    rt.block_on(async {
        let before = spawn(async { yield_now().await });
        let subscriber = tracing::dispatcher::set_default(&recorder.dispatch());
        let after = spawn(async { yield_now().await });
        before.await.unwrap();
        after.await.unwrap();
        drop(subscriber);
    });
    let id = recorder.task().id;
    assert_eq!(recorder.count(&Told::Enter(id)), 2);
    assert_eq!(recorder.count(&Told::Close(id)), 1);
}

#[test]
fn a_subscriber_that_comes_on_another_thread_is_heard_of() {
    let rt = Runtime::new().unwrap();
    let recorder = Recorder::new();
    let dispatch = thread::scope(|scope| scope.spawn(|| recorder.dispatch()).join().unwrap());
    tracing::dispatcher::with_default(&dispatch, || {
        rt.block_on(async {
            while recorder.kind("task").is_empty() {
                spawn(async {}).await.unwrap();
            }
        });
    });
}

#[test]
fn nobody_who_does_not_want_spans_gets_one() {
    let recorder = Recorder::of(&["test"]);
    recorder.record(|| {
        let rt = Runtime::new().unwrap();
        rt.block_on(rt.spawn(async { info!(target: "test", "here") })).unwrap();
    });
    assert_eq!(recorder.told(), [Told::Event("here".to_owned())]);
}

#[test]
fn a_task_behind_a_factory_has_one_span() {
    let recorder = Recorder::new();
    recorder.record(|| {
        let rt = Runtime::builder()
            .task_factory(|_, future| -> TaskFuture { Box::pin(future.map(|()| ())) })
            .build()
            .unwrap();
        rt.block_on(rt.spawn(async { yield_now().await })).unwrap();
    });
    let id = recorder.task().id;
    assert_eq!(recorder.count(&Told::Enter(id)), 2);
    assert_balanced(&recorder, 1);
}

/// There are so many spans of tasks, which have ended, and were left as often as entered.
fn assert_balanced(recorder: &Recorder, tasks: usize) {
    let spans = recorder.kind("task");
    assert_eq!(spans.len(), tasks, "{spans:?}");
    for span in spans {
        assert_eq!(recorder.count(&Told::Close(span.id)), 1, "{span:?}");
        let enters = recorder.count(&Told::Enter(span.id));
        assert!(enters > 0, "{span:?}");
        assert_eq!(recorder.count(&Told::Exit(span.id)), enters, "{span:?}");
    }
}

/// Runs what is ready, and what becomes ready by that.
trait RunUntilIdle {
    fn run_until_idle(&self);
}

impl RunUntilIdle for Runtime {
    fn run_until_idle(&self) {
        for _ in 0..5 {
            self.stop();
            self.run_forever().unwrap();
        }
    }
}

#[test]
fn the_first_poll_of_an_eager_task_is_within_its_span() {
    let recorder = Recorder::new();
    recorder.record(|| {
        runtime::run(async {
            let task = task::spawn_eager(async { info!(target: "test", "inside") });
            info!(target: "test", "outside");
            task.await.unwrap();
        });
    });
    let eager = recorder.task().id;
    let own = |told: &Told| match told {
        Told::New(id) | Told::Enter(id) | Told::Exit(id) | Told::Close(id) => *id == eager,
        Told::Event(_) => true,
        Told::Waker(..) => false,
    };
    let told: Vec<Told> = recorder.told().into_iter().filter(own).collect();
    let event = |text: &str| Told::Event(text.to_owned());
    let expected = [
        Told::New(eager),
        Told::Enter(eager),
        event("inside"),
        Told::Exit(eager),
        Told::Close(eager),
        event("outside"),
    ];
    assert_eq!(told, expected);
}
