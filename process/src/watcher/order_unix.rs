//! The order in which strategies are tried on Unix, but for Linux.

use crate::watcher::{ChildWatcher, Polling, Signal, Thread};

pub(super) const ORDER: [&dyn ChildWatcher; 3] = [&Signal::new(), &Thread::new(), &Polling::new()];
