//! Reads up to a separator and of a known length, whole and cut short.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::executor::block_on;
use futures::io::{AsyncBufRead, AsyncRead, BufReader, Cursor};
use futures::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, FutureExt};
use runtime::net::io::{IncompleteReadError, LimitOverrunError, read_exact, read_until};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_read_that_was_dropped_goes_on_where_it_was,
    a_reset_within_a_message_keeps_what_came,
    a_request_head_is_read_and_the_body_left,
);

/// A reader that has its data in chunks; an empty one makes it wait once.
struct Chunks(VecDeque<Vec<u8>>);

impl Chunks {
    fn new<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Chunks {
        Chunks(chunks.into_iter().map(Vec::from).collect())
    }

    fn left(&self) -> Vec<u8> {
        self.0.iter().flatten().copied().collect()
    }
}

impl AsyncRead for Chunks {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let available = std::task::ready!(self.as_mut().poll_fill_buf(cx))?;
        let count = available.len().min(buf.len());
        buf[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Poll::Ready(Ok(count))
    }
}

impl AsyncBufRead for Chunks {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let chunks = &mut self.get_mut().0;
        if chunks.front().is_some_and(Vec::is_empty) {
            chunks.pop_front();
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Ok(chunks.front().map_or(&[], Vec::as_slice)))
    }

    fn consume(self: Pin<&mut Self>, count: usize) {
        let chunks = &mut self.get_mut().0;
        if let Some(front) = chunks.front_mut() {
            front.drain(..count);
            if front.is_empty() {
                chunks.pop_front();
            }
        }
    }
}

fn incomplete(error: io::Error) -> IncompleteReadError {
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    error.downcast().expect("an incomplete read")
}

fn overrun(error: io::Error) -> LimitOverrunError {
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    error.downcast().expect("a limit")
}

#[test]
fn a_separator_is_found_wherever_the_data_is_cut() {
    // The near misses make a search that does not go back fail.
    for (separator, message) in [
        (&b"\n"[..], &b"line\n"[..]),
        (b"\r\n", b"a\r\r\n"),
        (b"aab", b"xaaaab"),
        (b"abab", b"abaabab"),
        (b"\r\n\r\n", b"\r\n\r\r\n\r\n"),
    ] {
        let data = [message, b"rest"].concat();
        for first in 0..=message.len() {
            for second in first..=data.len() {
                let mut reader =
                    Chunks::new([&data[..first], &data[first..second], b"", &data[second..]]);
                let mut read = Vec::new();
                let length = block_on(read_until(&mut reader, separator, 100, &mut read));
                assert_eq!(length.expect("a message"), message.len(), "{first} {second}");
                assert_eq!(read, message, "{first} {second}");
                assert_eq!(reader.left(), b"rest", "nothing behind the separator is taken");
            }
        }
    }
}

#[test]
fn the_limit_counts_what_comes_before_the_separator() {
    let read = |limit| {
        let mut reader = BufReader::with_capacity(3, Cursor::new(b"12345\r\nrest"));
        let mut message = Vec::new();
        let outcome = block_on(read_until(&mut reader, b"\r\n", limit, &mut message));
        let mut left = String::new();
        block_on(reader.read_to_string(&mut left)).expect("text");
        (outcome, String::from_utf8(message).expect("text"), left)
    };
    let (outcome, message, left) = read(5);
    assert_eq!(outcome.expect("within the limit"), 7);
    assert_eq!((message.as_str(), left.as_str()), ("12345\r\n", "rest"));

    let (outcome, message, left) = read(4);
    assert_eq!(overrun(outcome.expect_err("beyond the limit")).limit(), 4);
    assert_eq!(message + &left, "12345\r\nrest", "no data is lost");

    let (outcome, ..) = read(usize::MAX);
    assert_eq!(outcome.expect("no limit"), 7);
    let (outcome, message, _) = read(0);
    assert_eq!(overrun(outcome.expect_err("beyond the limit")).limit(), 0);
    assert_eq!(message.len(), 2, "no more is taken than it needs to tell");
}

