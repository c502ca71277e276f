//! A part of a file arrives over a stream, or the error tells how much of it was sent.

use std::fs::File;
use std::future::IntoFuture;
use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::thread;

use futures::{AsyncReadExt, AsyncWrite, AsyncWriteExt, poll};
use runtime::net::{TcpStream, sendfile};
use runtime::task::yield_now;

mod common;

use common::selectors::{self, on_each_selector, run};

const KIB: u64 = 1024;
const MIB: u64 = KIB * KIB;

on_each_selector!(
    any_part_of_a_file_arrives,
    a_half_sends_as_its_stream_does,
    any_writer_takes_a_file,
    the_fallback_can_be_forbidden,
    a_peer_that_leaves_ends_it_with_a_count,
    a_file_that_shrinks_ends_it_early,
    a_file_that_grows_is_sent_to_its_end,
    #[cfg(target_os = "linux")]
    a_file_without_a_length_is_sent,
    a_peer_that_does_not_read_holds_up_nobody_else,
    a_long_transfer_gives_way_to_other_tasks,
    a_dropped_transfer_leaves_the_stream_usable,
    what_is_no_file_is_an_error,
);

/// A stream that the system knows nothing of.
struct Wrapped(TcpStream);

impl AsyncWrite for Wrapped {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_close(cx)
    }
}

/// Bytes by which one can tell where they come from.
fn pattern(length: u64) -> Vec<u8> {
    (0..length).map(|n| (n ^ (n >> 8) ^ (n >> 16)) as u8).collect()
}

fn file_of(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("a place for temporary files");
    file.write_all(bytes).expect("room for a file");
    file
}

/// Everything that a peer gets.
fn collect(mut peer: std::net::TcpStream) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        peer.read_to_end(&mut bytes).expect("an orderly end");
        bytes
    })
}

fn any_part_of_a_file_arrives() -> io::Result<()> {
    let bytes = pattern(3 * MIB + 7);
    let file = file_of(&bytes);
    let size = bytes.len() as u64;
    for (offset, count, expected) in [
        (0, None, size),
        (5, None, size - 5),
        (1, Some(2), 2),
        (MIB, Some(MIB + 1), MIB + 1),
        (size - 3, Some(10), 3),
        (0, Some(u64::MAX), size),
        (7, Some(0), 0),
        (size, None, 0),
        (size + MIB, Some(5), 0),
        (i64::MAX as u64, None, 0),
    ] {
        for wrapped in [false, true] {
            run(async {
                let (stream, peer) = common::half_pair().await?;
                let peer = collect(peer);
                let sent = if wrapped {
                    sendfile(&mut Wrapped(stream), &file, offset, count).await?
                } else {
                    let sent = sendfile(&stream, &file, offset, count).await?;
                    stream.shutdown(Shutdown::Write)?;
                    sent
                };
                assert_eq!(sent, expected, "{offset}, {count:?}, {wrapped}");
                let got = peer.join().expect("the peer reads all");
                let from = offset.min(size) as usize;
                assert!(got == bytes[from..from + expected as usize], "{offset}, {count:?}");
                io::Result::Ok(())
            })?;
        }
    }
    Ok(())
}

fn a_half_sends_as_its_stream_does() -> io::Result<()> {
    let bytes = pattern(MIB);
    let file = file_of(&bytes);
    run(async {
        let (stream, peer) = common::half_pair().await?;
        let peer = collect(peer);
        let (_reader, mut writer) = stream.into_split();
        let sending = sendfile(&mut writer, &file, 0, None);
        // The system does it by itself, where it can.
        let sending = sending.fallback(!cfg!(target_os = "linux"));
        assert_eq!(sending.await?, MIB);
        drop(writer);
        assert!(peer.join().expect("the peer reads all") == bytes);
        Ok(())
    })
}

#[cfg(unix)]
#[test]
fn a_unix_stream_and_its_half_take_a_file() -> io::Result<()> {
    let bytes = pattern(MIB);
    let file = file_of(&bytes);
    run(async {
        let (stream, mut peer) = runtime::net::UnixStream::pair()?;
        let reader = runtime::spawn(async move {
            let mut received = Vec::new();
            peer.read_to_end(&mut received).await.map(|_| received)
        });
        let by_system = !cfg!(target_os = "linux");
        assert_eq!(sendfile(&stream, &file, 0, 1000).fallback(by_system).await?, 1000);
        let (_reader, mut writer) = stream.into_split();
        assert_eq!(sendfile(&mut writer, &file, 1000, 1000).fallback(by_system).await?, 1000);
        let rest = sendfile(&writer, &file, 2000, None).fallback(by_system);
        assert_eq!(rest.await?, MIB - 2000);
        drop(writer);
        assert!(reader.await.expect("no panic")? == bytes);
        Ok(())
    })
}

