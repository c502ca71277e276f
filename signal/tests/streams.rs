//! `signal` and `Signal`: each listener hears of its signals, once.

#![cfg(unix)]

mod common;

use std::io;
use std::pin::pin;

use common::selectors::{self, on_each_selector, run};
use common::sys::{disposition, kill, raise};
use common::turn;
use futures::{FutureExt, StreamExt};
use runtime::signal::{Signal, SignalKind, ctrl_c, signal};

on_each_selector!(
    a_signal_is_received,
    each_listener_hears_of_a_signal,
    signals_that_come_together_are_told_together_and_not_twice,
    a_signal_is_a_stream,
    dropping_a_wait_loses_nothing,
    what_came_before_a_listener_is_not_for_it,
    kinds_are_kept_apart,
    ctrl_c_is_waited_for,
    a_listener_may_be_awaited_on_another_thread,
    a_task_that_waits_is_woken,
    a_task_that_sleeps_is_woken_each_time,
    what_has_come_is_there_at_once,
    a_task_that_signals_itself_lets_others_run,
);

/// Has everything told that has come so far: what came first is told first.
async fn settle() -> io::Result<()> {
    let mut window = signal(SignalKind::window_change())?;
    kill(SignalKind::window_change());
    window.recv().await.expect("the loop is open");
    Ok(())
}

fn has_come(signal: &mut Signal) -> bool {
    signal.try_recv().is_some()
}

fn a_signal_is_received() -> io::Result<()> {
    let _turn = turn();
    run(async {
        let mut usr1 = signal(SignalKind::user_defined1())?;
        for _ in 0..3 {
            kill(SignalKind::user_defined1());
            assert_eq!(usr1.recv().await, Some(()));
        }
        settle().await?;
        assert!(!has_come(&mut usr1));
        Ok(())
    })
}

fn each_listener_hears_of_a_signal() -> io::Result<()> {
    let _turn = turn();
    run(async {
        let mut listeners = Vec::new();
        for _ in 0..10 {
            listeners.push(signal(SignalKind::user_defined1())?);
        }
        kill(SignalKind::user_defined1());
        for listener in &mut listeners {
            assert_eq!(listener.recv().await, Some(()));
        }
        listeners.truncate(5);
        kill(SignalKind::user_defined1());
        for listener in &mut listeners {
            assert_eq!(listener.recv().await, Some(()));
        }
        Ok(())
    })
}

fn signals_that_come_together_are_told_together_and_not_twice() -> io::Result<()> {
    let _turn = turn();
    run(async {
        let mut usr1 = signal(SignalKind::user_defined1())?;
        for _ in 0..5 {
            raise(SignalKind::user_defined1());
        }
        settle().await?;
        assert_eq!(usr1.recv().await, Some(()));
        settle().await?;
        assert!(!has_come(&mut usr1));
        assert_eq!(usr1.recv().now_or_never(), None);
        Ok(())
    })
}

fn a_signal_is_a_stream() -> io::Result<()> {
    let _turn = turn();
    run(async {
        let mut hangups = signal(SignalKind::hangup())?.enumerate();
        for number in 0..3 {
            kill(SignalKind::hangup());
            assert_eq!(hangups.next().await, Some((number, ())));
        }
        Ok(())
    })
}

fn dropping_a_wait_loses_nothing() -> io::Result<()> {
    let _turn = turn();
    run(async {
        let mut usr1 = signal(SignalKind::user_defined1())?;
        assert_eq!(usr1.recv().now_or_never(), None);
        kill(SignalKind::user_defined1());
        settle().await?;
        assert_eq!(usr1.recv().await, Some(()));
        Ok(())
    })
}

fn what_came_before_a_listener_is_not_for_it() -> io::Result<()> {
    let _turn = turn();
    run(async {
        let mut earlier = signal(SignalKind::user_defined1())?;
        raise(SignalKind::user_defined1());
        let mut later = signal(SignalKind::user_defined1())?;
        settle().await?;
        assert!(has_come(&mut earlier));
        assert!(!has_come(&mut later));
        Ok(())
    })
}

