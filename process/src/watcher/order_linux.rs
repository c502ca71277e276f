//! The order in which strategies are tried on Linux.

use crate::watcher::{ChildWatcher, Pidfd, Polling, Signal, Thread};

pub(super) const ORDER: [&dyn ChildWatcher; 4] =
    [&Pidfd::new(), &Signal::new(), &Thread::new(), &Polling::new()];
