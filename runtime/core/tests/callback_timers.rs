//! `call_later` and `call_at`: never early, in the order of their deadlines, and no hindrance to anything
//! else.

#![cfg(unix)]

mod support;

use std::cell::{Cell, RefCell};
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use runtime::callback::{TimerHandle, call_at, call_later, call_soon};
use runtime::reactor::AsyncFd;
use runtime::task::yield_now;
use runtime::time::{self, sleep};
use runtime::{Handle, Runtime};
use support::DropLog;

type Log = Rc<RefCell<Vec<usize>>>;

fn noting(log: &Log, what: usize) -> impl FnOnce() + 'static + use<> {
    let log = log.clone();
    move || log.borrow_mut().push(what)
}

fn stop() {
    Handle::current().stop().unwrap();
}

#[test]
fn none_is_early() {
    let rt = Runtime::new().unwrap();
    let left = Rc::new(Cell::new(200));
    for number in 0..200 {
        let deadline = time::now() + Duration::from_micros(number * 37 % 5000);
        let left = left.clone();
        rt.call_at(deadline, move || {
            assert!(time::now() >= deadline);
            left.set(left.get() - 1);
            if left.get() == 0 {
                stop();
            }
        });
    }
    rt.run_forever().unwrap();
}

#[test]
fn equal_deadlines_are_called_in_the_order_of_their_making() {
    runtime::run(async {
        let log = Log::default();
        let deadline = time::now() + Duration::from_millis(2);
        for number in 0..1000 {
            call_at(deadline, noting(&log, number));
        }
        while log.borrow().len() < 1000 {
            sleep(Duration::from_micros(100)).await;
        }
        assert!(log.borrow().is_sorted());
    });
}

#[test]
fn earlier_deadlines_are_called_first() {
    runtime::run(async {
        let log = Log::default();
        let begin = time::now() + Duration::from_millis(1);
        for number in (0..100).rev() {
            call_at(begin + Duration::from_micros(number as u64 * 30), noting(&log, number));
        }
        while log.borrow().len() < 100 {
            sleep(Duration::from_micros(100)).await;
        }
        assert!(log.borrow().is_sorted());
    });
}

#[test]
fn zero_delays_and_passed_deadlines_are_called_in_order() {
    runtime::run(async {
        let log = Log::default();
        let passed = time::now();
        for number in 0..10 {
            match number % 2 {
                0 => call_later(Duration::ZERO, noting(&log, number)),
                _ => call_at(passed, noting(&log, number)),
            };
        }
        while log.borrow().len() < 10 {
            yield_now().await;
        }
        let mut all = log.take();
        let zero: Vec<_> = all.iter().copied().filter(|number| number % 2 == 0).collect();
        let at: Vec<_> = all.iter().copied().filter(|number| number % 2 == 1).collect();
        assert!(zero.is_sorted() && at.is_sorted());
        all.sort_unstable();
        assert_eq!(all, Vec::from_iter(0..10));
    });
}

#[test]
fn a_timer_that_arms_itself_again_at_once_starves_nobody() {
    fn tick(ticks: &Rc<Cell<u64>>) {
        ticks.set(ticks.get() + 1);
        let ticks = ticks.clone();
        call_later(Duration::ZERO, move || tick(&ticks));
    }
    let rt = Runtime::new().unwrap();
    let ticks = Rc::new(Cell::new(0));
    let counted = ticks.clone();
    rt.call_soon(move || tick(&counted));
    let handle = rt.handle().clone();
    rt.block_on(async {
        // I/O
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let ours = AsyncFd::new(ours).unwrap();
        theirs.write_all(b"x").unwrap();
        drop(ours.readable().await.unwrap());
        // Other timers
        sleep(Duration::from_micros(100)).await;
        // Tasks
        runtime::spawn(yield_now()).await.unwrap();
        // Other threads
        let (sender, receiver) = futures::channel::oneshot::channel();
        let other = thread::spawn(move || handle.call_soon(|| sender.send(()).unwrap())).join();
        assert!(other.unwrap().is_ok());
        receiver.await.unwrap();
        // And the timer itself is alive.
        let until_now = ticks.get();
        while ticks.get() < until_now + 3 {
            yield_now().await;
        }
    });
}

#[test]
fn a_never_is_never_and_harmless() {
    let rt = Runtime::new().unwrap();
    let never = rt.call_later(Duration::MAX, || unreachable!("it is never"));
    rt.call_later(Duration::from_micros(10), stop);
    rt.run_forever().unwrap();
    assert!(!never.is_cancelled());
    assert!(never.when() > time::now() + Duration::from_secs(3600 * 24 * 365));
    never.cancel();
    assert!(never.is_cancelled());
}

