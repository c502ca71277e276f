//! A process that was forked off has its signals to itself.

#![cfg(unix)]

mod common;

use std::io;
use std::process::Command;

use common::sys::{disposition, fork, kill, raise, set_disposition};
use common::turn;
use libc::{SIG_DFL, SIG_IGN, c_int};
use runtime::signal::{SignalKind, on, signal};

const USR1: SignalKind = SignalKind::user_defined1();
const USR2: SignalKind = SignalKind::user_defined2();

#[track_caller]
fn assert_killed(status: c_int, kind: SignalKind) {
    assert!(libc::WIFSIGNALED(status), "status {status:#x}");
    assert_eq!(libc::WTERMSIG(status), kind.as_raw_value());
}

#[track_caller]
fn assert_success(status: c_int) {
    assert!(libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0, "status {status:#x}");
}

/// Runs `child` in a process that was forked off, and asserts that nobody here hears of a `USR1` meanwhile.
fn unheard_of(child: impl FnOnce()) -> io::Result<c_int> {
    runtime::run(async {
        let mut listener = signal(USR1)?;
        let mut window = signal(SignalKind::window_change())?;
        let status = fork(child);
        kill(SignalKind::window_change());
        window.recv().await;
        assert!(listener.try_recv().is_none(), "it was the child's");
        // And the parent hears its own.
        kill(USR1);
        assert_eq!(listener.recv().await, Some(()));
        Ok(status)
    })
}

/// Runs a future in the child, whose only thread was forked in the midst of the parent's loop.
fn on_a_loop_of_its_own(future: impl Future<Output = ()> + Send + 'static) {
    std::thread::spawn(|| runtime::run(future)).join().expect("no panic");
}

#[test]
fn a_signal_ends_the_child_and_is_not_told_to_the_parent() -> io::Result<()> {
    let _turn = turn();
    let status = unheard_of(|| raise(USR1))?;
    assert_killed(status, USR1);
    Ok(())
}

#[test]
fn a_signal_that_was_ignored_before_is_ignored_in_the_child() -> io::Result<()> {
    let _turn = turn();
    set_disposition(USR1, SIG_IGN, 0);
    let status = unheard_of(|| raise(USR1));
    set_disposition(USR1, SIG_DFL, 0);
    assert_success(status?);
    Ok(())
}

#[test]
fn a_signal_that_does_nothing_by_default_does_nothing_in_the_child() -> io::Result<()> {
    let _turn = turn();
    let status = runtime::run(async {
        let _listener = signal(SignalKind::window_change())?;
        io::Result::Ok(fork(|| {
            for _ in 0..3 {
                raise(SignalKind::window_change());
            }
        }))
    })?;
    assert_success(status);
    Ok(())
}

#[test]
fn a_child_may_have_a_loop_of_its_own() -> io::Result<()> {
    let _turn = turn();
    let status = unheard_of(|| {
        on_a_loop_of_its_own(async {
            let mut listener = signal(USR2).expect("it can be listened to");
            kill(USR2);
            assert_eq!(listener.recv().await, Some(()));
            let mut listener = signal(USR1).expect("it can be listened to");
            for _ in 0..3 {
                kill(USR1);
                assert_eq!(listener.recv().await, Some(()));
            }
        });
        assert_eq!(disposition(USR1).0, SIG_DFL, "what was there before the parent's handler");
    })?;
    assert_success(status);
    Ok(())
}

#[test]
fn a_child_with_a_loop_of_its_own_is_ended_by_what_only_the_parent_listens_to() -> io::Result<()> {
    let _turn = turn();
    let status = unheard_of(|| {
        on_a_loop_of_its_own(async {
            let mut listener = signal(USR2).expect("it can be listened to");
            kill(USR2);
            assert_eq!(listener.recv().await, Some(()));
        });
        raise(USR1);
    })?;
    assert_killed(status, USR1);
    Ok(())
}

#[test]
fn programs_are_started_with_the_default_dispositions() -> io::Result<()> {
    let _turn = turn();
    runtime::run(async {
        let _listener = signal(USR1)?;
        let _guard = on(SignalKind::terminate(), || ())?;
        for name in ["USR1", "TERM"] {
            let status = Command::new("sh").args(["-c", &format!("kill -{name} $$")]).status()?;
            let signal = std::os::unix::process::ExitStatusExt::signal(&status);
            let wanted = if name == "USR1" { USR1 } else { SignalKind::terminate() };
            assert_eq!(signal, Some(wanted.as_raw_value()));
        }
        Ok(())
    })
}
