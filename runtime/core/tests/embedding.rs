//! Another loop can drive this one by its descriptor, `next_timeout` and `turn`.
#![cfg(unix)]

use std::cell::{Cell, RefCell};
use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use futures::channel::{mpsc, oneshot};
use futures::future::{Either, pending, select};
use futures::{FutureExt, StreamExt};
use runtime::reactor::{AsyncFd, Interest};
use runtime::task::JoinHandle;
use runtime::time::sleep;
use runtime::{Builder, Handle, Runtime};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Longer than any test takes: what waits for so long has failed.
const LONG: Duration = Duration::from_secs(600);

/// Waits until the loop's descriptor is readable, and tells whether it was within `timeout`.
fn readable_within(rt: &Runtime, timeout: Duration) -> bool {
    let timeout = Timespec::try_from(timeout).unwrap();
    poll(&mut [PollFd::new(rt, PollFlags::IN)], Some(&timeout)).unwrap() == 1
}

fn is_readable(rt: &Runtime) -> bool {
    readable_within(rt, Duration::ZERO)
}

fn turn(rt: &Runtime) {
    rt.turn(Some(Duration::ZERO)).unwrap();
}

/// Takes turns until there is nothing to be done at once.
fn settle(rt: &Runtime) {
    while is_readable(rt) || rt.next_timeout() == Some(Duration::ZERO) {
        turn(rt);
    }
}

/// What a foreign loop does: waits, and takes a turn when there is a reason to. Counts the turns.
fn drive<T>(rt: &Runtime, task: &JoinHandle<T>) -> usize {
    let mut turns = 0;
    while !task.is_finished() {
        let timeout = rt.next_timeout();
        let readable = readable_within(rt, timeout.unwrap_or(LONG));
        assert!(readable || timeout.is_some(), "nothing has happened for {LONG:?}");
        turn(rt);
        turns += 1;
    }
    turns
}

#[test]
fn a_loop_with_nothing_to_do_wants_no_turns() {
    let rt = Runtime::new().unwrap();
    rt.spawn(pending::<()>());
    settle(&rt);
    assert_eq!(rt.next_timeout(), None);
    assert!(!is_readable(&rt));
}

#[test]
fn what_is_ready_wants_a_turn_at_once() {
    let rt = Runtime::new().unwrap();
    settle(&rt);
    let task = rt.spawn(async { 42 });
    assert_eq!(rt.next_timeout(), Some(Duration::ZERO));
    settle(&rt);
    assert!(task.is_finished());
    let called = Rc::new(Cell::new(false));
    let inside = called.clone();
    rt.call_soon(move || inside.set(true));
    assert_eq!(rt.next_timeout(), Some(Duration::ZERO));
    settle(&rt);
    assert!(called.get());
}

#[test]
fn a_turn_runs_what_was_ready_and_leaves_the_rest_for_the_next() {
    let rt = Runtime::new().unwrap();
    settle(&rt);
    let log = Rc::new(RefCell::new(Vec::new()));
    let (outer, inner) = (log.clone(), log.clone());
    rt.call_soon(move || {
        outer.borrow_mut().push("first");
        runtime::callback::call_soon(move || inner.borrow_mut().push("second"));
    });
    turn(&rt);
    assert_eq!(*log.borrow(), ["first"]);
    assert_eq!(rt.next_timeout(), Some(Duration::ZERO));
    turn(&rt);
    assert_eq!(*log.borrow(), ["first", "second"]);
    assert_eq!(rt.next_timeout(), None);
}

#[test]
fn a_wake_from_another_thread_makes_the_descriptor_readable() {
    let rt = Runtime::new().unwrap();
    let (send, value) = oneshot::channel();
    let task = rt.spawn(value);
    settle(&rt);
    let other = thread::spawn(move || send.send(42).unwrap());
    assert!(readable_within(&rt, LONG));
    settle(&rt);
    assert!(!is_readable(&rt), "it was readable once");
    assert_eq!(task.now_or_never().unwrap().unwrap(), Ok(42));
    other.join().unwrap();
}

