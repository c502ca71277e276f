//! Child processes for the `runtime` event loop, and the standard streams of this one.

mod child;
mod command;
mod pipe;
pub mod protocol;
mod streams;
mod sys;
pub mod watcher;

pub use self::child::{Child, ChildHandle};
pub use self::command::Command;
pub use self::pipe::{ChildStderr, ChildStdin, ChildStdout};
pub use self::streams::{BufferedStdin, Stderr, Stdin, Stdout, stderr, stdin, stdout};
pub use self::watcher::{BuilderExt, ChildWatcher, child_watcher, set_child_watcher};