fn any_writer_takes_a_file() -> io::Result<()> {
    let bytes = pattern(MIB);
    let file = file_of(&bytes);
    run(async {
        let mut memory = Vec::new();
        assert_eq!(sendfile(&mut memory, &file, 1, None).await?, MIB - 1);
        assert!(memory == bytes[1..]);

        // One that takes little at a time, and then nothing.
        let mut little = futures::io::Cursor::new(vec![0; 1000].into_boxed_slice());
        let error = sendfile(&mut little, &file, 0, None).await.expect_err("it is full");
        assert_eq!((error.sent(), error.kind()), (1000, ErrorKind::WriteZero));
        assert!(little.into_inner()[..] == bytes[..1000]);
        Ok(())
    })
}

fn the_fallback_can_be_forbidden() -> io::Result<()> {
    let file = file_of(b"hello");
    run(async {
        let (stream, peer) = common::half_pair().await?;
        let mut wrapped = Wrapped(stream);
        let refusal = sendfile(&mut wrapped, &file, 0, None).fallback(false).await;
        let refusal = refusal.expect_err("the system knows nothing of it");
        assert_eq!((refusal.sent(), refusal.kind()), (0, ErrorKind::Unsupported));
        let peer = collect(peer);
        drop(wrapped);
        assert_eq!(peer.join().expect("the peer reads all"), b"");
        Ok(())
    })
}

fn a_peer_that_leaves_ends_it_with_a_count() -> io::Result<()> {
    let file = tempfile::tempfile()?;
    file.set_len(64 * MIB)?;
    for wrapped in [false, true] {
        run(async {
            let (stream, mut peer) = common::half_pair().await?;
            let leaving = thread::spawn(move || {
                let mut buffer = vec![0; MIB as usize];
                // It goes with the rest unread, which is a reset.
                peer.read_exact(&mut buffer)
            });
            let outcome = if wrapped {
                sendfile(&mut Wrapped(stream), &file, 0, None).await
            } else {
                sendfile(&stream, &file, 0, None).await
            };
            leaving.join().expect("the peer does not panic")?;
            let error = outcome.expect_err("the peer has gone");
            assert!((MIB..64 * MIB).contains(&error.sent()), "{error}");
            let kinds = [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe];
            assert!(kinds.contains(&error.kind()), "{error}");
            assert!(error.to_string().contains(&error.sent().to_string()), "{error}");

            let (kind, sent) = (error.kind(), error.sent());
            let error = io::Error::from(error);
            assert_eq!(error.kind(), kind);
            let inner = error.get_ref().and_then(|error| error.downcast_ref());
            assert_eq!(inner.map(runtime::net::SendFileError::sent), Some(sent));
            io::Result::Ok(())
        })?;
    }
    Ok(())
}

fn a_file_that_shrinks_ends_it_early() -> io::Result<()> {
    for wrapped in [false, true] {
        let file = tempfile::tempfile()?;
        // More than all buffers on the way hold, before and after.
        file.set_len(192 * MIB)?;
        run(async {
            let (stream, peer) = common::half_pair().await?;
            let (mut plain, mut other) = (None, None);
            let mut sending = pin!(if wrapped {
                sendfile(other.insert(Wrapped(stream)), &file, 0, None).into_future()
            } else {
                sendfile(&*plain.insert(stream), &file, 0, None).into_future()
            });
            while !common::stays_pending(&mut sending).await? {}
            file.set_len(96 * MIB)?;
            let peer = thread::spawn(move || {
                let mut count = 0;
                let mut buffer = vec![0; MIB as usize];
                while count < 96 * MIB {
                    count += (&peer).read(&mut buffer).expect("zeros") as u64;
                }
                count
            });
            assert_eq!(sending.await?, 96 * MIB);
            assert_eq!(peer.join().expect("the peer reads all"), 96 * MIB);
            io::Result::Ok(())
        })?;
    }
    Ok(())
}

