//! Subscribers of `tracing` that panic, or use the loop that tells them of itself.
#![cfg(feature = "tracing")]

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use futures::channel::oneshot;
use runtime::task::{try_id, yield_now};
use runtime::{Runtime, spawn, spawn_blocking};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// What a subscriber does when it is told something.
trait Conduct: Send + Sync + 'static {
    fn new_span(&self) {}
    fn event(&self) {}
    fn enter(&self) {}
    fn exit(&self) {}
}

struct Hostile<C> {
    conduct: C,
    spans: AtomicU64,
}

impl<C: Conduct> Hostile<C> {
    fn new(conduct: C) -> Hostile<C> {
        Hostile { conduct, spans: AtomicU64::new(0) }
    }
}

impl<C: Conduct> Subscriber for Hostile<C> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("runtime::")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        self.conduct.new_span();
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        self.conduct.event();
    }

    fn enter(&self, _: &Id) {
        self.conduct.enter();
    }

    fn exit(&self, _: &Id) {
        self.conduct.exit();
    }
}

/// Does a little of everything that subscribers are told of.
fn work() {
    let rt = Runtime::new().unwrap();
    let sum = rt.block_on(async {
        let (sender, receiver) = oneshot::channel();
        let waits = spawn(receiver);
        let yields = spawn(async {
            yield_now().await;
            2
        });
        let job = spawn_blocking(|| 3);
        let sum = yields.await.unwrap() + job.await.unwrap();
        sender.send(4).unwrap();
        sum + waits.await.unwrap().unwrap()
    });
    assert_eq!(sum, 9);
}

fn under(conduct: impl Conduct) {
    tracing::subscriber::with_default(Hostile::new(conduct), work);
}

#[test]
fn a_subscriber_that_panics_in_a_new_span_hurts_nobody() {
    struct Panics;
    impl Conduct for Panics {
        fn new_span(&self) {
            panic!("on purpose");
        }
    }
    under(Panics);
}

#[test]
fn a_subscriber_that_panics_at_an_event_hurts_nobody() {
    struct Panics;
    impl Conduct for Panics {
        fn event(&self) {
            panic!("on purpose");
        }
    }
    under(Panics);
}

#[test]
fn a_subscriber_that_panics_when_a_span_is_entered_hurts_nobody() {
    struct Panics;
    impl Conduct for Panics {
        fn enter(&self) {
            panic!("on purpose");
        }
    }
    under(Panics);
}

#[test]
fn a_subscriber_that_panics_when_a_span_is_left_hurts_nobody() {
    struct Panics;
    impl Conduct for Panics {
        fn exit(&self) {
            panic!("on purpose");
        }
    }
    under(Panics);
}

static SPAWNED: AtomicUsize = AtomicUsize::new(0);

#[test]
fn a_subscriber_may_spawn_whenever_it_is_told_something() {
    struct Spawns;
    impl Spawns {
        fn spawn(&self) {
            // Some of what it is told, it is told on a thread of the pool.
            if runtime::Handle::try_current().is_ok() {
                let _ = try_id();
                drop(spawn(async { SPAWNED.fetch_add(1, Ordering::Relaxed) }));
            }
        }
    }
    impl Conduct for Spawns {
        fn new_span(&self) {
            self.spawn();
        }
        fn event(&self) {
            self.spawn();
        }
        fn enter(&self) {
            self.spawn();
        }
        fn exit(&self) {
            self.spawn();
        }
    }
    under(Spawns);
    assert!(SPAWNED.load(Ordering::Relaxed) > 10);
}
