//! A signal ends a wait in poll(2), and that is all it does.
//!
//! Alone in their process: the tests change what that does with a signal.

#![cfg(unix)]
#![allow(unsafe_code)]

use std::io::ErrorKind;
use std::os::unix::thread::JoinHandleExt;
use std::sync::mpsc;
use std::thread;

use runtime_core::reactor::{Interest, PollSelector, Selector, Token};

extern "C" fn ignore(_signal: libc::c_int) {}

/// Has the signal do nothing but to interrupt.
fn ignore_the_signal() {
    let handler: extern "C" fn(libc::c_int) = ignore;
    // SAFETY: the handler does nothing, so it is safe to run at any point of any thread.
    unsafe { libc::signal(libc::SIGUSR1, handler as libc::sighandler_t) };
}

/// Sends the signal to a thread until `stop`.
fn send_until(waiter: &thread::JoinHandle<()>, stop: impl Fn() -> bool) {
    let thread = waiter.as_pthread_t();
    while !stop() {
        // SAFETY: the thread has not been joined, so its identifier is valid.
        unsafe { libc::pthread_kill(thread as libc::pthread_t, libc::SIGUSR1) };
        thread::yield_now();
    }
}

#[test]
fn signals_do_not_keep_a_source_from_being_registered() {
    ignore_the_signal();
    let selector = PollSelector::new().unwrap();
    let (_sender, mut receiver) = mio::unix::pipe::new().unwrap();
    let worker = thread::spawn(move || {
        selector.register(&mut receiver, Token(1), Interest::READABLE).unwrap();
        for _ in 0..500_000 {
            selector.reregister(&mut receiver, Token(1), Interest::READABLE).unwrap();
        }
    });
    send_until(&worker, || worker.is_finished());
    worker.join().unwrap();
}

#[test]
fn a_signal_interrupts_a_wait_and_the_next_wait_goes_on() {
    ignore_the_signal();
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
    send_until(&waiter, || is_interrupted.try_recv().is_ok() || waiter.is_finished());
    unparker.unpark();
    waiter.join().unwrap();
}
