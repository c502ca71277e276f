//! Every loop of a process may listen, and none waits for another.

#![cfg(unix)]

mod common;

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::sync::{Arc, Barrier};
use std::thread;

use common::selectors::{self, builder, choice, on, on_each_selector, run};
use common::sys::{disposition, kill, raise};
use common::turn;
use futures::FutureExt;
use runtime::Runtime;
use runtime::signal::{SignalKind, signal};

on_each_selector!(
    every_loop_hears_of_every_signal,
    a_loop_that_is_busy_keeps_no_other_from_hearing,
    a_loop_that_does_not_run_hears_later,
    a_loop_that_closes_ends_its_listeners_alone,
    a_listener_of_a_closed_loop_wakes_who_waits,
    callbacks_are_called_on_their_own_loops,
    one_loop_after_another,
);

const USR1: SignalKind = SignalKind::user_defined1();

fn every_loop_hears_of_every_signal() {
    const LOOPS: usize = 8;
    let _turn = turn();
    let round = Arc::new(Barrier::new(LOOPS + 1));
    let choice = choice();
    let threads = (0..LOOPS).map(|_| {
        let round = round.clone();
        thread::spawn(move || {
            on(choice, || {
                run(async {
                    let mut listener = signal(USR1).expect("it can be listened to");
                    for _ in 0..20 {
                        round.wait();
                        assert_eq!(listener.recv().await, Some(()));
                        round.wait();
                    }
                    assert!(listener.try_recv().is_none());
                    round.wait();
                });
            });
        })
    });
    let threads: Vec<_> = threads.collect();
    for _ in 0..20 {
        round.wait();
        kill(USR1);
        round.wait();
    }
    round.wait();
    for thread in threads {
        thread.join().expect("no panic");
    }
}

fn a_loop_that_is_busy_keeps_no_other_from_hearing() -> io::Result<()> {
    let _turn = turn();
    let busy = builder().build()?;
    let mut early = {
        let _entered = busy.enter();
        signal(USR1)?
    };
    let told = busy.block_on(async {
        assert_eq!(early.recv().now_or_never(), None);
        // This one runs, and does not turn, while the other lives.
        let other = thread::spawn(|| {
            runtime::run(async {
                let mut listener = signal(USR1).expect("it can be listened to");
                kill(USR1);
                listener.recv().await
            })
        });
        assert_eq!(other.join().expect("no panic"), Some(()));
        early.recv().await
    });
    assert_eq!(told, Some(()));
    Ok(())
}

fn a_loop_that_does_not_run_hears_later() -> io::Result<()> {
    let _turn = turn();
    let rt = builder().build()?;
    let mut listener = {
        let _entered = rt.enter();
        signal(USR1)?
    };
    raise(USR1);
    assert_eq!(rt.block_on(listener.recv()), Some(()));
    Ok(())
}

fn a_loop_that_closes_ends_its_listeners_alone() -> io::Result<()> {
    let _turn = turn();
    let short = builder().build()?;
    let mut of_short = {
        let _entered = short.enter();
        signal(USR1)?
    };
    thread::spawn(move || {
        run(async move {
            assert_eq!(of_short.recv().now_or_never(), None);
            (of_short, signal(USR1).expect("it can be listened to"))
        })
    })
    .join()
    .map(drop)
    .expect("no panic");

    let mut of_short = {
        let _entered = short.enter();
        signal(USR1)?
    };
    let long = builder().build()?;
    let mut of_long = {
        let _entered = long.enter();
        signal(USR1)?
    };
    drop(short);
    kill(USR1);
    long.block_on(async {
        assert_eq!(of_long.recv().await, Some(()));
        assert_eq!(of_short.recv().await, None);
        assert_eq!(of_short.recv().await, None, "and again");
        assert!(of_short.is_closed() && !of_long.is_closed());
    });
    Ok(())
}

fn a_listener_of_a_closed_loop_wakes_who_waits() -> io::Result<()> {
    let _turn = turn();
    let rt = builder().build()?;
    let mut listener = {
        let _entered = rt.enter();
        signal(USR1)?
    };
    let (waiting, is_waiting) = std::sync::mpsc::channel();
    let waiter = thread::spawn(move || {
        runtime::run(async move {
            let mut waits = std::pin::pin!(listener.recv());
            assert_eq!((&mut waits).now_or_never(), None);
            waiting.send(()).expect("it is waited for");
            waits.await
        })
    });
    is_waiting.recv().expect("the thread waits");
    drop(rt);
    assert_eq!(waiter.join().expect("no panic"), None);
    Ok(())
}

fn callbacks_are_called_on_their_own_loops() {
    const LOOPS: usize = 4;
    let _turn = turn();
    let ready = Arc::new(Barrier::new(LOOPS + 1));
    let choice = choice();
    let threads = (0..LOOPS).map(|_| {
        let ready = ready.clone();
        thread::spawn(move || {
            on(choice, || {
                let rt: Rc<Runtime> = Rc::new(builder().build().expect("a loop can be built"));
                let called = Rc::new(Cell::new(None));
                let _entered = rt.enter();
                let _guard = runtime::signal::on(USR1, {
                    let called = called.clone();
                    move || {
                        called.set(Some(thread::current().id()));
                        runtime::Handle::current().stop().expect("it runs");
                    }
                })
                .expect("it can be listened to");
                ready.wait();
                rt.run_forever().expect("nothing fails");
                assert_eq!(called.get(), Some(thread::current().id()));
            });
        })
    });
    let threads: Vec<_> = threads.collect();
    ready.wait();
    kill(USR1);
    for thread in threads {
        thread.join().expect("no panic");
    }
}

fn one_loop_after_another() -> io::Result<()> {
    let _turn = turn();
    let before = disposition(USR1);
    for _ in 0..100 {
        run(async {
            let mut listener = signal(USR1)?;
            // Told to nobody: the next loop does not hear of it.
            raise(USR1);
            listener.recv().await;
            raise(USR1);
            io::Result::Ok(())
        })?;
        assert_eq!(disposition(USR1), before);
        run(async {
            let mut listener = signal(USR1)?;
            let mut window = signal(SignalKind::window_change())?;
            raise(SignalKind::window_change());
            window.recv().await;
            assert!(listener.try_recv().is_none());
            io::Result::Ok(())
        })?;
    }
    Ok(())
}