#[test]
fn whatever_other_threads_ask_for_makes_it_readable() {
    let rt = Runtime::new().unwrap();
    let forever = rt.spawn(pending::<()>());
    let abort = forever.abort_handle();
    settle(&rt);
    let requests: [Box<dyn FnOnce(Handle) + Send>; 3] = [
        Box::new(|handle| drop(handle.spawn(async {}))),
        Box::new(|handle| drop(handle.call_soon(|| ()).unwrap())),
        Box::new(move |_| abort.abort()),
    ];
    for request in requests {
        let handle = rt.handle().clone();
        thread::spawn(move || request(handle)).join().unwrap();
        assert!(is_readable(&rt));
        settle(&rt);
    }
    assert!(forever.is_finished());
}

#[test]
fn a_message_that_came_before_the_first_turn_is_not_overlooked() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    let task = thread::spawn(move || handle.spawn(async { 42 })).join().unwrap();
    drive(&rt, &task);
    assert_eq!(task.now_or_never().unwrap().unwrap(), 42);
}

#[test]
fn the_end_of_a_blocking_job_makes_it_readable() {
    let rt = Runtime::new().unwrap();
    let job = rt.spawn_blocking(|| 42);
    drive(&rt, &job);
    assert_eq!(job.now_or_never().unwrap().unwrap(), 42);
}

#[test]
fn data_on_a_socket_makes_it_readable() {
    let rt = Runtime::new().unwrap();
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    theirs.set_nonblocking(true).unwrap();
    let task = rt.spawn(async move {
        let theirs = AsyncFd::with_interest(theirs, Interest::READABLE).unwrap();
        drop(theirs.readable().await.unwrap());
    });
    settle(&rt);
    assert_eq!(rt.next_timeout(), None);
    ours.write_all(b"data").unwrap();
    assert!(is_readable(&rt));
    settle(&rt);
    assert!(task.is_finished());
}

#[test]
fn a_timer_limits_the_wait_and_fires_in_the_turn_after_it() {
    let rt = Runtime::new().unwrap();
    let wanted = Duration::from_millis(20);
    let start = Instant::now();
    let task = rt.spawn(sleep(wanted));
    settle(&rt);
    assert!(rt.next_timeout().unwrap() <= wanted);
    drive(&rt, &task);
    assert!(start.elapsed() >= wanted);
    assert_eq!(rt.next_timeout(), None);
}

#[test]
fn the_earliest_timer_counts_and_a_cancelled_one_does_not() {
    let rt = Runtime::new().unwrap();
    let _late = rt.spawn(sleep(LONG * 2));
    settle(&rt);
    let late = rt.next_timeout().unwrap();
    assert!(late <= LONG * 2);
    let early = rt.spawn(sleep(LONG));
    settle(&rt);
    assert!(rt.next_timeout().unwrap() <= LONG);
    early.abort();
    settle(&rt);
    assert!(rt.next_timeout().unwrap() > LONG);
}

#[test]
fn a_virtual_clock_jumps_by_itself() {
    let rt = Builder::new().start_paused(true).build().unwrap();
    let task = rt.spawn(sleep(LONG));
    for _ in 0..10 {
        turn(&rt);
    }
    assert!(task.is_finished());
}

#[test]
fn there_are_no_more_turns_than_reasons() {
    const WAKES: usize = 50;
    let rt = Runtime::new().unwrap();
    let (send, mut messages) = mpsc::unbounded();
    let (acknowledge, acknowledged) = std::sync::mpsc::channel();
    let task = rt.spawn(async move {
        while messages.next().await.is_some() {
            acknowledge.send(()).unwrap();
        }
    });
    // One after the other: each wake is a reason of its own.
    let other = thread::spawn(move || {
        for _ in 0..WAKES {
            send.unbounded_send(()).unwrap();
            acknowledged.recv().unwrap();
        }
    });
    let turns = drive(&rt, &task);
    // One to take the message in, one in which to find that there is nothing else.
    assert!(turns <= 2 * WAKES + 10, "{turns} turns for {WAKES} wakes");
    other.join().unwrap();
}

