//! The descriptor of mio's selector, where it is one of epoll or kqueue.

use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use super::Descriptor;
use super::mio_selector::Remote;

/// Returns the epoll instance or the kqueue.
pub(super) fn descriptor(remote: &Arc<Remote>) -> Option<Descriptor> {
    Some(Descriptor::new(remote.clone()))
}

impl AsFd for Remote {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.registry.as_fd()
    }
}