#[test]
fn cancelled_it_is_not_called_and_dropped() {
    runtime::run(async {
        let drops = DropLog::new();
        let handles: Vec<_> = [0, 1, 1000, 1_000_000]
            .into_iter()
            .map(|micros| {
                let witness = drops.local_witness();
                call_later(Duration::from_micros(micros), move || {
                    let _witness = witness;
                    unreachable!("it is cancelled");
                })
            })
            .collect();
        handles.iter().for_each(TimerHandle::cancel);
        drops.assert_dropped_here(4);
        assert!(handles.iter().all(TimerHandle::is_cancelled));
        sleep(Duration::from_millis(2)).await;
        handles.iter().for_each(TimerHandle::cancel);
        drops.assert_dropped_here(4);
    });
}

#[test]
fn cancelled_afterwards_it_has_been_called() {
    runtime::run(async {
        let log = Log::default();
        let timer = call_later(Duration::from_micros(1), noting(&log, 1));
        while log.borrow().is_empty() {
            sleep(Duration::from_micros(1)).await;
        }
        timer.cancel();
        assert!(!timer.is_cancelled());
    });
}

#[test]
fn cancelled_while_it_is_due_and_queued_it_is_not_called() {
    runtime::run(async {
        let log = Log::default();
        let deadline = time::now() + Duration::from_micros(100);
        let second: Rc<RefCell<Option<TimerHandle>>> = Rc::default();
        let (handle, first) = (second.clone(), noting(&log, 1));
        call_at(deadline, move || {
            first();
            handle.take().unwrap().cancel();
        });
        *second.borrow_mut() = Some(call_at(deadline, noting(&log, 2)));
        call_at(deadline, noting(&log, 3));
        while log.borrow().len() < 2 {
            sleep(Duration::from_micros(100)).await;
        }
        yield_now().await;
        assert_eq!(*log.borrow(), [1, 3]);
    });
}

#[test]
fn cancelled_by_itself_it_runs_to_its_end() {
    runtime::run(async {
        let own: Rc<RefCell<Option<TimerHandle>>> = Rc::default();
        let (handle, log) = (own.clone(), Log::default());
        let note = noting(&log, 1);
        *own.borrow_mut() = Some(call_later(Duration::ZERO, move || {
            let timer = handle.take().unwrap();
            timer.cancel();
            assert!(!timer.is_cancelled());
            drop(timer);
            note();
        }));
        while log.borrow().is_empty() {
            yield_now().await;
        }
    });
}

#[test]
fn cancelled_from_another_thread_it_is_dropped_on_its_own() {
    let rt = Runtime::new().unwrap();
    let drops = DropLog::new();
    let witness = drops.local_witness();
    let timer = rt.call_later(Duration::from_secs(3600), move || {
        let _witness = witness;
        unreachable!("it is cancelled");
    });
    let handle = timer.clone();
    let cancels = move || {
        handle.cancel();
        assert!(handle.is_cancelled());
    };
    rt.block_on(async {
        runtime::spawn_blocking(cancels).await.unwrap();
        while drops.count() == 0 {
            yield_now().await;
        }
    });
    drops.assert_dropped_here(1);
    assert!(timer.is_cancelled());
    // The wheel has forgotten it.
    assert_eq!(rt.next_timeout(), None);
}

#[test]
fn dropping_the_handle_leaves_the_timer_armed() {
    let rt = Runtime::new().unwrap();
    drop(rt.call_later(Duration::from_micros(10), stop));
    rt.run_forever().unwrap();
}

#[test]
fn it_knows_its_time() {
    let rt = Runtime::new().unwrap();
    let before = time::now();
    let timer = rt.call_later(Duration::from_secs(5), || ());
    let after = time::now();
    assert!(timer.when() >= before + Duration::from_secs(5));
    assert!(timer.when() <= after + Duration::from_secs(5));
    let deadline = before + Duration::from_secs(7);
    assert_eq!(rt.call_at(deadline, || ()).when(), deadline);
}

#[test]
fn it_follows_a_clock_that_is_paused() {
    let rt = Runtime::builder().start_paused(true).build().unwrap();
    let log = Log::default();
    let begin = rt.block_on(async { time::now() });
    for (number, hours) in [(3, 30), (1, 10), (2, 20)] {
        rt.call_later(Duration::from_secs(hours * 3600), noting(&log, number));
    }
    rt.call_later(Duration::from_secs(31 * 3600), stop);
    rt.run_forever().unwrap();
    assert_eq!(*log.borrow(), [1, 2, 3]);
    let passed = rt.block_on(async { time::now() }) - begin;
    assert_eq!(passed.as_secs(), 31 * 3600);
}

#[test]
fn what_a_timer_queues_runs_in_a_later_pass() {
    let rt = Runtime::new().unwrap();
    let log = Log::default();
    let (one, two) = (noting(&log, 1), noting(&log, 2));
    rt.call_later(Duration::ZERO, move || {
        call_soon(two);
        one();
        stop();
    });
    rt.run_forever().unwrap();
    assert_eq!(*log.borrow(), [1]);
    rt.stop();
    rt.run_forever().unwrap();
    assert_eq!(*log.borrow(), [1, 2]);
}
