//! The standard output of this process.

use super::writing::stream_to_write;

/// Returns the standard output of this process.
///
/// Nothing happens before the first write, which finds out what the output is, and registers it with the loop
/// that is current then.
///
/// # Examples
///
/// ```
/// use futures::AsyncWriteExt;
/// use runtime::process::stdout;
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async { stdout().write_all(b"hello\n").await })
/// # }
/// ```
pub fn stdout() -> Stdout {
    Stdout { output: None }
}

stream_to_write!(Stdout, stdout);
