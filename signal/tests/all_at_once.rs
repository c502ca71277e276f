//! Signals that are delivered at one blow do not need room for all of their handlers at once.

#![cfg(target_os = "linux")]
#![allow(unsafe_code)]

use std::io;
use std::mem::MaybeUninit;
use std::ptr::null_mut;

use runtime::signal::{SignalKind, signal};

#[test]
fn many_kinds_of_signals_arrive_together() -> io::Result<()> {
    runtime::run(async {
        let kinds: Vec<i32> = (libc::SIGRTMIN()..=libc::SIGRTMAX()).collect();
        let mut signals = kinds
            .iter()
            .map(|number| signal(SignalKind::from_raw(*number)))
            .collect::<io::Result<Vec<_>>>()?;
        // SAFETY: a set is initialized before it is used, and raise(3) has no preconditions.
        unsafe {
            let mut set = MaybeUninit::uninit();
            assert_eq!(libc::sigfillset(set.as_mut_ptr()), 0);
            let set = set.assume_init();
            assert_eq!(libc::pthread_sigmask(libc::SIG_BLOCK, &set, null_mut()), 0);
            for number in kinds {
                assert_eq!(libc::raise(number), 0);
            }
            assert_eq!(libc::pthread_sigmask(libc::SIG_UNBLOCK, &set, null_mut()), 0);
        }
        for signal in &mut signals {
            assert_eq!(signal.recv().await, Some(()));
        }
        Ok(())
    })
}
