//! What shows a foreign loop that a selector has something to tell, on Unix.

use std::fmt;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

/// A file descriptor that becomes readable when a [`Selector`](super::Selector) has something to
/// report.
///
/// An epoll instance is one, and so is a kqueue. A loop of another kind may watch it together with
/// its own descriptors, and run this loop when it is readable. Nothing is ever read from it, nor is
/// anything else to be done to it.
///
/// Elsewhere than on Unix there are no such descriptors, and no values of this type.
#[derive(Clone)]
pub struct Descriptor(Arc<dyn AsFd + Send + Sync>);

impl Descriptor {
    /// Wraps the descriptor of a selector, which stays open as long as there are clones of this.
    pub fn new(descriptor: Arc<dyn AsFd + Send + Sync>) -> Descriptor {
        Descriptor(descriptor)
    }
}

impl AsFd for Descriptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl fmt::Debug for Descriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Descriptor").field(&self.as_fd()).finish()
    }
}
