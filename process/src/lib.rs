//! Child processes for the `runtime` event loop.

#![allow(dead_code, reason = "the commands that spawn children come next")]

mod sys;
pub mod watcher;

pub use self::watcher::ChildWatcher;
