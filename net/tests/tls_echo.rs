//! Bytes arrive in order and unchanged over TLS, whichever way they are written and read.

#![cfg(feature = "tls")]

use std::io::{self, IoSlice, IoSliceMut};
use std::task::Poll;

use futures::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, TryStreamExt, future};
use runtime::net::tls::TlsConnector;
use runtime::net::tls::rustls::version::{TLS12, TLS13};

mod common;
#[path = "common/tls.rs"]
mod tls;

use common::selectors::{self, on_each_selector, run};
use tls::{Authority, Tls};

on_each_selector!(
    an_echo_comes_back,
    both_versions_are_spoken,
    more_than_the_buffers_hold_goes_through_both_ways_at_once,
    lines_are_read_without_another_buffer,
    several_buffers_go_out_and_come_in_as_one_sequence,
    empty_reads_and_writes_end_nothing,
    a_read_sends_what_a_write_has_left,
    a_reader_does_not_push_a_waiting_writer_out,
    a_stream_over_a_stream_is_encrypted_twice,
);

async fn echo(mut stream: Tls) -> io::Result<()> {
    let mut buf = [0; 1000];
    loop {
        let count = stream.read(&mut buf).await?;
        if count == 0 {
            return stream.close().await;
        }
        stream.write_all(&buf[..count]).await?;
        stream.flush().await?;
    }
}

fn an_echo_comes_back() -> io::Result<()> {
    run(async {
        let (mut client, server) = tls::pair().await?;
        let server = runtime::spawn(echo(server));
        for n in 0..100_u32 {
            client.write_all(&n.to_be_bytes()).await?;
            let mut answer = [0; 4];
            client.read_exact(&mut answer).await?;
            assert_eq!(u32::from_be_bytes(answer), n);
        }
        client.close().await?;
        assert_eq!(client.read(&mut [0]).await?, 0);
        server.await?
    })
}

fn both_versions_are_spoken() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        for only in [&TLS13, &TLS12] {
            let connector = TlsConnector::builder().root_pem(authority.pem());
            let connector = connector.protocol_versions(&[only]).build()?;
            let (mut client, server) = tls::pair_of(&connector, &authority.acceptor()).await?;
            let version = only.version;
            assert_eq!(client.protocol_version(), Some(version));
            assert_eq!(server.protocol_version(), Some(version));
            assert_eq!(client.cipher_suite(), server.cipher_suite());
            assert!(client.cipher_suite().is_some());
            runtime::spawn(echo(server));
            client.write_all(b"hello").await?;
            client.close().await?;
            let mut text = String::new();
            client.read_to_string(&mut text).await?;
            assert_eq!(text, "hello");
        }
        Ok(())
    })
}

fn more_than_the_buffers_hold_goes_through_both_ways_at_once() -> io::Result<()> {
    run(async {
        let (client, server) = tls::pair().await?;
        let server = runtime::spawn(echo(server));
        let sent: Vec<u8> = (0..8_000_000_u32).map(|n| (n % 251) as u8).collect();
        let mut received = Vec::new();
        let (mut reader, mut writer) = client.split();
        let write = async {
            writer.write_all(&sent).await?;
            writer.close().await
        };
        future::try_join(write, reader.read_to_end(&mut received)).await?;
        assert!(sent == received);
        server.await?
    })
}

fn lines_are_read_without_another_buffer() -> io::Result<()> {
    run(async {
        let (client, mut server) = tls::pair().await?;
        let text: String = (0..20_000).map(|n| format!("line {n}\n")).collect();
        let lines = async {
            let lines: Vec<String> = client.lines().try_collect().await?;
            Ok(lines)
        };
        let write = async {
            server.write_all(text.as_bytes()).await?;
            server.close().await
        };
        let (lines, ()) = future::try_join(lines, write).await?;
        assert_eq!(lines.len(), 20_000);
        assert!(lines.iter().enumerate().all(|(n, line)| *line == format!("line {n}")));
        Ok(())
    })
}

