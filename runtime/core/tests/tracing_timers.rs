//! The timers that traced tasks wait for are resources, as tokio-console has them.
#![cfg(feature = "tracing")]

#[path = "support/spans.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod spans;

use std::future::pending;
use std::time::Duration;

use futures::future::select;
use runtime::Runtime;
use runtime::time::{interval, sleep, timeout};
use spans::{Recorder, Seen, Told};

const SECOND: Duration = Duration::from_secs(1);

/// What is told of timers while a task runs on a paused clock.
fn record(future: impl Future<Output = ()> + 'static) -> Recorder {
    let recorder = Recorder::of(&["runtime::task", "runtime::time", "runtime::resource", "test"]);
    recorder.record(|| {
        let rt = Runtime::builder().start_paused(true).build().unwrap();
        rt.block_on(rt.spawn(future)).unwrap();
    });
    recorder
}

/// The resources, each of which has ended with its operation.
fn resources(recorder: &Recorder) -> Vec<Seen> {
    let named = |name: &str| {
        recorder.spans().into_iter().filter(|span| span.name == name).collect::<Vec<_>>()
    };
    let (resources, waits) = (named("runtime.resource"), named("runtime.resource.async_op"));
    assert_eq!(resources.len(), waits.len());
    for span in resources.iter().chain(&waits) {
        assert_eq!(recorder.count(&Told::Close(span.id)), 1, "{span:?}");
    }
    resources
}

/// The events, in order.
fn events(recorder: &Recorder) -> Vec<String> {
    let text = |told| match told {
        Told::Event(text) => Some(text),
        _ => None,
    };
    recorder.told().into_iter().filter_map(text).collect()
}

#[test]
fn a_sleep_is_a_resource_that_is_pending_and_then_ready() {
    let recorder = record(async { sleep(SECOND).await });
    let resources = resources(&recorder);
    assert_eq!(resources.len(), 1);
    assert_eq!(resources[0].field("kind"), "timer");
    assert_eq!(resources[0].field("concrete_type"), "Sleep");
    let expected = ["override 1000 ms", "poll_elapsed: false", "poll_elapsed: true"];
    assert_eq!(events(&recorder), expected);
}

#[test]
fn what_is_told_of_a_timer_is_told_within_task_resource_and_operation() {
    let recorder = record(sleep(SECOND));
    let resource = resources(&recorder)[0].id;
    let task = recorder.task().id;
    let operation =
        recorder.spans().iter().find(|span| !span.field("source").is_empty()).unwrap().id;
    let mut within = Vec::new();
    for told in recorder.told() {
        match told {
            Told::Enter(id) => within.push(id),
            Told::Exit(id) => assert_eq!(within.pop(), Some(id)),
            Told::Event(text) if text.starts_with("poll") => {
                assert_eq!(within, [task, resource, operation]);
            }
            Told::Event(_) => assert_eq!(within, [task, resource]),
            Told::New(id) if id == operation => assert_eq!(within, [task, resource]),
            _ => {}
        }
    }
}

#[test]
fn an_interval_is_one_resource_and_so_is_a_loop_around_a_sleep() {
    let recorder = record(async {
        let mut ticks = interval(SECOND);
        for _ in 0..5 {
            ticks.tick().await;
        }
    });
    assert_eq!(resources(&recorder).len(), 1);
    let recorder = record(async {
        for _ in 0..5 {
            sleep(SECOND).await;
        }
    });
    assert_eq!(resources(&recorder).len(), 1);
    assert_eq!(events(&recorder).iter().filter(|text| *text == "poll_elapsed: true").count(), 5);
}

#[test]
fn two_timers_at_once_are_two_resources() {
    let recorder = record(async {
        let _ = timeout(SECOND, timeout(2 * SECOND, pending::<()>())).await;
    });
    assert_eq!(resources(&recorder).len(), 2);
    assert_eq!(events(&recorder).iter().filter(|text| *text == "poll_elapsed: true").count(), 1);
}

#[test]
fn a_timer_that_is_dropped_ends_its_resource_without_being_ready() {
    let recorder = record(async {
        let (mut long, mut short) = (Box::pin(sleep(60 * SECOND)), Box::pin(sleep(SECOND)));
        select(&mut short, &mut long).await;
        drop(long);
    });
    assert_eq!(resources(&recorder).len(), 2);
    assert_eq!(events(&recorder).iter().filter(|text| *text == "poll_elapsed: true").count(), 1);
}

#[test]
fn who_does_not_want_resources_gets_none() {
    let recorder = Recorder::new();
    recorder.record(|| {
        let rt = Runtime::builder().start_paused(true).build().unwrap();
        rt.block_on(rt.spawn(sleep(SECOND))).unwrap();
    });
    assert_eq!(recorder.task().id, 1);
    assert!(recorder.spans().iter().all(|span| span.name == "runtime.spawn"));
}
