//! A subscriber that asks things of the runtime, in the midst of what it is told.
#![cfg(feature = "tracing")]

use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use runtime::Builder;
use runtime::task::{JoinHandle, spawn_eager, try_id};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

static EVENTS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static JOIN: RefCell<Option<JoinHandle<()>>> = const { RefCell::new(None) };
}

struct Asks;

impl Subscriber for Asks {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "runtime::slow"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        if let Some(join) = JOIN.take() {
            // The task that this is about has finished. Its last handle goes in another one's poll.
            let started = spawn_eager(async move { drop(join) });
            assert!(started.is_finished());
            // Which must not bring it back.
            assert_eq!(try_id(), None);
        } else if event.fields().any(|field| field.name() == "count") {
            EVENTS.fetch_add(1, Ordering::Relaxed);
            assert_eq!(try_id(), None);
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn no_task_is_running_when_a_slow_pass_is_told() {
    const THRESHOLD: Duration = Duration::from_millis(10);
    let rt = Builder::new().debug(true).slow_callback_duration(THRESHOLD).build().unwrap();
    tracing::subscriber::with_default(Asks, || {
        for _ in 0..2000 {
            drop(rt.spawn(async {
                let begin = Instant::now();
                while begin.elapsed() < Duration::from_micros(10) {}
            }));
        }
        rt.turn(Some(Duration::ZERO)).unwrap();
    });
    assert!(EVENTS.load(Ordering::Relaxed) > 0);
}

#[test]
fn a_task_started_while_another_is_told_of_may_free_that_one() {
    const THRESHOLD: Duration = Duration::from_millis(1);
    let rt = Builder::new().debug(true).slow_callback_duration(THRESHOLD).build().unwrap();
    tracing::subscriber::with_default(Asks, || {
        JOIN.set(Some(rt.spawn(async { std::thread::sleep(2 * THRESHOLD) })));
        rt.turn(Some(Duration::ZERO)).unwrap();
    });
    assert!(JOIN.take().is_none(), "the subscriber has heard of the task");
}