fn several_buffers_go_out_and_come_in_as_one_sequence() -> io::Result<()> {
    run(async {
        let (mut client, mut server) = tls::pair().await?;
        let texts = [IoSlice::new(b"one"), IoSlice::new(b""), IoSlice::new(b"two")];
        assert_eq!(client.write_vectored(&texts).await?, 6);
        let (mut first, mut rest) = ([0; 2], [0; 4]);
        let mut bufs = [IoSliceMut::new(&mut []), IoSliceMut::new(&mut first)];
        assert_eq!(server.read_vectored(&mut bufs).await?, 2);
        server.read_exact(&mut rest).await?;
        assert_eq!((&first, &rest), (b"on", b"etwo"));
        Ok(())
    })
}

fn empty_reads_and_writes_end_nothing() -> io::Result<()> {
    run(async {
        let (mut client, mut server) = tls::pair().await?;
        assert_eq!(client.read(&mut []).await?, 0);
        assert_eq!(client.read_vectored(&mut []).await?, 0);
        assert_eq!(client.write(&[]).await?, 0);
        assert_eq!(client.write_vectored(&[]).await?, 0);
        assert_eq!(client.write_vectored(&[IoSlice::new(&[])]).await?, 0);
        server.write_all(b"here").await?;
        assert_eq!(client.read(&mut []).await?, 0);
        let mut text = [0; 4];
        client.read_exact(&mut text).await?;
        assert_eq!(&text, b"here");
        assert_eq!(client.read(&mut []).await?, 0);
        server.write_all(b"more").await?;
        client.read_exact(&mut text).await?;
        assert_eq!(&text, b"more");
        Ok(())
    })
}

/// Writes until nothing goes out any more, and part of what was written is still in the buffers of TLS.
async fn fill(stream: &mut (impl futures::AsyncWrite + Unpin)) -> io::Result<usize> {
    let chunk = [7; 16 * 1024];
    let (mut sum, mut refusals) = (0, 0);
    // A late acknowledgement can still make room once.
    while refusals < 3 {
        match futures::poll!(stream.write(&chunk)) {
            Poll::Ready(written) => {
                sum += written?;
                refusals = 0;
            }
            Poll::Pending => {
                refusals += 1;
                common::round_trips(3).await?;
            }
        }
    }
    Ok(sum)
}

fn a_read_sends_what_a_write_has_left() -> io::Result<()> {
    run(async {
        let (mut client, mut server) = tls::pair().await?;
        let sent = fill(&mut client).await?;
        let server = runtime::spawn(async move {
            server.read_exact(&mut vec![0; sent]).await?;
            server.write_all(b"got it").await?;
            server.flush().await
        });
        // No flush comes before it.
        let mut answer = [0; 6];
        client.read_exact(&mut answer).await?;
        assert_eq!(&answer, b"got it");
        server.await?
    })
}

fn a_reader_does_not_push_a_waiting_writer_out() -> io::Result<()> {
    run(async {
        let (client, mut server) = tls::pair().await?;
        let (mut reader, mut writer) = client.split();
        let sent = fill(&mut writer).await?;
        let write = runtime::spawn(async move {
            writer.write_all(b"the last").await?;
            writer.flush().await
        });
        // The writer waits; now the reader finds something to send, and waits as well, in another task.
        let read = runtime::spawn(async move { reader.read(&mut [0]).await });
        common::round_trips(5).await?;
        assert!(!write.is_finished() && !read.is_finished());
        let mut received = vec![0; sent + 8];
        server.read_exact(&mut received).await?;
        assert!(received.ends_with(b"the last"));
        write.await??;
        server.close().await?;
        assert_eq!(read.await??, 0);
        Ok(())
    })
}

fn a_stream_over_a_stream_is_encrypted_twice() -> io::Result<()> {
    run(async {
        let authority = Authority::new();
        let (connector, acceptor) = (authority.connector(), authority.acceptor());
        let (client, server) = tls::pair_of(&connector, &acceptor).await?;
        let inner =
            future::try_join(connector.connect("localhost", client), acceptor.accept(server));
        let (mut client, mut server) = inner.await?;
        client.write_all(b"secret").await?;
        client.close().await?;
        let mut text = String::new();
        server.read_to_string(&mut text).await?;
        assert_eq!(text, "secret");
        Ok(())
    })
}
