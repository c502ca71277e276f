//! `Handle::call_soon` reaches the loop from any thread, wakes it if it sleeps, and keeps the order of each
//! thread.

mod support;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use runtime::callback::call_soon;
use runtime::{Handle, Runtime};
use support::{DropLog, OnDrop};

#[test]
fn the_order_of_each_thread_is_kept() {
    const THREADS: usize = 4;
    const EACH: usize = 2000;

    let rt = Runtime::new().unwrap();
    let log = Arc::new(Mutex::new(Vec::new()));
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let (handle, log) = (rt.handle().clone(), log.clone());
            thread::spawn(move || {
                for number in 0..EACH {
                    let log = log.clone();
                    let note = move || {
                        let mut log = log.lock().unwrap();
                        log.push((thread, number));
                        if log.len() == THREADS * EACH {
                            Handle::current().stop().unwrap();
                        }
                    };
                    handle.call_soon(note).unwrap();
                }
            })
        })
        .collect();
    rt.run_forever().unwrap();
    for thread in threads {
        thread.join().unwrap();
    }
    let log = log.lock().unwrap();
    for thread in 0..THREADS {
        let numbers = log.iter().filter(|(from, _)| *from == thread).map(|(_, number)| *number);
        assert!(numbers.eq(0..EACH));
    }
}

#[test]
fn a_sleeping_loop_is_woken() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    let (running, runs) = mpsc::channel();
    rt.call_soon(move || running.send(()).unwrap());
    // A deadline that the loop sleeps towards.
    let never = rt.call_later(Duration::from_secs(3600), || unreachable!("nobody waits so long"));
    let other = thread::spawn(move || {
        runs.recv().unwrap();
        for _ in 0..100 {
            let (called, calls) = mpsc::channel();
            handle.call_soon(move || called.send(()).unwrap()).unwrap();
            calls.recv().unwrap();
        }
        handle.call_soon(|| Handle::current().stop().unwrap()).unwrap();
    });
    rt.run_forever().unwrap();
    other.join().unwrap();
    assert!(!never.is_cancelled());
}

#[test]
fn on_the_loops_own_thread_it_is_like_the_other_call_soon() {
    let rt = Runtime::new().unwrap();
    let log = Arc::new(Mutex::new(Vec::new()));
    let note = |what: &'static str| {
        let log = log.clone();
        move || log.lock().unwrap().push(what)
    };
    let (inner, last) = (note("handle"), note("free function"));
    rt.call_soon(move || {
        Handle::current().call_soon(inner).unwrap();
        call_soon(last);
    });
    rt.block_on(async {
        while log.lock().unwrap().len() < 2 {
            runtime::task::yield_now().await;
        }
    });
    let mut seen = log.lock().unwrap().clone();
    seen.sort_unstable();
    assert_eq!(seen, ["free function", "handle"]);
}

#[test]
fn a_closed_loop_refuses_and_drops_the_callback() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    rt.close().unwrap();
    let refused = move || {
        let drops = DropLog::new();
        let witness = drops.witness();
        let error = handle.call_soon(move || drop(witness)).unwrap_err();
        assert!(error.to_string().contains("closed"));
        drops.assert_dropped_here(1);
        assert!(handle.stop().is_err());
        assert!(handle.is_closed());
        handle
    };
    let handle = thread::spawn({
        let mut refused = Some(refused);
        move || refused.take().unwrap()()
    })
    .join()
    .unwrap();
    // A callback that panics when it is dropped is the refusal's affair.
    let bomb = OnDrop(|| panic!("on purpose"));
    assert!(handle.call_soon(move || drop(bomb)).is_err());
    drop(rt);
    assert!(handle.call_soon(|| ()).is_err());
}

#[test]
fn what_is_sent_while_the_loop_closes_is_called_or_dropped() {
    for _ in 0..200 {
        let rt = Runtime::new().unwrap();
        let handle = rt.handle().clone();
        let drops = DropLog::new();
        let sent = drops.clone();
        let other = thread::spawn(move || {
            let mut accepted = 0;
            loop {
                let witness = sent.witness();
                match handle.call_soon(move || drop(witness)) {
                    Ok(_) => accepted += 1,
                    Err(_) => return accepted + 1,
                }
            }
        });
        rt.block_on(runtime::task::yield_now());
        drop(rt);
        let sent = other.join().unwrap();
        assert_eq!(drops.count(), sent);
    }
}

#[test]
fn cancelled_before_the_loop_looks_it_is_not_called() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    let drops = DropLog::new();
    let witness = drops.witness();
    let callback = thread::spawn(move || {
        let callback = handle.call_soon(move || {
            let _witness = witness;
            unreachable!("it is cancelled");
        });
        let callback = callback.unwrap();
        callback.cancel();
        callback
    })
    .join()
    .unwrap();
    rt.block_on(runtime::task::yield_now());
    assert!(callback.is_cancelled());
    drops.assert_dropped_here(1);
}

#[test]
fn callbacks_from_elsewhere_may_use_what_is_not_send() {
    thread_local! {
        static HERE: Rc<RefCell<Vec<u32>>> = Rc::default();
    }
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    thread::spawn(move || {
        handle.call_soon(|| HERE.with(|here| here.borrow_mut().push(1))).unwrap();
        handle
            .call_soon(|| {
                drop(runtime::spawn(async { HERE.with(|here| here.borrow_mut().push(2)) }));
            })
            .unwrap();
        handle.call_soon(|| drop(call_soon(|| Handle::current().stop().unwrap()))).unwrap();
    })
    .join()
    .unwrap();
    rt.run_forever().unwrap();
    HERE.with(|here| assert_eq!(*here.borrow(), [1, 2]));
}