fn kinds_are_kept_apart() -> io::Result<()> {
    let _turn = turn();
    run(async {
        let mut usr1 = signal(SignalKind::user_defined1())?;
        let mut usr2 = signal(SignalKind::user_defined2())?;
        kill(SignalKind::user_defined2());
        assert_eq!(usr2.recv().await, Some(()));
        assert!(!has_come(&mut usr1));
        kill(SignalKind::user_defined1());
        assert_eq!(usr1.recv().await, Some(()));
        assert!(!has_come(&mut usr2));
        Ok(())
    })
}

fn ctrl_c_is_waited_for() -> io::Result<()> {
    let _turn = turn();
    let before = disposition(SignalKind::interrupt());
    run(async {
        let mut waiting = pin!(ctrl_c());
        assert_eq!(
            disposition(SignalKind::interrupt()),
            before,
            "nothing is done until it is polled"
        );
        assert!(waiting.as_mut().now_or_never().is_none());
        kill(SignalKind::interrupt());
        waiting.await?;
        assert_eq!(disposition(SignalKind::interrupt()), before);
        Ok(())
    })
}

fn a_listener_may_be_awaited_on_another_thread() -> io::Result<()> {
    let _turn = turn();
    run(async {
        let mut usr1 = signal(SignalKind::user_defined1())?;
        let (waiting, is_waiting) = futures::channel::oneshot::channel();
        let (done, is_done) = futures::channel::oneshot::channel();
        let thread = std::thread::spawn(move || {
            let told = runtime::run(async {
                let mut waits = pin!(usr1.recv());
                assert_eq!((&mut waits).now_or_never(), None);
                waiting.send(()).expect("it is waited for");
                waits.await
            });
            done.send(()).expect("it is waited for");
            told
        });
        is_waiting.await.expect("the thread waits");
        kill(SignalKind::user_defined1());
        is_done.await.expect("the thread is told");
        assert_eq!(thread.join().expect("no panic"), Some(()));
        Ok(())
    })
}

fn a_task_that_waits_is_woken() -> io::Result<()> {
    let _turn = turn();
    run(async {
        let mut usr1 = signal(SignalKind::user_defined1())?;
        let waiter = runtime::spawn(async move { usr1.recv().await });
        runtime::task::yield_now().await;
        runtime::spawn(async { kill(SignalKind::user_defined1()) });
        assert_eq!(waiter.await.expect("no panic"), Some(()));
        Ok(())
    })
}

fn a_task_that_sleeps_is_woken_each_time() -> io::Result<()> {
    let _turn = turn();
    run(async {
        let mut usr1 = signal(SignalKind::user_defined1())?;
        let (ask, asked) = std::sync::mpsc::channel();
        let sender = std::thread::spawn(move || {
            asked.into_iter().for_each(|()| kill(SignalKind::user_defined1()));
        });
        for _ in 0..500 {
            let mut waits = pin!(usr1.recv());
            assert_eq!((&mut waits).now_or_never(), None);
            ask.send(()).expect("the thread lives");
            assert_eq!(waits.await, Some(()));
        }
        drop(ask);
        sender.join().expect("no panic");
        Ok(())
    })
}

fn what_has_come_is_there_at_once() -> io::Result<()> {
    let _turn = turn();
    run(async {
        let mut usr1 = signal(SignalKind::user_defined1())?;
        let mut other = signal(SignalKind::user_defined1())?;
        for _ in 0..3 {
            raise(SignalKind::user_defined1());
            assert!(has_come(&mut usr1));
            assert_eq!(other.recv().now_or_never(), Some(Some(())));
        }
        assert_eq!(usr1.recv().now_or_never(), None);
        Ok(())
    })
}

fn a_task_that_signals_itself_lets_others_run() -> io::Result<()> {
    let _turn = turn();
    run(async {
        let mut usr1 = signal(SignalKind::user_defined1())?;
        let other = runtime::spawn(async {});
        let mut rounds = 0;
        while !other.is_finished() {
            raise(SignalKind::user_defined1());
            assert_eq!(usr1.recv().await, Some(()));
            rounds += 1;
            assert!(rounds < 1000, "nobody else gets to run");
        }
        Ok(())
    })
}
