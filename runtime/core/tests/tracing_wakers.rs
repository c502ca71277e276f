//! Whatever is done with a traced task's wakers is told, so that clones less drops are those in existence.
#![cfg(feature = "tracing")]

#[path = "support/spans.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod spans;

use std::cell::RefCell;
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::sync::mpsc;
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

use futures::channel::oneshot;
use runtime::Runtime;
use runtime::task::yield_now;
use runtime::time::{sleep, timeout};
use spans::{Recorder, Told};

/// Waits until the slot is emptied, with its waker in it.
async fn wait(slot: Rc<RefCell<Option<Waker>>>) {
    let mut waited = false;
    poll_fn(|context| {
        if waited && slot.borrow().is_none() {
            return Poll::Ready(());
        }
        waited = true;
        *slot.borrow_mut() = Some(context.waker().clone());
        Poll::Pending
    })
    .await;
}

fn turn(rt: &Runtime) {
    rt.turn(Some(Duration::ZERO)).unwrap();
}

#[test]
fn wakers_are_counted_by_their_clones_drops_and_wakes() {
    let recorder = Recorder::new();
    recorder.record(|| {
        let rt = Runtime::new().unwrap();
        let slot = Rc::new(RefCell::new(None::<Waker>));
        drop(rt.spawn(wait(slot.clone())));
        turn(&rt);
        let id = recorder.task().id;
        assert_eq!(recorder.wakers(id, "waker.clone"), 1);
        let waker = slot.borrow().clone().unwrap();
        waker.wake_by_ref();
        turn(&rt);
        assert_eq!(recorder.wakers(id, "waker.wake_by_ref"), 1);
        drop(waker);
        assert_eq!(recorder.wakers(id, "waker.clone"), 3);
        assert_eq!(recorder.wakers(id, "waker.drop"), 2);
        let waker = slot.borrow_mut().take().unwrap();
        waker.wake();
        assert_eq!(recorder.wakers(id, "waker.wake"), 1);
        assert_eq!(recorder.wakers(id, "waker.drop"), 2);
        turn(&rt);
        assert_eq!(recorder.count(&Told::Close(id)), 1);
    });
}

#[test]
fn a_task_that_wakes_itself_does_so_within_its_span() {
    let recorder = Recorder::new();
    recorder.record(|| {
        let rt = Runtime::new().unwrap();
        rt.block_on(rt.spawn(yield_now())).unwrap();
    });
    let id = recorder.task().id;
    let wake = Told::Waker(id, "waker.wake_by_ref".to_owned());
    let told = recorder.told();
    let at = told.iter().position(|told| *told == wake).unwrap();
    assert_eq!(told[at - 1], Told::Enter(id));
    assert_eq!(told[at + 1], Told::Exit(id));
}

#[test]
fn a_wake_on_another_thread_is_told_to_the_loops_subscriber() {
    let recorder = Recorder::new();
    recorder.record(|| {
        let rt = Runtime::new().unwrap();
        let (sender, receiver) = oneshot::channel();
        let task = rt.spawn(receiver);
        turn(&rt);
        thread::spawn(move || sender.send(5).unwrap()).join().unwrap();
        assert_eq!(rt.block_on(task).unwrap(), Ok(5));
    });
    assert_eq!(recorder.wakers(recorder.task().id, "waker.wake"), 1);
}

#[test]
fn a_waker_that_outlives_its_task_tells_nothing() {
    let recorder = Recorder::new();
    recorder.record(|| {
        let rt = Runtime::new().unwrap();
        let slot = Rc::new(RefCell::new(None::<Waker>));
        let task = rt.spawn(wait(slot.clone()));
        turn(&rt);
        task.abort();
        turn(&rt);
        let id = recorder.task().id;
        assert_eq!(recorder.count(&Told::Close(id)), 1);
        let before = recorder.told().len();
        let waker = slot.borrow_mut().take().unwrap();
        waker.wake_by_ref();
        let (sender, receiver) = mpsc::channel::<Waker>();
        let other = thread::spawn(move || receiver.recv().unwrap().wake());
        sender.send(waker).unwrap();
        other.join().unwrap();
        assert_eq!(recorder.told().len(), before);
    });
}

#[test]
fn timers_joins_and_timeouts_wake_traced_tasks_and_keep_no_waker() {
    let recorder = Recorder::new();
    recorder.record(|| {
        let rt = Runtime::builder().start_paused(true).build().unwrap();
        let inner = rt.spawn(async {
            sleep(Duration::from_secs(1)).await;
            assert!(timeout(Duration::from_secs(1), pending::<()>()).await.is_err());
        });
        let outer = rt.spawn(inner);
        rt.block_on(outer).unwrap().unwrap();
    });
    for task in recorder.kind("task") {
        let count = |op| recorder.wakers(task.id, op);
        assert!(count("waker.wake") > 0, "{:?}", recorder.told());
        let gone = count("waker.wake") + count("waker.drop");
        assert_eq!(count("waker.clone"), gone, "{:?}", recorder.told());
    }
}
