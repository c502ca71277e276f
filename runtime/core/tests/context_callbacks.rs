//! A callback runs with the context of whoever created it.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use runtime::Runtime;
use runtime::callback::{call_at, call_later, call_soon};
use runtime::context::Context;
use runtime::task::yield_now;
use runtime::time::{Instant, sleep};
use support::{DropLog, Witness};

mod support;

runtime::context_var! {
    static NUMBER: u32 = 0;
    static WITNESS: Option<Witness> = None;
}

/// What callbacks saw, in order.
#[derive(Clone, Default)]
struct Seen(Rc<RefCell<Vec<u32>>>);

impl Seen {
    /// A callback that notes what it sees, and changes it.
    fn look(&self) -> impl FnOnce() + use<> {
        let seen = self.0.clone();
        move || {
            seen.borrow_mut().push(NUMBER.get());
            NUMBER.set(100);
        }
    }

    #[track_caller]
    fn assert(&self, expected: &[u32]) {
        assert_eq!(self.0.take(), expected);
    }
}

#[test]
fn a_callback_runs_with_the_context_of_its_creator_and_keeps_its_changes() {
    runtime::run(async {
        let seen = Seen::default();
        call_soon(seen.look());
        NUMBER.set(1);
        call_soon(seen.look());
        NUMBER.set(2);
        call_soon(seen.look());
        Context::new().with_value(&NUMBER, 3).run(|| call_soon(seen.look()));
        NUMBER.sync_scope(4, || call_soon(seen.look()));
        Context::new().run(|| call_soon(seen.look()));
        yield_now().await;
        seen.assert(&[0, 1, 2, 3, 4, 0]);
        assert_eq!(NUMBER.get(), 2);
    });
    assert_eq!(NUMBER.get(), 0);
}

#[test]
fn the_first_set_of_a_callback_does_not_leak_into_what_is_queued_behind_it() {
    runtime::run(async {
        let seen = Seen::default();
        call_soon(seen.look());
        call_soon(seen.look());
        let task = runtime::spawn(async { NUMBER.get() });
        yield_now().await;
        seen.assert(&[0, 0]);
        assert_eq!((task.await.unwrap(), NUMBER.get()), (0, 0));
    });
}

#[test]
fn what_a_callback_queues_inherits() {
    runtime::run(async {
        let seen = Seen::default();
        let inner = (seen.look(), seen.look());
        NUMBER.set(1);
        call_soon(move || {
            call_soon(inner.0);
            NUMBER.set(2);
            call_soon(inner.1);
            drop(runtime::spawn(async { assert_eq!(NUMBER.get(), 2) }));
        });
        NUMBER.set(3);
        yield_now().await;
        yield_now().await;
        seen.assert(&[1, 2]);
    });
}

#[test]
fn a_callback_of_a_thread_runs_with_that_threads_context() {
    let rt = Runtime::new().unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let handle = rt.handle().clone();
    let abroad = std::thread::spawn(move || {
        for number in [7, 8] {
            NUMBER.set(number);
            let sender = sender.clone();
            let callback = move || {
                sender.send(NUMBER.get()).unwrap();
                NUMBER.set(100);
            };
            handle.call_soon(callback).unwrap();
        }
    });
    abroad.join().unwrap();
    rt.block_on(async {
        let queued = runtime::spawn(async {
            let first = NUMBER.get();
            yield_now().await;
            (first, NUMBER.get())
        });
        assert_eq!(queued.await.unwrap(), (0, 0));
        assert_eq!(NUMBER.get(), 0);
    });
    assert_eq!(receiver.try_iter().collect::<Vec<_>>(), [7, 8]);
}

#[test]
fn callbacks_and_timers_of_a_loop_that_does_not_run_yet_have_their_context() {
    let rt = Runtime::new().unwrap();
    let seen = Seen::default();
    NUMBER.set(1);
    rt.call_soon(seen.look());
    rt.call_later(Duration::ZERO, seen.look());
    NUMBER.set(2);
    rt.block_on(sleep(Duration::from_millis(1)));
    seen.assert(&[1, 1]);
    assert_eq!(NUMBER.get(), 2);
}

#[runtime::test(start_paused = true)]
async fn a_timer_runs_with_the_context_of_its_creator() {
    let seen = Seen::default();
    let start = Instant::now();
    call_later(Duration::from_secs(1), seen.look());
    NUMBER.set(1);
    call_later(Duration::from_secs(2), seen.look());
    NUMBER.set(2);
    call_at(start + Duration::from_secs(3), seen.look());
    NUMBER.set(3);
    sleep(Duration::from_secs(4)).await;
    seen.assert(&[0, 1, 2]);
    assert_eq!(NUMBER.get(), 3);
}

#[test]
fn a_callback_tells_its_context() {
    runtime::run(async {
        NUMBER.set(1);
        let soon = call_soon(|| ());
        let later = call_later(Duration::from_secs(3600), || ());
        NUMBER.set(2);
        assert_eq!(soon.context().get(&NUMBER), Some(&1));
        assert_eq!(later.context().get(&NUMBER), Some(&1));
        later.cancel();
        let empty = Context::new().run(|| call_soon(|| ()));
        assert!(empty.context().is_empty());
    });
}

#[test]
fn a_callback_that_has_run_or_is_cancelled_keeps_no_values() {
    runtime::run(async {
        let log = DropLog::new();
        let context = || Context::new().with_value(&WITNESS, Some(log.witness()));
        drop(context().run(|| call_soon(|| assert!(WITNESS.with(Option::is_some)))));
        assert_eq!(log.count(), 0);
        yield_now().await;
        log.assert_dropped_here(1);
        let timer = context().run(|| call_later(Duration::from_secs(3600), || ()));
        assert_eq!(log.count(), 1);
        timer.cancel();
        drop(timer);
        yield_now().await;
        log.assert_dropped_here(2);
    });
}
