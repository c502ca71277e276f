//! What the system knows of this process: CPU time, resident memory, its core, its limits.
#![allow(unsafe_code)]

use std::time::Duration;

/// CPU time of all threads of this process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cpu {
    pub(crate) user: Duration,
    pub(crate) system: Duration,
}

impl Cpu {
    /// Reads getrusage(2).
    pub(crate) fn now() -> Self {
        // SAFETY: rusage is plain numbers, and the call fills it.
        let usage = unsafe {
            let mut usage = std::mem::zeroed::<libc::rusage>();
            libc::getrusage(libc::RUSAGE_SELF, &mut usage);
            usage
        };
        Self { user: duration(usage.ru_utime), system: duration(usage.ru_stime) }
    }

    /// What was used since an earlier reading.
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self { user: self.user - earlier.user, system: self.system - earlier.system }
    }

    pub(crate) fn total(self) -> Duration {
        self.user + self.system
    }
}

fn duration(time: libc::timeval) -> Duration {
    Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1000)
}

/// Ties this process, and the threads it starts from now on, to one core; does nothing where that core is
/// absent.
pub(crate) fn pin_to_core(core: usize) {
    // SAFETY: the set is plain bits on this frame; a core that is absent makes the call fail without effect.
    unsafe {
        let mut set = std::mem::zeroed::<libc::cpu_set_t>();
        libc::CPU_SET(core, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set);
    }
}

/// Resident bytes of this process, read without an allocation.
pub(crate) fn resident() -> u64 {
    let mut text = [0_u8; 128];
    // SAFETY: the path ends in a zero byte, and the buffer is as long as it says.
    let length = unsafe {
        let file = libc::open(c"/proc/self/statm".as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC);
        let length = libc::read(file, text.as_mut_ptr().cast(), text.len());
        libc::close(file);
        usize::try_from(length).expect("/proc is mounted")
    };
    let pages =
        text[..length].split(|byte| *byte == b' ').nth(1).expect("statm has a second field");
    let pages = pages.iter().fold(0, |pages, digit| pages * 10 + u64::from(digit - b'0'));
    // SAFETY: no arguments to get wrong.
    pages * unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as u64
}

/// Raises the limit of open files to what the system allows.
pub(crate) fn raise_file_limit() {
    // SAFETY: the limit is plain numbers on this frame.
    unsafe {
        let mut limit = std::mem::zeroed::<libc::rlimit>();
        if libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) == 0 {
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
        }
    }
}

/// Sends `SIGUSR1` to this process.
pub(crate) fn send_signal() {
    // SAFETY: no arguments to get wrong.
    unsafe { libc::kill(libc::getpid(), libc::SIGUSR1) };
}

/// Has the system kill this process when the one that started it ends: a spinning or hung orphan would spoil
/// whatever is measured next.
pub(crate) fn die_with_parent() {
    // SAFETY: plain numbers.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
}
