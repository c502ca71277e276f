//! Requests to end: they meet polls, completion, aborts, close and each other.

use crate::current::with_current;
use crate::executor::{Rank, TaskRef};

use super::*;

/// The task that is being polled.
fn running() -> TaskRef {
    with_current(|local| local.executor.running()).flatten().expect("a task is polled")
}

/// Asks for a reason that is looked for at the end.
fn ask(task: &TaskRef) -> bool {
    task.cancel(|| "the model".into(), false)
}

/// Waits to be asked, as `task::cancelled` does when it is polled with its task.
async fn asked() {
    let mut key = None;
    poll_fn(|_| {
        let task = running();
        loop {
            if task.cancellation().take().is_some() {
                if let Some(key) = key.take() {
                    assert!(task.cancellation().forget(key).is_none());
                }
                return Poll::Ready(());
            }
            key = key.or_else(|| task.cancellation().listen(Rank::Listener, None, None));
            if key.is_some() && task.cancellation().outstanding() == 0 {
                return Poll::Pending;
            }
        }
    })
    .await;
}

#[test]
fn a_request_from_another_thread_is_heard() {
    model(2, || {
        let world = World::new();
        let task = spawn(&world, asked());
        let handle = task.task_ref();
        let other = thread::spawn(move || assert!(ask(&handle)));
        assert!(world.block_on(join(task)).is_ok());
        other.join().unwrap();
        assert!(world.close().upgrade().is_none());
    });
}

#[test]
fn a_task_that_does_not_listen_is_dropped_with_the_reason() {
    model(3, || {
        let world = World::new();
        let count = Arc::new(UnsafeCell::new(0));
        let witness = Witness(count.clone());
        let task = spawn(&world, async move {
            let _witness = witness;
            std::future::pending::<()>().await;
        });
        let handle = task.task_ref();
        let other = thread::spawn(move || assert!(ask(&handle)));
        let reason = world.block_on(async move {
            let mut task = task;
            let outcome = poll_fn(|context| task.poll(context)).await;
            assert!(matches!(outcome, Err(Failure::Cancelled)));
            task.cancel_reason()
        });
        assert_eq!(reason.as_deref(), Some("the model"));
        other.join().unwrap();
        assert_eq!(drops(&count), 1);
        assert!(world.close().upgrade().is_none());
    });
}

#[test]
fn two_threads_that_ask_at_once_are_both_counted() {
    model(2, || {
        let world = World::new();
        let task = spawn(&world, async {
            for _ in 0..2 {
                asked().await;
                running().cancellation().take_back();
            }
        });
        let handle = task.task_ref();
        let other = thread::spawn(move || assert!(ask(&handle)));
        // The loop is not current: this is the way that other threads take.
        assert!(ask(&task.task_ref()));
        assert!(world.block_on(join(task)).is_ok());
        other.join().unwrap();
        assert!(world.close().upgrade().is_none());
    });
}

#[test]
fn an_abort_is_not_lost_beside_a_request() {
    model(2, || {
        let world = World::new();
        // It hears of any number of requests, and goes on.
        let task = spawn(&world, async {
            loop {
                asked().await;
                running().cancellation().take_back();
            }
        });
        let handle = task.task_ref();
        let other = thread::spawn(move || {
            ask(&handle);
        });
        task.abort();
        let outcome: Result<(), Failure> = world.block_on(join(task));
        assert!(matches!(outcome, Err(Failure::Cancelled)));
        other.join().unwrap();
        assert!(world.close().upgrade().is_none());
    });
}

#[test]
fn an_abort_that_waits_for_the_request_comes_after_it_and_is_not_lost() {
    model(2, || {
        let world = World::new();
        // Touched by whichever thread runs the loop, which is always this one.
        let heard = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let hears = heard.clone();
        let task = spawn(&world, async move {
            asked().await;
            hears.store(true, Ordering::Relaxed);
            std::future::pending::<()>().await;
        });
        let handle = task.task_ref();
        let other = thread::spawn(move || {
            assert!(ask(&handle));
            handle.abort_when_asked();
        });
        assert!(matches!(world.block_on(join(task)), Err(Failure::Cancelled)));
        other.join().unwrap();
        assert!(heard.load(Ordering::Relaxed));
        assert!(world.close().upgrade().is_none());
    });
}

#[test]
fn a_request_meets_a_wake_that_completes_the_task() {
    model(3, || {
        let world = World::new();
        let flag = Arc::new(AtomicBool::new(false));
        let (send, receive) = std::sync::mpsc::channel();
        let task = spawn(&world, wait_for(flag.clone(), move |waker| send.send(waker).unwrap()));
        world.local.run_for_model();
        let waker: Waker = receive.recv().unwrap();
        let handle = task.task_ref();
        let other = thread::spawn(move || {
            flag.store(true, Ordering::Relaxed);
            waker.wake();
            ask(&handle);
        });
        // The poll on account of the request finds it done, if the wake has not.
        assert!(world.block_on(join(task)).is_ok());
        other.join().unwrap();
        world.local.run_for_model();
        assert_eq!(world.local.executor.live.get(), 1, "only the root is left");
        assert!(world.close().upgrade().is_none());
    });
}

#[test]
fn a_request_meets_the_end_of_the_loop() {
    model(3, || {
        let world = World::new();
        let task = spawn(&world, asked());
        let handle = task.task_ref();
        drop(task);
        world.local.run_for_model();
        let other = thread::spawn(move || {
            ask(&handle);
        });
        let witness = world.close();
        other.join().unwrap();
        assert!(witness.upgrade().is_none());
    });
}

#[test]
fn a_listener_that_goes_on_another_thread_leaves_no_request_unanswered() {
    model(2, || {
        let world = World::new();
        let (send, receive) = std::sync::mpsc::channel();
        let task = spawn(&world, async move {
            let task = running();
            let key = task.cancellation().listen(Rank::Listener, None, None).unwrap();
            send.send((task, key)).unwrap();
            std::future::pending::<()>().await;
        });
        {
            let _running = Running::new(&world.local);
            world.local.run_for_model();
        }
        let (listening, key) = receive.recv().unwrap();
        let other = thread::spawn(move || {
            if listening.cancellation().forget(key).is_some() {
                listening.ask_anew();
            }
        });
        assert!(ask(&task.task_ref()));
        assert!(matches!(world.block_on(join(task)), Err(Failure::Cancelled)));
        other.join().unwrap();
        assert!(world.close().upgrade().is_none());
    });
}
