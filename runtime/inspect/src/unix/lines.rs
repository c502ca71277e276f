//! Reading lines that somebody else decides the length of.

use std::io::{self, BufRead, Read};

/// The longest request, in bytes.
pub(super) const LONGEST_LINE: usize = 64 * 1024;

/// What came over a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A line, without its end, is in the buffer.
    Whole,
    /// More than a line may have.
    TooLong,
    /// The end, perhaps in the middle of a line.
    End,
}

/// Reads a line into `line`, which keeps its memory and nothing else.
pub(super) fn read(from: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Line> {
    line.clear();
    let limit = u64::try_from(LONGEST_LINE + 1).expect("64 KiB are no problem");
    from.take(limit).read_until(b'\n', line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
        return Ok(Line::Whole);
    }
    Ok(if line.len() > LONGEST_LINE { Line::TooLong } else { Line::End })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::{LONGEST_LINE, Line, read};

    #[test]
    fn lines_end_with_a_newline_and_the_rest_is_no_line() {
        let mut input = Cursor::new(b"one\n\ntw".to_vec());
        let mut line = Vec::new();
        assert_eq!(read(&mut input, &mut line).unwrap(), Line::Whole);
        assert_eq!(line, b"one");
        assert_eq!(read(&mut input, &mut line).unwrap(), Line::Whole);
        assert_eq!(line, b"");
        assert_eq!(read(&mut input, &mut line).unwrap(), Line::End);
    }

    #[test]
    fn a_line_may_be_as_long_as_the_limit_and_no_longer() {
        let mut line = Vec::new();
        let mut longest = vec![b'x'; LONGEST_LINE];
        longest.push(b'\n');
        assert_eq!(read(&mut Cursor::new(longest), &mut line).unwrap(), Line::Whole);
        let mut longer = vec![b'x'; LONGEST_LINE + 1];
        longer.push(b'\n');
        assert_eq!(read(&mut Cursor::new(longer), &mut line).unwrap(), Line::TooLong);
    }
}
