//! The order in which strategies are tried elsewhere.

use crate::watcher::{ChildWatcher, Polling, Thread};

pub(super) const ORDER: [&dyn ChildWatcher; 2] = [&Thread::new(), &Polling::new()];
