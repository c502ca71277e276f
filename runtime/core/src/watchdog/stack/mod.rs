//! The stack of the thread that a loop runs on, read by another thread.

#[cfg_attr(
    all(
        feature = "watchdog",
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    ),
    path = "linux/mod.rs"
)]
#[cfg_attr(
    not(all(
        feature = "watchdog",
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    )),
    path = "other.rs"
)]
mod sampler;

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

pub(super) use self::sampler::Sampler;

/// Why there is no stack of a poll that has just ended.
const OVER: &str = "the poll was over before its stack could be read";

/// What the loop's thread was doing: the functions that it was in, the innermost first, as far as the poll of
/// the task.
///
/// Displayed it is a line a function, and one for its place in the source. In a stack of very many functions,
/// as of a deep recursion, one frame stands for those that are left out, and its function says how many.
#[derive(Debug, Clone)]
pub struct Stack(Result<Vec<Frame>, Cow<'static, str>>);

impl Stack {
    pub(super) fn missing(reason: impl Into<Cow<'static, str>>) -> Stack {
        Stack(Err(reason.into()))
    }

    /// The functions, the innermost first; none if the stack could not be read.
    pub fn frames(&self) -> &[Frame] {
        self.0.as_deref().unwrap_or(&[])
    }

    /// Why there is no stack, if there is none.
    pub fn reason(&self) -> Option<&str> {
        self.0.as_ref().err().map(|reason| &**reason)
    }
}

impl fmt::Display for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Err(reason) => write!(f, "  no stack: {reason}"),
            Ok(frames) => {
                for (number, frame) in frames.iter().enumerate() {
                    let line = if number == 0 { "" } else { "\n" };
                    write!(f, "{line}{number:>4}: {frame}")?;
                }
                Ok(())
            }
        }
    }
}

/// One function of a [`Stack`].
#[derive(Debug, Clone)]
pub struct Frame {
    function: Option<String>,
    file: Option<PathBuf>,
    line: Option<u32>,
    address: usize,
}

impl Frame {
    /// The name of the function, if the program has symbols.
    pub fn function(&self) -> Option<&str> {
        self.function.as_deref()
    }

    /// The file of its source, if the program has debug information.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The line in the file, if the program has debug information.
    pub fn line(&self) -> Option<u32> {
        self.line
    }

    /// The address of the instruction that is to be executed next in this function.
    pub fn address(&self) -> usize {
        self.address
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.function {
            Some(function) => f.write_str(function)?,
            None => write!(f, "{:#x}", self.address)?,
        }
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, "\n          at {}:{line}", file.display()),
            (Some(file), None) => write!(f, "\n          at {}", file.display()),
            (None, _) => Ok(()),
        }
    }
}