fn a_file_that_grows_is_sent_to_its_end() -> io::Result<()> {
    run(async {
        let (stream, peer) = common::half_pair().await?;
        let bytes = pattern(20_000_000);
        let file = file_of(&bytes[..15_000_000]);
        let mut sending = sendfile(&stream, &file, 0, None).into_future();
        assert!(common::stays_pending(&mut sending).await?, "the peer does not read");
        (&file).write_all(&bytes[15_000_000..])?;
        let collected = collect(peer);
        assert_eq!(sending.await?, 20_000_000);
        drop(stream);
        assert!(collected.join().expect("it does not panic") == bytes);
        Ok(())
    })
}

#[cfg(target_os = "linux")]
fn a_file_without_a_length_is_sent() -> io::Result<()> {
    run(async {
        let (stream, peer) = common::half_pair().await?;
        let file = File::open("/proc/self/limits")?;
        assert_eq!(file.metadata()?.len(), 0);
        let sent = sendfile(&stream, &file, 0, None).await?;
        drop(stream);
        let received = collect(peer).join().expect("it does not panic");
        assert_eq!(received, std::fs::read("/proc/self/limits")?);
        assert_eq!(received.len() as u64, sent);
        Ok(())
    })
}

fn a_peer_that_does_not_read_holds_up_nobody_else() -> io::Result<()> {
    let file = tempfile::tempfile()?;
    file.set_len(64 * MIB)?;
    run(async {
        let (stream, peer) = common::half_pair().await?;
        let mut sending = pin!(sendfile(&stream, &file, 0, None).into_future());
        assert!(common::stays_pending(&mut sending).await?);
        common::round_trips(100).await?;
        assert!(poll!(&mut sending).is_pending());
        drop(peer);
        assert!(sending.await.is_err());
        Ok(())
    })
}

fn a_long_transfer_gives_way_to_other_tasks() -> io::Result<()> {
    let file = tempfile::tempfile()?;
    file.set_len(128 * MIB)?;
    run(async {
        let (stream, mut peer) = common::half_pair().await?;
        let reader = thread::spawn(move || {
            let mut buffer = vec![0; 4 * MIB as usize];
            while peer.read(&mut buffer).expect("zeros") > 0 {}
        });
        let turns = std::rc::Rc::new(std::cell::Cell::new(0));
        let others = turns.clone();
        let other = runtime::spawn(async move {
            loop {
                yield_now().await;
                others.set(others.get() + 1);
            }
        });
        assert_eq!(sendfile(&stream, &file, 0, None).await?, 128 * MIB);
        other.abort();
        assert!(turns.get() >= 16, "{} turns", turns.get());
        drop(stream);
        reader.join().expect("the peer reads all");
        Ok(())
    })
}

fn a_dropped_transfer_leaves_the_stream_usable() -> io::Result<()> {
    let bytes = pattern(16 * MIB);
    let file = file_of(&bytes);
    run(async {
        let (mut stream, peer) = common::half_pair().await?;
        {
            let mut sending = pin!(sendfile(&stream, &file, 0, None).into_future());
            assert!(common::stays_pending(&mut sending).await?);
        }
        let peer = collect(peer);
        stream.write_all(b"the end").await?;
        stream.close().await?;
        let got = peer.join().expect("the peer reads all");
        let (beginning, end) = got.split_at(got.len() - 7);
        assert_eq!(end, b"the end");
        assert!(!beginning.is_empty() && beginning == &bytes[..beginning.len()]);
        Ok(())
    })
}

fn what_is_no_file_is_an_error() -> io::Result<()> {
    run(async {
        let (mut stream, mut peer) = common::pair().await?;
        let file = file_of(b"hello");
        let error = sendfile(&stream, &file, 1 << 63, None).await.expect_err("no such offset");
        assert_eq!((error.sent(), error.kind()), (0, ErrorKind::InvalidInput));
        assert!(error.to_string().contains("9223372036854775808"), "{error}");

        #[cfg(unix)]
        {
            let directory = File::open(std::env::temp_dir())?;
            let error = sendfile(&stream, &directory, 0, None).await.expect_err("a directory");
            assert_eq!((error.sent(), error.kind()), (0, ErrorKind::IsADirectory));
        }
        // And the stream is none the worse for it.
        assert_eq!(sendfile(&stream, &file, 0, None).await?, 5);
        stream.close().await?;
        let mut text = String::new();
        peer.read_to_string(&mut text).await?;
        assert_eq!(text, "hello");
        Ok(())
    })
}
