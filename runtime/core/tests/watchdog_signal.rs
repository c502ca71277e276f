//! The signal by which a thread is asked for its stack does nothing else, and leaves nothing behind.
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
// Under ThreadSanitizer signals wait for the next call into its library.
#![cfg(not(tsan))]
#![allow(unsafe_code)]

use std::mem;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use runtime::reactor::{MioSelector, PollSelector, Selector};
use runtime::watchdog::BlockedReport;
use runtime::{Builder, Runtime};

const THRESHOLD: Duration = Duration::from_millis(20);

fn watched(signal: i32) -> (Runtime, Receiver<BlockedReport>) {
    let (send, reports) = channel();
    let tell = move |report: &BlockedReport| drop(send.send(report.clone()));
    let builder = Builder::new().watchdog(THRESHOLD).watchdog_signal(signal).on_blocked(tell);
    (builder.build().unwrap(), reports)
}

/// What the signal does at the moment.
fn disposition(signal: i32) -> usize {
    // SAFETY: for a plain structure of integers and optional pointers zeros are values; it is only written.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        assert_eq!(libc::sigaction(signal, null(), &mut action), 0);
        action.sa_sigaction
    }
}

fn handle(signal: i32, handler: usize) {
    exchange(signal, handler, 0);
}

/// Sets a handler, and returns what was there before.
fn exchange(signal: i32, handler: usize, flags: i32) -> libc::sigaction {
    // SAFETY: as above; the handlers of this file do nothing but count, and pass on.
    unsafe {
        let (mut action, mut before): (libc::sigaction, libc::sigaction) = mem::zeroed();
        action.sa_sigaction = handler;
        action.sa_flags = flags;
        assert_eq!(libc::sigaction(signal, &action, &mut before), 0);
        before
    }
}

/// Blocks the signal on this thread, or lets it through.
fn mask(how: i32, signal: i32) {
    // SAFETY: the set is made before it is used, and a thread may block what it likes.
    unsafe {
        let mut set: libc::sigset_t = mem::zeroed();
        libc::sigemptyset(&mut set);
        libc::sigaddset(&mut set, signal);
        assert_eq!(libc::pthread_sigmask(how, &set, null_mut()), 0);
    }
}

fn wait_for(signal: i32, expected: usize) {
    while disposition(signal) != expected {
        thread::yield_now();
    }
}

static COUNT: AtomicUsize = AtomicUsize::new(0);

extern "C" fn count(_: i32) {
    COUNT.fetch_add(1, Ordering::SeqCst);
}

#[test]
fn what_handled_the_signal_before_handles_it_again() {
    let signal = libc::SIGRTMIN() + 1;
    let handler = count as *const () as usize;
    handle(signal, handler);
    let (rt, reports) = watched(signal);
    let report = rt.block_on(async { reports.recv().unwrap() });
    assert_eq!(report.stack().reason(), None);
    drop(rt);
    wait_for(signal, handler);
    assert_eq!(COUNT.load(Ordering::SeqCst), 0, "the question went to nobody else");
    // SAFETY: the signal has a handler.
    assert_eq!(unsafe { libc::raise(signal) }, 0);
    assert_eq!(COUNT.load(Ordering::SeqCst), 1);
}

#[test]
fn the_usual_signal_is_left_as_it_was() {
    let (rt, reports) = watched(libc::SIGURG);
    let report = rt.block_on(async { reports.recv().unwrap() });
    assert!(!report.stack().frames().is_empty());
    drop(rt);
    wait_for(libc::SIGURG, libc::SIG_DFL);
}

#[test]
fn a_signal_that_is_ignored_is_ignored_again() {
    let signal = libc::SIGRTMIN() + 2;
    handle(signal, libc::SIG_IGN);
    let (rt, reports) = watched(signal);
    let report = rt.block_on(async { reports.recv().unwrap() });
    assert_eq!(report.stack().reason(), None);
    drop(rt);
    wait_for(signal, libc::SIG_IGN);
}

