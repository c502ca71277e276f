//! The strategy that is taken if nobody chooses.

use std::io;

use super::{ChildWatcher, Watched};

#[cfg_attr(any(target_os = "linux", target_os = "android"), path = "order_linux.rs")]
#[cfg_attr(all(unix, not(any(target_os = "linux", target_os = "android"))), path = "order_unix.rs")]
#[cfg_attr(not(unix), path = "order_other.rs")]
mod order;

/// Watches each child by the best strategy that the system allows: [`Pidfd`](super::Pidfd) (on Linux),
/// [`Signal`](super::Signal) (on Unix), [`Thread`](super::Thread), [`Polling`](super::Polling), in that
/// order.
///
/// Any other strategy that cannot watch a child leaves it to this one.
#[derive(Clone, Copy, Debug, Default)]
pub struct DefaultWatcher(());

impl DefaultWatcher {
    /// The strategy. It has nothing to set.
    pub const fn new() -> DefaultWatcher {
        DefaultWatcher(())
    }
}

impl ChildWatcher for DefaultWatcher {
    fn watch(&self, child: &Watched) -> io::Result<()> {
        let mut result = Ok(());
        for strategy in order::ORDER {
            result = strategy.watch(child);
            if result.is_ok() {
                break;
            }
        }
        result
    }
}
