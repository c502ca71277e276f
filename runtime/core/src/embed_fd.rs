//! The descriptor by which a foreign loop learns that this one has something to do.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use crate::runtime::Runtime;

const NO_DESCRIPTOR: &str = "the selector of this runtime has no descriptor that a foreign loop could watch; build the runtime \
     with the default selector";

/// The descriptor becomes readable when I/O is ready, or another thread has sent something, and stays so
/// until the next [`turn`](Runtime::turn); see [`next_timeout`](Runtime::next_timeout) for the order of
/// things. On Linux it is an epoll instance, on the BSDs and macOS a kqueue.
///
/// # Panics
///
/// If the loop has a selector that has no descriptor, as [`PollSelector`](crate::reactor::PollSelector).
///
/// # Examples
///
/// ```
/// use std::os::fd::AsFd;
/// use std::time::Duration;
///
/// use rustix::event::{PollFd, PollFlags, poll};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let rt = runtime::Runtime::new()?;
/// let handle = rt.handle().clone();
/// assert_eq!(rt.next_timeout(), None);
/// let task = std::thread::spawn(move || handle.spawn(async { 6 * 7 })).join().unwrap();
/// poll(&mut [PollFd::new(&rt.as_fd(), PollFlags::IN)], None)?;
/// rt.turn(Some(Duration::ZERO))?;
/// assert!(task.is_finished());
/// # Ok(())
/// # }
/// ```
impl AsFd for Runtime {
    #[track_caller]
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.local().reactor.descriptor().expect(NO_DESCRIPTOR)
    }
}

/// The number of the descriptor that [`AsFd`] gives.
///
/// # Panics
///
/// As for [`AsFd`].
impl AsRawFd for Runtime {
    #[track_caller]
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}
