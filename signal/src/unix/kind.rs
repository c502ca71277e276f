//! Which signal.

use std::fmt;
use std::io;

use libc::c_int;

use super::action::LIMIT;

/// A kind of signal.
///
/// There are names for the signals that programs usually listen to, [`real_time`](SignalKind::real_time) for
/// those that have no meaning but what programs give them, and [`from_raw`](SignalKind::from_raw) for all
/// others. Any number makes a `SignalKind`; whether it can be listened to is found by
/// [`signal`](super::signal()) and [`on`](super::on()).
///
/// # Examples
///
/// ```
/// use runtime::signal::SignalKind;
///
/// assert_eq!(SignalKind::terminate(), SignalKind::from_raw(15));
/// assert_eq!(SignalKind::terminate().to_string(), "SIGTERM");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignalKind(c_int);

impl SignalKind {
    /// A signal by its number.
    pub const fn from_raw(number: c_int) -> SignalKind {
        SignalKind(number)
    }

    /// The number of the signal.
    pub const fn as_raw_value(self) -> c_int {
        self.0
    }

    /// `SIGALRM`: a timer of alarm(2) has expired.
    pub const fn alarm() -> SignalKind {
        SignalKind(libc::SIGALRM)
    }

    /// `SIGCHLD`: a child process has ended, stopped or continued.
    pub const fn child() -> SignalKind {
        SignalKind(libc::SIGCHLD)
    }

    /// `SIGCONT`: the process continues after it was stopped, which it does in any case.
    pub const fn continued() -> SignalKind {
        SignalKind(libc::SIGCONT)
    }

    /// `SIGHUP`: the terminal is gone; for daemons by custom a request to read their configuration anew.
    pub const fn hangup() -> SignalKind {
        SignalKind(libc::SIGHUP)
    }

    /// `SIGINT`: Ctrl-C on the terminal.
    pub const fn interrupt() -> SignalKind {
        SignalKind(libc::SIGINT)
    }

    /// `SIGIO`: a descriptor that was asked to tell so is ready.
    pub const fn io() -> SignalKind {
        SignalKind(libc::SIGIO)
    }

    /// `SIGPIPE`: a write to a pipe or socket that nobody reads. Rust programs ignore it from their start.
    pub const fn pipe() -> SignalKind {
        SignalKind(libc::SIGPIPE)
    }

    /// `SIGQUIT`: Ctrl-\ on the terminal.
    pub const fn quit() -> SignalKind {
        SignalKind(libc::SIGQUIT)
    }

    /// `SIGTSTP`: Ctrl-Z on the terminal.
    pub const fn terminal_stop() -> SignalKind {
        SignalKind(libc::SIGTSTP)
    }

    /// `SIGTERM`: a request to end, which is what kill(1) sends.
    pub const fn terminate() -> SignalKind {
        SignalKind(libc::SIGTERM)
    }

    /// `SIGUSR1`, for whatever the program likes.
    pub const fn user_defined1() -> SignalKind {
        SignalKind(libc::SIGUSR1)
    }

    /// `SIGUSR2`, for whatever the program likes.
    pub const fn user_defined2() -> SignalKind {
        SignalKind(libc::SIGUSR2)
    }

    /// `SIGWINCH`: the window of the terminal has another size.
    pub const fn window_change() -> SignalKind {
        SignalKind(libc::SIGWINCH)
    }

    /// Whether each signal of this kind is delivered, however many wait.
    pub(super) fn is_queued(self) -> bool {
        real_time::is_queued(self.0)
    }

    /// Fails for what cannot be listened to.
    pub(super) fn check(self) -> io::Result<()> {
        let refuse = |why: &str| {
            Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("cannot listen to {self}: {why}"),
            ))
        };
        match self.0 {
            libc::SIGKILL | libc::SIGSTOP => refuse("the system lets no process handle it"),
            libc::SIGSEGV
            | libc::SIGBUS
            | libc::SIGILL
            | libc::SIGFPE
            | libc::SIGTRAP
            | libc::SIGSYS => {
                refuse("it is a fault, and the instruction that made it cannot be returned to")
            }
            number if number <= 0 => refuse("signals have positive numbers"),
            number if usize::try_from(number).map_or(true, |number| number >= LIMIT) => {
                refuse("there is no signal with this number")
            }
            number if real_time::is_reserved(number) => refuse("the C library keeps it for itself"),
            _ => Ok(()),
        }
    }
}

#[cfg(any(
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "dragonfly",
    target_os = "netbsd",
    target_os = "openbsd",
))]
#[path = "info_bsd.rs"]
mod info;

#[cfg_attr(any(target_os = "linux", target_os = "android"), path = "real_time_linux.rs")]
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "real_time_other.rs")]
mod real_time;

impl From<c_int> for SignalKind {
    fn from(number: c_int) -> SignalKind {
        SignalKind::from_raw(number)
    }
}

impl From<SignalKind> for c_int {
    fn from(kind: SignalKind) -> c_int {
        kind.as_raw_value()
    }
}

impl fmt::Display for SignalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.0 {
            libc::SIGABRT => "SIGABRT",
            libc::SIGALRM => "SIGALRM",
            libc::SIGBUS => "SIGBUS",
            libc::SIGCHLD => "SIGCHLD",
            libc::SIGCONT => "SIGCONT",
            libc::SIGFPE => "SIGFPE",
            libc::SIGHUP => "SIGHUP",
            libc::SIGILL => "SIGILL",
            libc::SIGINT => "SIGINT",
            libc::SIGIO => "SIGIO",
            libc::SIGKILL => "SIGKILL",
            libc::SIGPIPE => "SIGPIPE",
            libc::SIGPROF => "SIGPROF",
            libc::SIGQUIT => "SIGQUIT",
            libc::SIGSEGV => "SIGSEGV",
            libc::SIGSTOP => "SIGSTOP",
            libc::SIGSYS => "SIGSYS",
            libc::SIGTERM => "SIGTERM",
            libc::SIGTRAP => "SIGTRAP",
            libc::SIGTSTP => "SIGTSTP",
            libc::SIGTTIN => "SIGTTIN",
            libc::SIGTTOU => "SIGTTOU",
            libc::SIGURG => "SIGURG",
            libc::SIGUSR1 => "SIGUSR1",
            libc::SIGUSR2 => "SIGUSR2",
            libc::SIGVTALRM => "SIGVTALRM",
            libc::SIGWINCH => "SIGWINCH",
            libc::SIGXCPU => "SIGXCPU",
            libc::SIGXFSZ => "SIGXFSZ",
            number => return write!(f, "signal {number}"),
        };
        f.write_str(name)
    }
}

impl fmt::Debug for SignalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignalKind({self})")
    }
}
