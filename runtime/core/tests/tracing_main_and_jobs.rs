//! The main future and blocking jobs are spans of `tracing`, too.
#![cfg(feature = "tracing")]

#[path = "support/spans.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod spans;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::thread;

use runtime::task::yield_now;
use runtime::{Handle, Runtime, task};
use spans::{Recorder, Seen, Told};
use tracing::info;

/// The only span of a kind, which has ended.
fn only(recorder: &Recorder, kind: &str) -> Seen {
    let spans = recorder.kind(kind);
    assert_eq!(spans.len(), 1, "{spans:?}");
    let span = spans[0].clone();
    assert_eq!(recorder.count(&Told::Close(span.id)), 1, "{:?}", recorder.told());
    let enters = recorder.count(&Told::Enter(span.id));
    assert_eq!(recorder.count(&Told::Exit(span.id)), enters, "{:?}", recorder.told());
    span
}

#[test]
fn the_main_future_is_a_span_entered_for_each_of_its_polls() {
    let recorder = Recorder::new();
    let rt = Runtime::new().unwrap();
    let line = line!() + 1;
    recorder.record(|| rt.block_on(async { yield_now().await }));
    let main = only(&recorder, "block_on");
    assert_eq!(recorder.count(&Told::Enter(main.id)), 2);
    assert!(main.field("loc.file").ends_with("tracing_main_and_jobs.rs"), "{main:?}");
    assert_eq!(main.field("loc.line"), line.to_string());
}

#[test]
fn a_task_is_not_polled_within_the_span_of_the_main_future() {
    let recorder = Recorder::new();
    recorder.record(|| {
        let rt = Runtime::new().unwrap();
        rt.block_on(rt.spawn(async { info!(target: "test", "here") })).unwrap();
    });
    let (main, task) = (only(&recorder, "block_on"), only(&recorder, "task"));
    let mut within = Vec::new();
    for told in recorder.told() {
        match told {
            Told::Enter(id) => within.push(id),
            Told::Exit(id) => assert_eq!(within.pop(), Some(id)),
            Told::Event(_) => assert_eq!(within, [task.id]),
            _ => {}
        }
    }
    assert_eq!(recorder.count(&Told::Enter(main.id)), 2);
}

#[test]
fn a_main_future_that_panics_ends_its_span() {
    for polls in [0, 1] {
        let recorder = Recorder::new();
        recorder.record(|| {
            let rt = Runtime::new().unwrap();
            let panics = async {
                for _ in 0..polls {
                    yield_now().await;
                }
                panic!("on purpose");
            };
            assert!(catch_unwind(AssertUnwindSafe(|| rt.block_on(panics))).is_err());
        });
        let main = only(&recorder, "block_on");
        assert_eq!(recorder.count(&Told::Enter(main.id)), polls + 1);
    }
}

#[test]
fn a_main_future_that_is_stopped_has_a_span_for_each_run() {
    let recorder = Recorder::new();
    recorder.record(|| {
        let rt = Runtime::new().unwrap();
        let mut main = pin!(async {
            Handle::current().stop().unwrap();
            yield_now().await;
        });
        assert!(rt.run_until(main.as_mut()).is_err());
        rt.run_until(main.as_mut()).unwrap();
    });
    let spans = recorder.kind("block_on");
    assert_eq!(spans.len(), 2);
    for span in spans {
        assert_eq!(recorder.count(&Told::Enter(span.id)), 1);
        assert_eq!(recorder.count(&Told::Close(span.id)), 1);
    }
}

#[test]
fn a_run_without_a_main_future_has_no_span() {
    let recorder = Recorder::new();
    recorder.record(|| {
        let rt = Runtime::new().unwrap();
        rt.stop();
        rt.run_forever().unwrap();
    });
    assert_eq!(recorder.spans().len(), 0);
}

#[test]
fn a_subscriber_that_goes_while_the_main_future_runs_is_left_in_order() {
    let recorder = Recorder::new();
    let rt = Runtime::new().unwrap();
    let subscriber = tracing::dispatcher::set_default(&recorder.dispatch());
    rt.block_on(async {
        drop(subscriber);
        yield_now().await;
        // Asks all who are left what they want.
        tracing::subscriber::with_default(Recorder::of(&["test"]), || {});
        yield_now().await;
    });
    let main = only(&recorder, "block_on");
    assert_eq!(recorder.count(&Told::Enter(main.id)), 3);
}

#[test]
fn a_blocking_job_is_a_span_entered_by_the_thread_that_runs_it() {
    let recorder = Recorder::new();
    let line = recorder.record(|| {
        let rt = Runtime::new().unwrap();
        let here = thread::current().id();
        rt.block_on(async {
            let builder = task::Builder::new().name("digest");
            let (job, line) = (builder.spawn_blocking(|| thread::current().id()), line!());
            assert_ne!(job.await.unwrap(), here);
            line
        })
    });
    let job = only(&recorder, "blocking");
    assert_eq!((job.name, job.target), ("runtime.spawn", "runtime::task::blocking"));
    assert_eq!(recorder.count(&Told::Enter(job.id)), 1);
    assert_eq!(job.field("task.name"), "digest");
    assert_eq!(job.field("loc.line"), line.to_string());
}

#[test]
fn the_task_that_waits_for_a_job_has_no_span_of_its_own() {
    let recorder = Recorder::new();
    recorder.record(|| {
        let rt = Runtime::new().unwrap();
        rt.block_on(rt.handle().spawn_blocking(|| ())).unwrap();
        let handle = rt.handle().clone();
        let job = thread::spawn(move || handle.spawn_blocking(|| ())).join().unwrap();
        rt.block_on(job).unwrap();
    });
    assert_eq!(recorder.kind("task").len(), 0);
}

#[test]
fn a_job_that_is_dropped_before_it_starts_ends_its_span() {
    let recorder = Recorder::new();
    recorder.record(|| {
        let rt = Runtime::new().unwrap();
        let handle = rt.handle().clone();
        drop(rt);
        drop(handle.spawn_blocking(|| ()));
    });
    let job = only(&recorder, "blocking");
    assert_eq!(recorder.count(&Told::Enter(job.id)), 0);
}
