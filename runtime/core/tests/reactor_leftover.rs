//! A registration that a duplicate of the descriptor kept alive is no obstacle.

#![cfg(target_os = "linux")]

use std::io::Write;
use std::os::fd::{AsFd, AsRawFd};

use mio::net::UnixStream;
use runtime_core::reactor::{AsyncFd, Interest, Registered};

mod support;

use support::selectors::{self, run};

/// Descriptors from here on are nobody else's.
const FREE: i32 = 500;

// Alone in its process, because it reuses the number of a descriptor.
#[test]
fn a_registration_that_a_duplicate_kept_alive_is_taken_over() {
    selectors::on(selectors::MIO, take_over);
    selectors::on(selectors::POLL, take_over);
}

fn take_over() {
    run(async {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let moved = rustix::io::fcntl_dupfd_cloexec(&ours, FREE).unwrap();
        let number = moved.as_raw_fd();
        let moved = UnixStream::from_std(moved.into());
        let duplicate = moved.as_fd().try_clone_to_owned().unwrap();

        // Closes the number but not the file: the system still knows the pair of both.
        drop(Registered::closing(moved, Interest::READABLE).unwrap());
        let again = rustix::io::fcntl_dupfd_cloexec(&duplicate, number).unwrap();
        assert_eq!(again.as_raw_fd(), number);

        let again = AsyncFd::new(again).unwrap();
        theirs.write_all(b"x").unwrap();
        let _ = again.readable().await.unwrap();
    });
}
