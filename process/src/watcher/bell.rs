//! What the thread that takes care of orphans sleeps by, on Linux: their pidfds, and a bell.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::io::{Errno, write};

use super::Watched;
use crate::sys::PidFd;

/// Rung when the thread has something to do. One that is rung before it is waited for is not missed.
pub(super) struct Bell(Mutex<State>);

struct State {
    is_rung: bool,
    /// What wakes the thread, as long as it sleeps.
    wake: Option<Arc<OwnedFd>>,
}

impl Bell {
    pub(super) const fn new() -> Bell {
        Bell(Mutex::new(State { is_rung: false, wake: None }))
    }

    pub(super) fn ring(&self) {
        let mut state = self.0.lock();
        state.is_rung = true;
        if let Some(wake) = &state.wake {
            // It cannot overflow: nobody else writes, and not that often.
            let _ = write(wake, &1_u64.to_ne_bytes());
        }
    }

    /// Sleeps until the bell is rung or a child has ended, and tells whether one has.
    ///
    /// For no longer than a pause if a child has no descriptor that tells, or there is none for the bell; and
    /// if the last sleep has been `in_vain`: the system said that a child had ended, and would not have it
    /// reaped, as happens while a debugger holds it.
    pub(super) fn wait(&self, children: &[Watched], pause: Duration, in_vain: bool) -> bool {
        let Some(wake) = self.begin() else { return false };
        let pidfds: Vec<PidFd> = match in_vain {
            true => Vec::new(),
            false => children.iter().filter_map(|child| child.pidfd().ok()).collect(),
        };
        let mut fds: Vec<PollFd<'_>> = pidfds
            .iter()
            .map(AsFd::as_fd)
            .chain(wake.iter().map(AsFd::as_fd))
            .map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN))
            .collect();
        let all_tell = pidfds.len() == children.len() && wake.is_some();
        let timeout = if all_tell { None } else { Timespec::try_from(pause).ok() };
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            // Memory is short, or the limit of descriptors has been lowered below their number.
            Err(_) => thread::sleep(pause),
        }
        let has_ended = fds.iter().take(pidfds.len()).any(|fd| !fd.revents().is_empty());
        self.end();
        has_ended
    }

    /// None if it has been rung already.
    fn begin(&self) -> Option<Option<Arc<OwnedFd>>> {
        let mut state = self.0.lock();
        if std::mem::take(&mut state.is_rung) {
            return None;
        }
        let flags = EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK;
        state.wake = eventfd(0, flags).ok().map(Arc::new);
        Some(state.wake.clone())
    }

    fn end(&self) {
        let mut state = self.0.lock();
        state.is_rung = false;
        state.wake = None;
    }
}
