//! A signal ends a wait in poll(2), and that is all it does.
//!
//! One test, alone in its process: it changes what the process does with a signal.

#![cfg(unix)]
#![allow(unsafe_code)]

use std::io::ErrorKind;
use std::os::unix::thread::JoinHandleExt;
use std::sync::mpsc;
use std::thread;

use runtime_core::reactor::{PollSelector, Selector};

extern "C" fn ignore(_signal: libc::c_int) {}

#[test]
fn a_signal_interrupts_a_wait_and_the_next_wait_goes_on() {
    let handler: extern "C" fn(libc::c_int) = ignore;
    // SAFETY: the handler does nothing, so it is safe to run at any point of any thread.
    unsafe { libc::signal(libc::SIGUSR1, handler as libc::sighandler_t) };

    let mut selector = PollSelector::new().unwrap();
    let unparker = selector.unparker();
    let (interrupted, is_interrupted) = mpsc::channel();
    let waiter = thread::spawn(move || {
        let error = selector.select(&mut Vec::new(), None).unwrap_err();
        interrupted.send(()).unwrap();
        assert_eq!(error.kind(), ErrorKind::Interrupted);
        // Signals may still come, but so does the unpark.
        while selector.select(&mut Vec::new(), None).is_err() {}
    });
    let thread = waiter.as_pthread_t();
    while is_interrupted.try_recv().is_err() {
        assert!(!waiter.is_finished(), "it ended without being interrupted");
        // SAFETY: the thread has not been joined, so its identifier is valid.
        unsafe { libc::pthread_kill(thread as libc::pthread_t, libc::SIGUSR1) };
        thread::yield_now();
    }
    unparker.unpark();
    waiter.join().unwrap();
}
