//! Bytes arrive in order and unchanged, whichever way they are sent.

use std::future::Future;
use std::io::{self, IoSlice, IoSliceMut};

use futures::{AsyncReadExt, AsyncWriteExt, future};
use runtime::net::{TcpListener, TcpStream};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    an_echo_comes_back,
    more_than_the_buffers_hold_goes_through_both_ways_at_once,
    an_ipv6_connection_echoes_too,
    several_buffers_go_out_and_come_in_as_one_sequence,
    more_buffers_than_one_call_takes_go_out_in_several,
    empty_reads_and_writes_return_at_once,
    writing_after_close_is_an_error,
);

/// Runs `client` against an echo server.
fn with_echo<C, F>(client: C) -> io::Result<()>
where
    C: FnOnce(TcpStream) -> F,
    F: Future<Output = io::Result<()>>,
{
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        runtime::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                runtime::spawn(async move { futures::io::copy(&stream, &mut &stream).await });
            }
        });
        client(TcpStream::connect(address).await?).await
    })
}

fn an_echo_comes_back() -> io::Result<()> {
    with_echo(|mut stream| async move {
        for n in 0..100_u32 {
            stream.write_all(&n.to_be_bytes()).await?;
            let mut answer = [0; 4];
            stream.read_exact(&mut answer).await?;
            assert_eq!(u32::from_be_bytes(answer), n);
        }
        Ok(())
    })
}

fn more_than_the_buffers_hold_goes_through_both_ways_at_once() -> io::Result<()> {
    with_echo(|stream| async move {
        let sent: Vec<u8> = (0..8_000_000_u32).map(|n| (n % 251) as u8).collect();
        let mut received = vec![0; sent.len()];
        future::try_join((&stream).write_all(&sent), (&stream).read_exact(&mut received)).await?;
        assert!(sent == received);
        Ok(())
    })
}

fn an_ipv6_connection_echoes_too() -> io::Result<()> {
    // A machine without IPv6 has nothing to test.
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        return Ok(());
    }
    run(async {
        let listener = TcpListener::bind("[::1]:0").await?;
        let mut client = TcpStream::connect(listener.local_addr()?).await?;
        let (mut server, peer) = listener.accept().await?;
        assert!(peer.is_ipv6());
        client.write_all(b"six").await?;
        let mut text = [0; 3];
        server.read_exact(&mut text).await?;
        assert_eq!(&text, b"six");
        Ok(())
    })
}

fn several_buffers_go_out_and_come_in_as_one_sequence() -> io::Result<()> {
    run(async {
        let (mut client, mut server) = common::pair().await?;
        let texts = [IoSlice::new(b"one"), IoSlice::new(b""), IoSlice::new(b"two")];
        assert_eq!(client.write_vectored(&texts).await?, 6);
        let (mut first, mut second) = ([0; 2], [0; 8]);
        let mut bufs = [IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)];
        assert_eq!(server.read_vectored(&mut bufs).await?, 6);
        assert_eq!((&first, &second[..4]), (b"on", &b"etwo"[..]));

        // A short vectored read must not lose the next edge.
        client.write_all(b"again").await?;
        let mut bufs = [IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)];
        assert_eq!(server.read_vectored(&mut bufs).await?, 5);
        assert_eq!((&first, &second[..3]), (b"ag", &b"ain"[..]));
        Ok(())
    })
}

fn more_buffers_than_one_call_takes_go_out_in_several() -> io::Result<()> {
    run(async {
        let (mut client, mut server) = common::pair().await?;
        let mut left = 5000;
        while left > 0 {
            // Hangs if a list that the system cut short is taken for a full socket.
            left -= client.write_vectored(&vec![IoSlice::new(b"x"); left]).await?;
        }
        let mut bytes = vec![0; 5000];
        let mut read = 0;
        while read < 5000 {
            let mut bufs: Vec<_> = bytes[read..].chunks_mut(1).map(IoSliceMut::new).collect();
            read += server.read_vectored(&mut bufs).await?;
        }
        assert!(bytes.iter().all(|byte| *byte == b'x'));
        Ok(())
    })
}

fn empty_reads_and_writes_return_at_once() -> io::Result<()> {
    run(async {
        let (mut client, _server) = common::pair().await?;
        assert_eq!(client.read(&mut []).await?, 0);
        assert_eq!(client.read_vectored(&mut []).await?, 0);
        assert_eq!(client.read_vectored(&mut [IoSliceMut::new(&mut [])]).await?, 0);
        assert_eq!(client.write(&[]).await?, 0);
        assert_eq!(client.write_vectored(&[]).await?, 0);
        assert_eq!(client.try_read(&mut [])?, 0);
        assert_eq!(client.try_write(&[])?, 0);
        Ok(())
    })
}

fn writing_after_close_is_an_error() -> io::Result<()> {
    run(async {
        let (mut client, mut server) = common::pair().await?;
        client.write_all(b"last").await?;
        client.close().await?;
        client.close().await?;
        let error = client.write(b"more").await.expect_err("closed");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);

        // The other direction is still open.
        let mut text = String::new();
        server.read_to_string(&mut text).await?;
        assert_eq!(text, "last");
        server.write_all(b"bye").await?;
        drop(server);
        let mut text = String::new();
        client.read_to_string(&mut text).await?;
        assert_eq!(text, "bye");
        Ok(())
    })
}
