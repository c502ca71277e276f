//! The protocol: commands are lists of texts that are preceded by their lengths, or lines of words.
//!
//! It is written out here because the parsers of complete frames go as deep as a client nests lists into
//! lists, and commands are flat.

use std::fmt;
use std::str;

/// Bytes of a command at most.
pub(crate) const LARGEST: usize = 64 << 20;
/// Words of a command at most.
const LONGEST: usize = 1 << 20;
/// Bytes of a line at most: that of a command in words, or the length of a text.
const LINE: usize = 64 << 10;

/// What a client has said that no client should.
#[derive(Debug, PartialEq)]
pub(crate) struct Malformed(&'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Protocol error: {}", self.0)
    }
}

/// The words of a command, and the bytes that it takes up.
type Parsed<'a> = (Vec<&'a [u8]>, usize);

/// Reads the first command; `None` if a part of it has not arrived yet.
pub(crate) fn parse(input: &[u8]) -> Result<Option<Parsed<'_>>, Malformed> {
    let mut rest = input;
    let Some(line) = line(&mut rest)? else { return Ok(None) };
    let Some(count) = line.strip_prefix(b"*") else {
        let words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        return Ok(Some((words.collect(), input.len() - rest.len())));
    };
    let count = number(count, LONGEST).ok_or(Malformed("invalid multibulk length"))?;
    let mut words = Vec::with_capacity(count.min(64));
    for _ in 0..count {
        let Some(line) = self::line(&mut rest)? else { return incomplete(input) };
        let length = line.strip_prefix(b"$").ok_or(Malformed("expected '$'"))?;
        let length = number(length, LARGEST).ok_or(Malformed("invalid bulk length"))?;
        if rest.len() < length + 2 {
            return incomplete(input);
        }
        let (word, end) = rest.split_at(length);
        rest = end.strip_prefix(b"\r\n").ok_or(Malformed("expected the end of a line"))?;
        words.push(word);
    }
    Ok(Some((words, input.len() - rest.len())))
}

fn incomplete(input: &[u8]) -> Result<Option<Parsed<'_>>, Malformed> {
    if input.len() > LARGEST { Err(Malformed("too big a command")) } else { Ok(None) }
}

/// Takes a line off the input, without its end.
fn line<'a>(input: &mut &'a [u8]) -> Result<Option<&'a [u8]>, Malformed> {
    let Some(length) = input.iter().take(LINE).position(|&byte| byte == b'\n') else {
        return if input.len() < LINE { Ok(None) } else { Err(Malformed("too big a line")) };
    };
    let line = &input[..length];
    *input = &input[length + 1..];
    Ok(Some(line.strip_suffix(b"\r").unwrap_or(line)))
}

fn number(digits: &[u8], most: usize) -> Option<usize> {
    let number: i64 = str::from_utf8(digits).ok()?.parse().ok()?;
    // A list may be null, which is as good as empty.
    let number = if number == -1 { 0 } else { usize::try_from(number).ok()? };
    (number <= most).then_some(number)
}

/// Replies, one after the other.
#[derive(Default)]
pub(crate) struct Replies(pub(crate) Vec<u8>);

impl Replies {
    pub(crate) fn status(&mut self, text: &str) {
        self.line('+', text);
    }

    /// An error, the first word of which is its kind.
    pub(crate) fn error(&mut self, text: impl fmt::Display) {
        // What a client has sent may be in it, and must not end the line.
        let text = text.to_string().replace(['\r', '\n'], " ");
        self.line('-', &text);
    }

    pub(crate) fn integer(&mut self, number: i64) {
        self.line(':', number);
    }

    pub(crate) fn text(&mut self, text: &[u8]) {
        self.line('$', text.len());
        self.0.extend_from_slice(text);
        self.0.extend_from_slice(b"\r\n");
    }

    pub(crate) fn null(&mut self) {
        self.line('$', -1);
    }

    pub(crate) fn text_or_null(&mut self, text: Option<&[u8]>) {
        match text {
            Some(text) => self.text(text),
            None => self.null(),
        }
    }

    /// Begins a list, to be followed by as many replies.
    pub(crate) fn list(&mut self, length: usize) {
        self.line('*', length);
    }

    fn line(&mut self, kind: char, text: impl fmt::Display) {
        use std::io::Write;
        write!(self.0, "{kind}{text}\r\n").expect("memory takes everything");
    }
}
