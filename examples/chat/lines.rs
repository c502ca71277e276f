//! Lines of text, no longer than decency allows.

use std::io;

use futures::io::BufReader;
use futures::{AsyncBufReadExt, AsyncRead, AsyncReadExt};

/// The longest line, in bytes.
const LIMIT: u64 = 4096;

/// Reads lines from a stream of bytes.
pub(crate) struct Lines<R> {
    reader: BufReader<R>,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(crate) fn new(reader: R) -> Lines<R> {
        Lines { reader: BufReader::new(reader) }
    }

    /// Reads the next line, without its end; `None` at the end of the stream.
    ///
    /// # Errors
    ///
    /// The connection fails, or the line is too long.
    ///
    /// # Cancel safety
    ///
    /// None: the part of a line that was read is lost when the future is dropped.
    pub(crate) async fn next(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let count = (&mut self.reader).take(LIMIT).read_until(b'\n', &mut line).await?;
        if count == 0 {
            return Ok(None);
        }
        if count as u64 == LIMIT && line.last() != Some(&b'\n') {
            let why = format!("a line of more than {LIMIT} bytes");
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        let text = String::from_utf8_lossy(&line);
        // What a terminal would obey is not for others to send.
        Ok(Some(text.chars().filter(|character| !character.is_control()).collect()))
    }
}
