//! What tests ask of the system, and no safe crate offers.

#![allow(unsafe_code)]

use std::mem;

use libc::{c_int, sigaction};
use runtime::signal::SignalKind;

/// Sends a signal to this process.
pub fn kill(kind: SignalKind) {
    kill_process(std::process::id(), kind);
}

/// Sends a signal to a process.
pub fn kill_process(pid: u32, kind: SignalKind) {
    let pid = libc::pid_t::try_from(pid).expect("a pid");
    // SAFETY: kill(2) has no preconditions.
    let result = unsafe { libc::kill(pid, kind.as_raw_value()) };
    assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
}

/// Sends a signal to this thread; it has been handled when this returns.
pub fn raise(kind: SignalKind) {
    // SAFETY: raise(3) has no preconditions.
    let result = unsafe { libc::raise(kind.as_raw_value()) };
    assert_eq!(result, 0);
}

/// Sends a signal with a value to this process.
#[cfg(target_os = "linux")]
pub fn queue(kind: SignalKind, value: usize) {
    let value = libc::sigval { sival_ptr: value as *mut libc::c_void };
    // SAFETY: sigqueue(3) has no preconditions, and passes the value on without looking at it.
    let result = unsafe { libc::sigqueue(libc::getpid(), kind.as_raw_value(), value) };
    assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
}

/// Sends a signal with a value to this thread; it has been handled when this returns.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn queue_here(kind: SignalKind, value: usize) {
    let value = libc::sigval { sival_ptr: value as *mut libc::c_void };
    // SAFETY: this thread lives, and the value is passed on without being looked at.
    let result =
        unsafe { libc::pthread_sigqueue(libc::pthread_self(), kind.as_raw_value(), value) };
    assert_eq!(result, 0, "{}", std::io::Error::from_raw_os_error(result));
}

/// What a signal does: the handler, and the flags other than that with which the C library marks what it has
/// set (`SA_RESTORER`).
pub fn disposition(kind: SignalKind) -> (usize, c_int) {
    // SAFETY: zeros are a value of this structure of integers; the system writes a whole one.
    unsafe {
        let mut action: sigaction = mem::zeroed();
        assert_eq!(libc::sigaction(kind.as_raw_value(), std::ptr::null(), &mut action), 0);
        (action.sa_sigaction, action.sa_flags & !0x0400_0000)
    }
}

/// Sets what a signal does, as foreign code would.
///
/// `handler` is `SIG_DFL`, `SIG_IGN`, or the address of a function that is what `flags` say.
pub fn set_disposition(kind: SignalKind, handler: usize, flags: c_int) {
    // SAFETY: zeros are a value of this structure; the functions that tests pass are async-signal-safe.
    unsafe {
        let mut action: sigaction = mem::zeroed();
        action.sa_sigaction = handler;
        action.sa_flags = flags;
        assert_eq!(libc::sigaction(kind.as_raw_value(), &action, std::ptr::null_mut()), 0);
    }
}

/// Forks, has the child call `f` and exit; returns how the child ended, as waitpid(2) tells it.
pub fn fork(f: impl FnOnce()) -> c_int {
    // SAFETY: what tests do in the child does not depend on threads that it lacks.
    unsafe {
        match libc::fork() {
            -1 => panic!("{}", std::io::Error::last_os_error()),
            0 => {
                let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f));
                libc::_exit(c_int::from(outcome.is_err()))
            }
            child => {
                let mut status = 0;
                assert_eq!(libc::waitpid(child, &mut status, 0), child);
                status
            }
        }
    }
}

/// Calls a handler that was saved, as foreign handlers do.
pub fn call_handler(
    handler: usize,
    number: c_int,
    info: *mut libc::siginfo_t,
    context: *mut libc::c_void,
) {
    // SAFETY: tests pass handlers that sigaction(2) has given them together with `SA_SIGINFO`.
    unsafe {
        let handler: extern "C" fn(c_int, *mut libc::siginfo_t, *mut libc::c_void) =
            mem::transmute(handler);
        handler(number, info, context);
    }
}

/// Starts a timer of the process that expires once, in a microsecond, and sends `SIGALRM`.
pub fn alarm_soon() {
    // SAFETY: zeros are a value of this structure, which is read only.
    let result = unsafe {
        let mut timer: libc::itimerval = mem::zeroed();
        timer.it_value.tv_usec = 1;
        libc::setitimer(libc::ITIMER_REAL, &timer, std::ptr::null_mut())
    };
    assert_eq!(result, 0);
}

/// Whether a signal has been sent that no thread has taken yet.
pub fn is_pending(kind: SignalKind) -> bool {
    // SAFETY: the system writes a whole set, which is read then.
    unsafe {
        let mut set: libc::sigset_t = mem::zeroed();
        assert_eq!(libc::sigpending(&mut set), 0);
        libc::sigismember(&set, kind.as_raw_value()) == 1
    }
}
