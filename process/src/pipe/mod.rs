//! The pipes between this process and a child.

#[cfg(unix)]
mod descriptors;
mod output;
mod stdin;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use self::unix as sys;
#[cfg(windows)]
use self::windows as sys;

pub use self::output::{ChildStderr, ChildStdout};
pub use self::stdin::ChildStdin;
pub(crate) use self::sys::Reader;
