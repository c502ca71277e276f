//! Child processes for the `runtime` event loop.

mod child;
mod command;
mod pipe;
mod sys;
pub mod watcher;

pub use self::child::Child;
pub use self::command::Command;
pub use self::pipe::{ChildStderr, ChildStdin, ChildStdout};
pub use self::watcher::ChildWatcher;
