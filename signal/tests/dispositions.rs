//! While somebody listens a signal is ours; before the first listener and after the last it does what it did.

#![cfg(unix)]

mod common;

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use common::sys::{disposition, kill, raise, set_disposition};
use common::turn;
use libc::{SA_RESTART, SA_SIGINFO, SIG_DFL, SIG_IGN, c_int, c_void, siginfo_t};
use runtime::Runtime;
use runtime::signal::{SignalKind, on, signal};

static CALLS: AtomicUsize = AtomicUsize::new(0);

extern "C" fn plain(number: c_int) {
    assert_eq!(number, libc::SIGUSR2);
    CALLS.fetch_add(1, Ordering::SeqCst);
}

extern "C" fn detailed(number: c_int, info: *mut siginfo_t, context: *mut c_void) {
    assert_eq!(number, libc::SIGUSR2);
    assert!(!info.is_null() && !context.is_null());
    CALLS.fetch_add(100, Ordering::SeqCst);
}

const PLAIN: extern "C" fn(c_int) = plain;
const DETAILED: extern "C" fn(c_int, *mut siginfo_t, *mut c_void) = detailed;

#[test]
fn the_last_listener_restores_what_was_there() -> io::Result<()> {
    let _turn = turn();
    let kind = SignalKind::user_defined2();
    for handler in [SIG_DFL, SIG_IGN, PLAIN as usize] {
        for flags in [0, SA_RESTART] {
            set_disposition(kind, handler, flags);
            let before = disposition(kind);
            assert_eq!(before.0, handler);
            runtime::run(async {
                let one = signal(kind)?;
                let ours = disposition(kind);
                assert_ne!(ours.0, handler);
                let two = on(kind, || ())?;
                drop(one);
                assert_eq!(disposition(kind), ours, "somebody listens still");
                drop(two);
                assert_eq!(disposition(kind), before);

                let three = signal(kind)?;
                assert_eq!(disposition(kind), ours);
                drop(three);
                assert_eq!(disposition(kind), before);
                io::Result::Ok(())
            })?;
        }
    }
    set_disposition(kind, SIG_DFL, 0);
    Ok(())
}

#[test]
fn the_last_listener_may_go_on_another_thread() -> io::Result<()> {
    let _turn = turn();
    let kind = SignalKind::user_defined2();
    let before = disposition(kind);
    runtime::run(async {
        let listener = signal(kind)?;
        let guard = on(kind, || ())?;
        thread::spawn(move || drop(listener)).join().expect("no panic");
        assert_ne!(disposition(kind), before);
        thread::spawn(move || drop(guard)).join().expect("no panic");
        assert_eq!(disposition(kind), before);
        Ok(())
    })
}

#[test]
fn a_loop_that_closes_restores_what_was_there() -> io::Result<()> {
    let _turn = turn();
    let kind = SignalKind::user_defined2();
    let before = disposition(kind);
    let rt = Runtime::new()?;
    let (listener, guard) = {
        let _entered = rt.enter();
        (signal(kind)?, on(kind, || ())?)
    };
    assert_ne!(disposition(kind), before);
    drop(rt);
    assert_eq!(disposition(kind), before);
    drop((listener, guard));
    assert_eq!(disposition(kind), before);
    Ok(())
}

#[test]
fn broken_pipes_are_ignored_again() -> io::Result<()> {
    let _turn = turn();
    let kind = SignalKind::pipe();
    let before = disposition(kind);
    assert_eq!(before.0, SIG_IGN, "the standard library sees to that");
    runtime::run(async {
        let mut broken = signal(kind)?;
        kill(kind);
        assert_eq!(broken.recv().await, Some(()));
        io::Result::Ok(())
    })?;
    assert_eq!(disposition(kind), before);
    kill(kind);
    Ok(())
}

#[test]
fn a_handler_that_was_there_is_called_still() -> io::Result<()> {
    let _turn = turn();
    let kind = SignalKind::user_defined2();
    for (handler, flags, weight) in [(PLAIN as usize, 0, 1), (DETAILED as usize, SA_SIGINFO, 100)] {
        set_disposition(kind, handler, flags);
        CALLS.store(0, Ordering::SeqCst);
        runtime::run(async {
            let mut listener = signal(kind)?;
            for count in 1..=3 {
                raise(kind);
                assert_eq!(listener.recv().await, Some(()));
                assert_eq!(CALLS.load(Ordering::SeqCst), count * weight);
            }
            io::Result::Ok(())
        })?;
        raise(kind);
        assert_eq!(CALLS.load(Ordering::SeqCst), 4 * weight);
    }
    set_disposition(kind, SIG_DFL, 0);
    Ok(())
}

#[test]
fn calls_are_restarted_unless_a_handler_wanted_otherwise() -> io::Result<()> {
    let _turn = turn();
    let kind = SignalKind::user_defined2();
    let wanted = |handler, flags| {
        set_disposition(kind, handler, flags);
        runtime::run(async {
            let _listener = signal(kind)?;
            io::Result::Ok(disposition(kind).1 & SA_RESTART != 0)
        })
    };
    assert!(wanted(SIG_DFL, 0)?);
    assert!(wanted(SIG_IGN, 0)?);
    assert!(wanted(PLAIN as usize, SA_RESTART)?);
    assert!(!wanted(PLAIN as usize, 0)?);
    set_disposition(kind, SIG_DFL, 0);
    Ok(())
}

#[test]
fn the_handler_leaves_errno_alone() -> io::Result<()> {
    let _turn = turn();
    let kind = SignalKind::user_defined2();
    runtime::run(async {
        let _listener = signal(kind)?;
        // More than there is room for.
        for round in 0..5000 {
            let number = 1 + round % 100;
            errno::set_errno(errno::Errno(number));
            raise(kind);
            assert_eq!(errno::errno().0, number);
        }
        Ok(())
    })
}
