//! `SignalInfo`: what the system says about a signal, where it says anything.

#![cfg(target_os = "linux")]

mod common;

use std::io;
use std::process::Command;

#[cfg(target_env = "gnu")]
use common::sys::queue_here;
use common::sys::{alarm_soon, kill, queue, raise};
use common::turn;
use futures::FutureExt;
use runtime::signal::{SignalInfo, SignalKind, signal};

fn user() -> u32 {
    rustix::process::getuid().as_raw()
}

fn info(kind: SignalKind, send: impl FnOnce()) -> io::Result<SignalInfo> {
    runtime::run(async {
        let mut listener = signal(kind)?;
        send();
        Ok(listener.recv_info().await.expect("the loop is open"))
    })
}

#[test]
fn a_process_that_sends_is_known() -> io::Result<()> {
    let _turn = turn();
    let own = info(SignalKind::user_defined1(), || kill(SignalKind::user_defined1()))?;
    assert_eq!(own.pid(), Some(std::process::id()));
    assert_eq!((own.uid(), own.code(), own.value()), (Some(user()), Some(libc::SI_USER), None));

    let own = info(SignalKind::user_defined1(), || raise(SignalKind::user_defined1()))?;
    assert_eq!((own.pid(), own.code()), (Some(std::process::id()), Some(libc::SI_TKILL)));

    let mut pid = None;
    let other = info(SignalKind::user_defined1(), || {
        let script = format!("kill -USR1 {}", std::process::id());
        let mut child = Command::new("sh").args(["-c", &script]).spawn().expect("there is a shell");
        pid = Some(child.id());
        assert!(child.wait().expect("it is a child").success());
    })?;
    assert_eq!(other.pid(), pid);
    Ok(())
}

#[test]
fn a_value_comes_with_the_signal() -> io::Result<()> {
    let _turn = turn();
    for kind in [SignalKind::user_defined1(), SignalKind::real_time(0)?, SignalKind::real_time(5)?]
    {
        let info = info(kind, || queue(kind, 0x1234_5678))?;
        assert_eq!((info.value(), info.code()), (Some(0x1234_5678), Some(libc::SI_QUEUE)));
        assert_eq!((info.pid(), info.uid()), (Some(std::process::id()), Some(user())));
    }
    Ok(())
}

#[test]
fn a_child_is_known() -> io::Result<()> {
    let _turn = turn();
    let mut pid = None;
    let info = info(SignalKind::child(), || {
        let mut child = Command::new("true").spawn().expect("there is such a program");
        pid = Some(child.id());
        assert!(child.wait().expect("it is a child").success());
    })?;
    assert_eq!((info.pid(), info.code()), (pid, Some(libc::CLD_EXITED)));
    Ok(())
}

#[test]
fn the_system_is_nobody() -> io::Result<()> {
    let _turn = turn();
    let info = info(SignalKind::alarm(), alarm_soon)?;
    assert_eq!((info.pid(), info.uid(), info.value()), (None, None, None));
    assert!(info.code().is_some());
    Ok(())
}

#[cfg(target_env = "gnu")]
#[test]
fn of_several_it_is_about_the_last() -> io::Result<()> {
    let _turn = turn();
    let kind = SignalKind::user_defined1();
    // By one thread: those that several threads handle at the same time are noted in any order.
    let last = info(kind, || (1..=100).for_each(|number| queue_here(kind, number)))?;
    assert_eq!(last.value(), Some(100));
    Ok(())
}

#[cfg(target_env = "gnu")]
#[test]
fn real_time_signals_are_told_each_by_itself() -> io::Result<()> {
    let _turn = turn();
    let kind = SignalKind::real_time(1)?;
    runtime::run(async {
        let mut listener = signal(kind)?;
        let mut count = signal(kind)?;
        for first in [1, 1001, 2001] {
            (first..first + 1000).for_each(|number| queue_here(kind, number));
            for number in first..first + 1000 {
                let info = listener.recv_info().await.expect("the loop is open");
                assert_eq!(info.value(), Some(number));
                assert_eq!(count.recv().await, Some(()));
            }
        }
        assert!(listener.try_recv().is_none() && count.try_recv().is_none());
        Ok(())
    })
}

#[cfg(target_env = "gnu")]
#[test]
fn real_time_signals_that_find_no_room_are_told_as_one_of_which_nothing_is_known() -> io::Result<()>
{
    let _turn = turn();
    let kind = SignalKind::real_time(1)?;
    runtime::run(async {
        let mut listener = signal(kind)?;
        let mut window = signal(SignalKind::window_change())?;
        // With what is taken in between, and without.
        for pause in [700, usize::MAX] {
            for number in 1..=5000 {
                queue_here(kind, number);
                if number % pause == 0 {
                    assert!(window.try_recv().is_none());
                }
            }
            raise(SignalKind::window_change());
            // The loop looks for what has found no room.
            while window.recv().now_or_never().is_none() {
                runtime::task::yield_now().await;
            }
            for number in 1..=1023 {
                assert_eq!(listener.try_recv().and_then(|info| info.value()), Some(number));
            }
            let next = listener.try_recv().expect("there were more");
            if next.code().is_some() {
                assert_eq!(next.value(), Some(1024));
                assert_eq!(listener.recv_info().await.expect("the loop is open").code(), None);
            }
            assert!(listener.try_recv().is_none());
        }
        Ok(())
    })
}

#[test]
fn of_signals_that_found_no_room_nothing_is_known() -> io::Result<()> {
    let _turn = turn();
    let kind = SignalKind::user_defined1();
    let last = info(kind, || (0..100_000).for_each(|_| raise(kind)))?;
    assert_eq!((last.pid(), last.code()), (None, None));
    Ok(())
}
