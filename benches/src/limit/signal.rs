//! Signals by signalfd(2), which has no handler, and epoll(7).
#![allow(unsafe_code)]

use std::{
    mem,
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
    ptr,
};

/// Waits for `SIGUSR1`.
pub(crate) struct Wait {
    signals: OwnedFd,
    epoll: OwnedFd,
}

impl Wait {
    pub(crate) fn new() -> Self {
        // SAFETY: the set is filled before it is read, both descriptors are new, and nobody else has them.
        unsafe {
            let mut set = mem::zeroed::<libc::sigset_t>();
            libc::sigemptyset(&mut set);
            libc::sigaddset(&mut set, libc::SIGUSR1);
            libc::pthread_sigmask(libc::SIG_BLOCK, &set, ptr::null_mut());
            let signals = libc::signalfd(-1, &set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK);
            let epoll = libc::epoll_create1(libc::EPOLL_CLOEXEC);
            assert!(signals >= 0 && epoll >= 0, "there are descriptors");
            let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: 0 };
            libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, signals, &mut event);
            Self { signals: OwnedFd::from_raw_fd(signals), epoll: OwnedFd::from_raw_fd(epoll) }
        }
    }

    /// Waits for the next signal.
    pub(crate) fn next(&mut self) {
        let mut event = libc::epoll_event { events: 0, u64: 0 };
        // SAFETY: the buffers are on this frame, and as long as the calls are told.
        unsafe {
            let mut info = mem::zeroed::<libc::signalfd_siginfo>();
            libc::epoll_wait(self.epoll.as_raw_fd(), &mut event, 1, -1);
            let size = size_of_val(&info);
            let count = libc::read(self.signals.as_raw_fd(), ptr::from_mut(&mut info).cast(), size);
            assert_eq!(count, size as isize, "a signal has come");
        }
    }
}
