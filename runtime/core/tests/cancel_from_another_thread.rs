//! Tasks may be asked to end from any thread; what they do then stays on the loop's.

mod support;

use std::future::pending;
use std::sync::mpsc;
use std::thread;

use runtime::Runtime;
use runtime::task::{cancelled, cancelling, is_cancelling, yield_now};
use support::DropLog;

#[test]
fn a_task_that_listens_hears_of_it_on_its_own_thread() {
    let rt = Runtime::new().unwrap();
    let task = rt.spawn(async { (cancelled().await, thread::current().id()) });
    rt.block_on(yield_now());
    let handle = task.abort_handle();
    let other = thread::spawn(move || assert!(handle.cancel("from afar")));
    let outcome = rt.block_on(task).unwrap();
    assert_eq!(outcome, ("from afar".into(), thread::current().id()));
    other.join().unwrap();
}

#[test]
fn a_task_that_does_not_listen_is_dropped_on_its_own_thread() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let witness = log.local_witness();
    let task = rt.spawn(async move {
        let _witness = witness;
        pending::<()>().await;
    });
    let handle = task.abort_handle();
    let other = thread::spawn(move || assert!(handle.cancel("from afar")));
    let error = rt.block_on(task).unwrap_err();
    assert_eq!(error.cancel_reason(), Some("from afar"));
    log.assert_dropped_here(1);
    other.join().unwrap();
}

#[test]
fn a_task_that_its_loop_has_not_accepted_yet_can_be_asked() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    let (listening, deaf) = thread::spawn(move || {
        let listening = handle.spawn(async { cancelled().await });
        let deaf = handle.spawn(pending::<()>());
        assert!(listening.cancel("early"));
        assert!(deaf.cancel("early"));
        (listening, deaf)
    })
    .join()
    .unwrap();
    assert_eq!(rt.block_on(listening).unwrap(), "early");
    assert_eq!(rt.block_on(deaf).unwrap_err().cancel_reason(), Some("early"));
}

#[test]
fn a_request_is_seen_by_a_poll_that_is_going_on() {
    let rt = Runtime::new().unwrap();
    let (asked, is_asked) = mpsc::channel();
    let (polled, is_polled) = mpsc::channel();
    let task = rt.spawn(async move {
        polled.send(()).unwrap();
        is_asked.recv().unwrap();
        assert_eq!(cancelling(), 1);
        assert!(is_cancelling());
        // Taken already, so the poll that the request asks for leaves it alone.
        yield_now().await;
        yield_now().await;
        "heard"
    });
    let handle = task.abort_handle();
    let other = thread::spawn(move || {
        is_polled.recv().unwrap();
        assert!(handle.cancel("from afar"));
        asked.send(()).unwrap();
    });
    assert_eq!(rt.block_on(task).unwrap(), "heard");
    other.join().unwrap();
}

#[test]
fn a_task_that_is_done_or_whose_loop_is_closed_is_left_alone() {
    let rt = Runtime::new().unwrap();
    let done = rt.spawn(async { 7 });
    let left = rt.spawn(pending::<()>());
    rt.block_on(yield_now());
    let (done, left) = thread::spawn(move || {
        assert!(!done.cancel("late"));
        (done, left)
    })
    .join()
    .unwrap();
    drop(rt);
    thread::spawn(move || {
        assert!(!left.cancel("later"));
        assert_eq!(futures::executor::block_on(done).unwrap(), 7);
        let error = futures::executor::block_on(left).unwrap_err();
        assert!(error.is_cancelled());
        assert_eq!(error.cancel_reason(), None);
    })
    .join()
    .unwrap();
}

#[test]
fn a_join_on_another_thread_knows_the_reason() {
    let rt = Runtime::new().unwrap();
    let task = rt.spawn(pending::<()>());
    rt.block_on(yield_now());
    let other = thread::spawn(move || {
        task.cancel("from afar");
        futures::executor::block_on(task).unwrap_err()
    });
    while !other.is_finished() {
        rt.block_on(yield_now());
    }
    assert_eq!(other.join().unwrap().cancel_reason(), Some("from afar"));
}

#[test]
fn a_listener_that_was_moved_to_another_thread_hears_for_its_task() {
    let rt = Runtime::new().unwrap();
    let (send, receive) = mpsc::channel();
    let task = rt.spawn(async move {
        let mut listener = cancelled();
        assert!(futures::poll!(&mut listener).is_pending());
        send.send(listener).unwrap();
        pending::<()>().await;
    });
    rt.block_on(yield_now());
    let listener = receive.recv().unwrap();
    task.cancel("from here");
    let other = thread::spawn(move || futures::executor::block_on(listener));
    rt.block_on(yield_now());
    assert_eq!(other.join().unwrap(), "from here");
    assert!(!task.is_finished(), "somebody has heard");
    task.cancel("again");
    assert!(rt.block_on(task).unwrap_err().is_cancelled());
}

#[test]
fn many_threads_ask_at_once_and_each_request_counts() {
    const THREADS: usize = 8;
    let rt = Runtime::new().unwrap();
    let task = rt.spawn(async {
        let mut most = 0;
        while most < THREADS {
            is_cancelling();
            most = cancelling();
            yield_now().await;
        }
        most
    });
    let others: Vec<_> = (0..THREADS)
        .map(|_| {
            let handle = task.abort_handle();
            thread::spawn(move || assert!(handle.cancel("together")))
        })
        .collect();
    assert_eq!(rt.block_on(task).unwrap(), THREADS);
    for other in others {
        other.join().unwrap();
    }
}
