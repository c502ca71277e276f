//! Which signal the watchdog uses.

use crate::builder::Builder;

/// Signals that cannot be handled, or that tell of failures in the very code that they interrupt.
const UNFIT: [i32; 8] = [
    libc::SIGKILL,
    libc::SIGSTOP,
    libc::SIGABRT,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGILL,
    libc::SIGSEGV,
    libc::SIGTRAP,
];

impl Builder {
    /// The signal by which the [watchdog](Builder::watchdog) asks the loop's thread for its stack; the
    /// default is `SIGURG`. Linux only; without the feature `watchdog` there are no stacks, and no signals.
    ///
    /// It is sent only when there is something to report, to the one thread that blocks. While it is under
    /// way, for some tens of microseconds, it has a handler; then what it did before is restored. Signals of
    /// that number that others send meanwhile go to the handler that was there before.
    ///
    /// The default is a signal that is ignored where nobody handles it, and hardly ever handled: choose
    /// another one, such as a realtime signal, if the program does handle it, or blocks it. A thread that
    /// blocks the signal gives no stack.
    ///
    /// System calls that the signal interrupts begin anew, as after any handler that is installed with
    /// `SA_RESTART`. Those that never do, see signal(7), fail with `EINTR`: nanosleep(2), poll(2),
    /// epoll_wait(2), and reads of sockets that have a time limit. The standard library, and the loops of
    /// this crate, then go on waiting; other code that blocks a loop in such a call may see the error, as
    /// with any other signal.
    ///
    /// # Panics
    ///
    /// If there is no such signal, or it is one that cannot be handled or tells of a failure, such as
    /// `SIGSEGV`.
    #[track_caller]
    pub fn watchdog_signal(mut self, signal: i32) -> Builder {
        let exists = (1..=libc::SIGRTMAX()).contains(&signal);
        assert!(exists && !UNFIT.contains(&signal), "signal {signal} cannot serve a watchdog");
        self.watchdog.signal = signal;
        self
    }
}