#[test]
fn after_an_overrun_a_higher_limit_goes_on() {
    let mut reader = Chunks::new([&b"0123456789\n"[..]]);
    let mut message = Vec::new();
    let error = block_on(read_until(&mut reader, b"\n", 4, &mut message)).expect_err("too long");
    assert_eq!(error.to_string(), "there is no separator within the limit of 4 bytes");
    let length = block_on(read_until(&mut reader, b"\n", 10, &mut message));
    assert_eq!(length.expect("the limit is higher"), 11);
    // What is whole already is not read again, and the limit holds for it too.
    let length = block_on(read_until(&mut reader, b"\n", 10, &mut message));
    assert_eq!(length.expect("it is there"), 11);
    overrun(block_on(read_until(&mut reader, b"\n", 9, &mut message)).expect_err("too long"));
}

#[test]
fn an_end_between_messages_is_no_error_and_within_one_it_is() {
    let mut reader = Chunks::new([&b"one\ntw"[..], b"o"]);
    let mut message = Vec::new();
    assert_eq!(block_on(read_until(&mut reader, b"\n", 9, &mut message)).expect("one"), 4);
    message.clear();
    let error = block_on(read_until(&mut reader, b"\n", 9, &mut message)).expect_err("cut short");
    assert_eq!(error.to_string(), "the stream ended after 3 bytes, without the separator");
    let error = incomplete(error);
    assert_eq!((error.partial(), error.expected()), (&b"two"[..], None));
    assert_eq!(message, b"two");
    message.clear();
    assert_eq!(block_on(read_until(&mut reader, b"\n", 9, &mut message)).expect("the end"), 0);
}

#[test]
fn an_empty_separator_is_invalid_input() {
    let mut reader = Chunks::new([]);
    let error = block_on(read_until(&mut reader, b"", 9, &mut Vec::new())).expect_err("empty");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn an_exact_read_takes_what_it_needs_and_tells_what_came_instead() {
    let mut reader = Chunks::new([&b"ab"[..], b"", b"cdef"]);
    let mut buf = [0; 3];
    block_on(read_exact(&mut reader, &mut buf)).expect("three bytes");
    assert_eq!(&buf, b"abc");
    block_on(read_exact(&mut reader, &mut [])).expect("nothing is always there");
    let error = incomplete(block_on(read_exact(&mut reader, &mut [0; 5])).expect_err("three left"));
    assert_eq!((error.partial(), error.expected()), (&b"def"[..], Some(5)));
    assert_eq!(error.into_partial(), b"def");
    let error = incomplete(block_on(read_exact(&mut reader, &mut [0; 1])).expect_err("the end"));
    assert_eq!(error.partial(), b"");
}

fn a_read_that_was_dropped_goes_on_where_it_was() -> io::Result<()> {
    run(async {
        let (client, mut server) = common::pair().await?;
        let mut client = BufReader::new(client);
        let mut message = Vec::new();
        for part in ["a mes", "sage\r", "\nand"] {
            let read = read_until(&mut client, b"\r\n", 64, &mut message).now_or_never();
            assert!(read.is_none());
            server.write_all(part.as_bytes()).await?;
            client.get_ref().readable().await?;
        }
        assert_eq!(read_until(&mut client, b"\r\n", 64, &mut message).await?, 11);
        assert_eq!(message, b"a message\r\n");
        assert_eq!(client.fill_buf().await?, b"and");
        Ok(())
    })
}

fn a_reset_within_a_message_keeps_what_came() -> io::Result<()> {
    run(async {
        let (client, mut server) = common::pair().await?;
        let mut client = BufReader::new(client);
        let mut message = Vec::new();
        server.write_all(b"half a mess").await?;
        {
            let mut read = Box::pin(read_until(&mut client, b"\n", 64, &mut message));
            assert!(common::stays_pending(&mut read).await?);
            server.set_linger(Some(std::time::Duration::ZERO))?;
            drop(server);
            let error = read.await.expect_err("reset");
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        }
        assert_eq!(message, b"half a mess");
        Ok(())
    })
}

fn a_request_head_is_read_and_the_body_left() -> io::Result<()> {
    run(async {
        let (mut client, server) = common::pair().await?;
        client.write_all(b"POST / HTTP/1.1\r\ncontent-length: 4\r\n\r\nbody").await?;
        let mut server = BufReader::new(server);
        let mut head = Vec::new();
        let length = read_until(&mut server, b"\r\n\r\n", 8192, &mut head).await?;
        assert!(head[..length].ends_with(b"4\r\n\r\n"));
        let mut body = [0; 4];
        read_exact(&mut server, &mut body).await?;
        assert_eq!(&body, b"body");
        Ok(())
    })
}
