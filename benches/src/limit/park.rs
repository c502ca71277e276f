//! Waits in epoll for the next deadline or for another thread.

use std::sync::OnceLock;

use super::timer;

/// The epoll and the eventfd behind it; one loop a process is all that the scenarios need.
struct Poller {
    epoll: i32,
    event: i32,
}

static POLLER: OnceLock<Poller> = OnceLock::new();

fn poller() -> &'static Poller {
    POLLER.get_or_init(|| {
        // SAFETY: plain system calls on descriptors made here; `event` outlives the call.
        unsafe {
            let epoll = libc::epoll_create1(libc::EPOLL_CLOEXEC);
            let event = libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK);
            assert!(epoll >= 0 && event >= 0, "the limit needs an epoll and an eventfd");
            // Edge-triggered, so that a wake costs one write and no read.
            let mut interest =
                libc::epoll_event { events: (libc::EPOLLIN | libc::EPOLLET) as u32, u64: 0 };
            libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, event, &mut interest);
            Poller { epoll, event }
        }
    })
}

/// Blocks until the next deadline or an unpark, and fires the timers that are due.
pub(super) fn wait() {
    let poller = poller();
    let timeout = timer::remaining().map(|nanoseconds| libc::timespec {
        tv_sec: (nanoseconds / 1_000_000_000) as libc::time_t,
        tv_nsec: (nanoseconds % 1_000_000_000) as libc::c_long,
    });
    let timeout = timeout.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    let mut events = [libc::epoll_event { events: 0, u64: 0 }; 4];
    // SAFETY: the buffer has room for four events, the timeout is null or lives on this frame.
    unsafe {
        libc::syscall(
            libc::SYS_epoll_pwait2,
            poller.epoll,
            events.as_mut_ptr(),
            4,
            timeout,
            std::ptr::null::<libc::sigset_t>(),
            0,
        );
    }
    timer::fire();
}

/// Ends a `wait` of the loop's thread, from another thread.
pub(super) fn unpark() {
    let one = 1_u64;
    // SAFETY: eight bytes from a live integer.
    unsafe { libc::write(poller().event, std::ptr::from_ref(&one).cast(), 8) };
}