#[test]
fn a_turn_without_a_limit_waits_for_the_next_event() {
    let rt = Runtime::new().unwrap();
    let (send, value) = oneshot::channel();
    let task = rt.spawn(value);
    settle(&rt);
    let other = thread::spawn(move || send.send(42).unwrap());
    while !task.is_finished() {
        rt.turn(None).unwrap();
    }
    other.join().unwrap();
}

#[test]
fn a_turn_waits_no_longer_than_for_the_next_timer() {
    let rt = Runtime::new().unwrap();
    let task = rt.spawn(sleep(Duration::from_millis(5)));
    while !task.is_finished() {
        // Hangs if the limit were all that counted.
        rt.turn(Some(LONG)).unwrap();
    }
}

#[test]
fn a_closed_loop_takes_no_turns() {
    let rt = Runtime::new().unwrap();
    rt.close().unwrap();
    assert!(rt.turn(Some(Duration::ZERO)).is_err());
    assert_eq!(rt.next_timeout(), None);
}

#[test]
fn a_loop_that_runs_is_told_that_it_needs_no_turns() {
    let rt = Runtime::new().unwrap();
    let outcome = rt.block_on(async { catch_unwind(AssertUnwindSafe(|| rt.turn(None))) });
    let payload = outcome.unwrap_err();
    let message = payload.downcast_ref::<&str>().expect("the message of a panic");
    assert!(message.contains("cannot take a turn while it is running"), "{message}");
    assert!(message.contains("await"), "{message}");
}

#[test]
fn a_loop_may_take_turns_inside_of_a_task_of_another() {
    let outer = Runtime::new().unwrap();
    outer.block_on(async {
        let inner = Runtime::new().unwrap();
        let task = inner.spawn(async {
            sleep(Duration::from_millis(1)).await;
            runtime::spawn_blocking(|| 42).await.unwrap()
        });
        while !task.is_finished() {
            turn(&inner);
            runtime::task::yield_now().await;
        }
        assert_eq!(task.await.unwrap(), 42);
    });
}

#[test]
fn after_a_turn_inside_of_a_task_the_outer_loop_is_current_again() {
    let outer = Runtime::new().unwrap();
    outer.block_on(async {
        let inner = Runtime::new().unwrap();
        let seen = inner.spawn(async { runtime::task::id() });
        turn(&inner);
        assert!(seen.is_finished());
        inner.close().unwrap();
        // It would never end on the loop that is closed.
        assert_eq!(runtime::spawn(async { 42 }).await.unwrap(), 42);
        sleep(Duration::from_millis(1)).await;
    });
}

#[test]
fn the_outer_loop_can_watch_the_inner_one_as_it_watches_a_socket() {
    let outer = Runtime::new().unwrap();
    let turns = outer.block_on(async {
        let inner = Runtime::new().unwrap();
        let descriptor = inner.as_fd().try_clone_to_owned().unwrap();
        let descriptor = AsyncFd::with_interest(descriptor, Interest::READABLE).unwrap();
        let (send, value) = oneshot::channel();
        let task = inner.spawn(async {
            sleep(Duration::from_millis(5)).await;
            value.await.unwrap()
        });
        let other = thread::spawn(move || send.send(42).unwrap());
        let mut turns = 0;
        while !task.is_finished() {
            let timeout = sleep(inner.next_timeout().unwrap_or(LONG));
            let readable = std::pin::pin!(descriptor.readable());
            if let Either::Left((guard, _)) = select(readable, timeout).await {
                guard.unwrap().clear_ready();
            }
            turn(&inner);
            turns += 1;
        }
        other.join().unwrap();
        assert_eq!(task.await.unwrap(), 42);
        turns
    });
    assert!(turns < 20, "{turns} turns for a timer and a wake");
}
