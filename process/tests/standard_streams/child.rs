//! What the programs do that the tests start.

use std::fs;
use std::future::{pending, poll_fn};
use std::io;
use std::pin::Pin;
use std::task::Poll;

use futures::io::copy;
use futures::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use runtime::Builder;
use runtime::process::{Stdin, stderr, stdin, stdout};
use runtime::reactor::PollSelector;
use runtime::task::yield_now;

pub(crate) fn main(selector: &str, task: &str) -> io::Result<()> {
    let builder = Builder::new();
    let builder = if selector == "poll" { builder.selector(PollSelector::new()?) } else { builder };
    builder.build()?.block_on(async {
        match task {
            "copy" => copy(stdin(), &mut stdout()).await.map(drop),
            "copy to stderr" => copy(stdin(), &mut stderr()).await.map(drop),
            "copy what is wanted now and then" => copy_by_dropped_reads().await,
            "copy lines, each by a buffer of its own" => copy_lines().await,
            "begin to read and leave" => {
                assert!(!has_bytes(&mut stdin()).await?);
                stdout().write_all(b"leaving\n").await
            }
            "begin to read and stay" => {
                let mut stdin = stdin();
                assert!(!has_bytes(&mut stdin).await?);
                stdout().write_all(b"staying\n").await?;
                pending().await
            }
            "begin to read and tell how" => {
                let mut stdin = stdin();
                assert!(!has_bytes(&mut stdin).await?);
                stdout().write_all(means()?.as_bytes()).await
            }
            "fill stdout and stay" => {
                let mut stdout = stdout();
                while poll_fn(|cx| {
                    let written = Pin::new(&mut stdout).poll_write(cx, &[b'.'; 4096]);
                    Poll::Ready(written.is_ready())
                })
                .await
                {}
                stderr().write_all(b"full\n").await?;
                pending().await
            }
            "write a lot" => stdout().write_all(&a_lot()).await,
            "report the error of a write" => {
                let error = stdout().write_all(b"?").await.expect_err("nobody can take this");
                stderr().write_all(format!("{:?}", error.kind()).as_bytes()).await
            }
            "report the error of a read" => {
                let error =
                    stdin().read(&mut [0]).await.expect_err("there is nothing to read from");
                stderr().write_all(format!("{:?}", error.raw_os_error()).as_bytes()).await
            }
            other => panic!("there is no task {other:?}"),
        }
    })
}

/// A mebibyte of which no two parts are alike.
pub(crate) fn a_lot() -> Vec<u8> {
    (0_u32..1 << 18).flat_map(u32::to_ne_bytes).collect()
}

/// Polls a read once, drops it, and tells whether it ended with bytes.
async fn has_bytes(stdin: &mut Stdin) -> io::Result<bool> {
    poll_fn(|cx| match Pin::new(&mut *stdin).poll_read(cx, &mut [0]) {
        Poll::Ready(outcome) => Poll::Ready(outcome.map(|count| count > 0)),
        Poll::Pending => Poll::Ready(Ok(false)),
    })
    .await
}

/// Copies with reads most of which are dropped before their ends.
async fn copy_by_dropped_reads() -> io::Result<()> {
    let mut sum = Vec::new();
    let mut buffer = [0; 100];
    for round in 0.. {
        // Every third read is waited for; the objects of the others go, too.
        let mut stdin = stdin();
        let outcome = poll_fn(|cx| match Pin::new(&mut stdin).poll_read(cx, &mut buffer) {
            Poll::Pending if round % 3 != 0 => Poll::Ready(None),
            other => other.map(Some),
        })
        .await;
        match outcome {
            Some(Ok(0)) => break,
            Some(Ok(count)) => sum.extend_from_slice(&buffer[..count]),
            Some(Err(error)) => return Err(error),
            None => yield_now().await,
        }
    }
    stdout().write_all(&sum).await
}

async fn copy_lines() -> io::Result<()> {
    loop {
        let mut line = String::new();
        if stdin().buffered().read_line(&mut line).await? == 0 {
            return Ok(());
        }
        stdout().write_all(format!("<{}>", line.trim_end()).as_bytes()).await?;
    }
}

/// Tells how the standard input is waited for, by the traces that it leaves (Linux).
fn means() -> io::Result<String> {
    let mut means = Vec::new();
    let stdin = fs::read_link("/proc/self/fd/0")?;
    let links =
        fs::read_dir("/proc/self/fd")?.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    if links.filter(|link| *link == stdin || link.ends_with("tty")).count() > 1 {
        means.push("a descriptor");
    }
    // Besides the one that this runs on.
    if fs::read_dir("/proc/self/task")?.count() > 1 {
        means.push("a thread");
    }
    Ok(means.join(", "))
}
