//! The standard error stream of this process.

use super::writing::stream_to_write;

/// Returns the standard error stream of this process.
///
/// Nothing happens before the first write, which finds out what the stream is, and registers it with the loop
/// that is current then.
///
/// # Examples
///
/// ```
/// use futures::AsyncWriteExt;
/// use runtime::process::stderr;
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async { stderr().write_all(b"something is odd\n").await })
/// # }
/// ```
pub fn stderr() -> Stderr {
    Stderr { output: None }
}

stream_to_write!(Stderr, stderr);