#[test]
fn a_thread_that_blocks_the_signal_gives_no_stack_and_lives_to_receive_it() {
    // Where nobody handles it, it ends the process.
    let signal = libc::SIGRTMIN() + 3;
    assert_eq!(disposition(signal), libc::SIG_DFL);
    mask(libc::SIG_BLOCK, signal);
    let (rt, reports) = watched(signal);
    let report = rt.block_on(async { reports.recv().unwrap() });
    let reason = report.stack().reason().unwrap();
    assert!(reason.contains("did not answer"), "{reason}");
    assert!(report.stack().frames().is_empty());
    mask(libc::SIG_UNBLOCK, signal);
    // The next question is answered, and all is as before.
    rt.block_on(async { while reports.recv().unwrap().stack().frames().is_empty() {} });
    drop(rt);
    wait_for(signal, libc::SIG_DFL);
}

/// What the handler of this test stands in for.
static BELOW: AtomicUsize = AtomicUsize::new(0);
static DEPTH: AtomicUsize = AtomicUsize::new(0);

/// A handler that passes on to what was there before, as those of well-behaved libraries do.
extern "C" fn pass_on(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    assert!(DEPTH.fetch_add(1, Ordering::SeqCst) < 10, "it goes round in circles");
    let below = BELOW.load(Ordering::SeqCst);
    if below != libc::SIG_DFL {
        // SAFETY: it was installed as a handler of three arguments, and gets what the system gave us.
        unsafe {
            let function: extern "C" fn(i32, *mut libc::siginfo_t, *mut libc::c_void) =
                mem::transmute(below as *const ());
            function(signal, info, context);
        }
    }
}

#[test]
fn a_handler_installed_over_the_watchdogs_stays_in_front() {
    let signal = libc::SIGRTMIN() + 5;
    mask(libc::SIG_BLOCK, signal);
    let (rt, reports) = watched(signal);
    // The question waits for this thread, and the handler with it.
    rt.block_on(async { reports.recv().unwrap() });
    BELOW.store(disposition(signal), Ordering::SeqCst);
    let below = exchange(signal, pass_on as *const () as usize, libc::SA_SIGINFO);
    mask(libc::SIG_UNBLOCK, signal);
    rt.block_on(async {
        while !reports.recv().unwrap().stack().reason().unwrap_or("").contains("installed over") {}
    });
    DEPTH.store(0, Ordering::SeqCst);
    // SAFETY: the signal has a handler.
    assert_eq!(unsafe { libc::raise(signal) }, 0);
    assert_eq!(DEPTH.load(Ordering::SeqCst), 1);
    // Once it is gone, there are stacks again.
    // SAFETY: it is what was there before.
    assert_eq!(unsafe { libc::sigaction(signal, &below, null_mut()) }, 0);
    rt.block_on(async { while reports.recv().unwrap().stack().frames().is_empty() {} });
    drop(rt);
    wait_for(signal, libc::SIG_DFL);
}

fn a_loop_that_waits_on_the_blocked_thread_goes_on_waiting(selector: impl Selector + 'static) {
    let inner =
        Builder::new().watchdog(Duration::ZERO).selector(selector).spin(None).build().unwrap();
    let (rt, reports) = watched(libc::SIGRTMIN() + 4);
    let handle = inner.handle().clone();
    let (send, count) = channel();
    let reporter = thread::spawn(move || {
        let report = reports.recv().unwrap();
        // The reactor's call has been interrupted by now. What comes afterwards still arrives.
        let count = report.count();
        handle.call_soon(move || send.send(count).unwrap()).unwrap();
        report
    });
    rt.block_on(async {
        while count.try_recv().is_err() {
            inner.turn(None).unwrap();
        }
    });
    assert_eq!(reporter.join().unwrap().stack().reason(), None);
}

#[test]
fn a_loop_that_waits_by_epoll_on_the_blocked_thread_goes_on_waiting() {
    a_loop_that_waits_on_the_blocked_thread_goes_on_waiting(MioSelector::new().unwrap());
}

#[test]
fn a_loop_that_waits_by_poll_on_the_blocked_thread_goes_on_waiting() {
    a_loop_that_waits_on_the_blocked_thread_goes_on_waiting(PollSelector::new().unwrap());
}

#[test]
#[should_panic(expected = "cannot serve a watchdog")]
fn a_signal_of_failures_is_refused() {
    let _ = Builder::new().watchdog_signal(libc::SIGSEGV);
}

#[test]
#[should_panic(expected = "cannot serve a watchdog")]
fn a_number_that_is_no_signal_is_refused() {
    let _ = Builder::new().watchdog_signal(0);
}
