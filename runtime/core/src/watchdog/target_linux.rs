//! The thread of a loop, as the watchdog finds it in the system.

use std::fs;
use std::sync::Arc;
use std::thread;

use rustix::thread::{Pid, gettid};

/// The signal by which a thread is asked for its stack, unless the builder says otherwise. Whoever does not
/// handle it ignores it, so it does no harm if it comes too late.
pub(super) const SIGNAL: i32 = libc::SIGURG;

/// See the module's documentation.
#[derive(Debug, Clone)]
pub(super) struct Target {
    thread: Pid,
    name: Option<Arc<str>>,
    signal: i32,
}

impl Target {
    /// The thread that calls; it is asked for its stack by this signal.
    pub(super) fn here(signal: i32) -> Target {
        Target { thread: gettid(), name: thread::current().name().map(Arc::from), signal }
    }

    pub(super) fn name(&self) -> Option<Arc<str>> {
        self.name.clone()
    }

    /// The number of the thread.
    #[cfg_attr(not(feature = "watchdog"), allow(dead_code))]
    pub(super) fn thread(&self) -> Pid {
        self.thread
    }

    /// By which signal it is asked for its stack.
    #[cfg_attr(not(feature = "watchdog"), allow(dead_code))]
    pub(super) fn signal(&self) -> i32 {
        self.signal
    }

    /// Whether a debugger, or a signal, has stopped the thread.
    pub(super) fn is_stopped(&self) -> bool {
        let path = format!("/proc/self/task/{}/stat", self.thread.as_raw_nonzero());
        // Without /proc one cannot tell.
        fs::read_to_string(path).is_ok_and(|stat| is_stopped(&stat))
    }
}

/// Whether `stat` of proc_pid_stat(5) tells of a thread that is stopped: the state is behind the name, which
/// may contain anything.
fn is_stopped(stat: &str) -> bool {
    let state = stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next());
    matches!(state, Some('t' | 'T'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_found_behind_whatever_name() {
        assert!(is_stopped("12 (name) t 1 2"));
        assert!(is_stopped("12 (a) R b) T 1 2"));
        assert!(!is_stopped("12 (a) T ) R 1 2"));
        assert!(!is_stopped(""));
    }

    #[test]
    fn a_thread_that_runs_is_not_stopped() {
        assert!(!Target::here(0).is_stopped());
    }
}
