//! A peer that sends out-of-band data (tcp(7)) cuts reads short at its mark; what follows the mark must be
//! read all the same.

#![cfg(target_os = "linux")]

use std::io::{self, Write};
use std::net::Shutdown;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream as StdUnixStream;

use futures::{AsyncRead, AsyncReadExt};
use runtime::net::protocol::create_connection;
use runtime::net::{TcpStream, UnixStream, copy_bidirectional};
use rustix::io::Errno;
use rustix::net::{SendFlags, send};

mod common;

use common::recorder::Log;
use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_tcp_stream_reads_on_behind_the_mark,
    a_unix_stream_reads_on_behind_the_mark,
    a_protocol_hears_of_what_is_behind_the_mark,
    copying_goes_on_behind_the_mark,
    the_end_of_a_copy_is_not_at_the_mark,
);

/// `before`, a mark, `behind`, all there before anybody reads.
///
/// False if the system has no such thing for the stream.
fn send_around_a_mark(mut to: impl Write + AsFd) -> io::Result<bool> {
    to.write_all(b"before ")?;
    match send(to.as_fd(), b"!", SendFlags::OOB) {
        Err(Errno::OPNOTSUPP) => return Ok(false),
        outcome => outcome?,
    };
    to.write_all(b"behind").map(|()| true)
}

async fn read_it_all(mut stream: impl AsyncRead + Unpin) -> io::Result<()> {
    let mut text = Vec::new();
    while text.len() < 13 {
        let mut buffer = [0; 64];
        let count = stream.read(&mut buffer).await?;
        text.extend_from_slice(&buffer[..count]);
    }
    assert_eq!(text, b"before behind");
    Ok(())
}

fn a_tcp_stream_reads_on_behind_the_mark() -> io::Result<()> {
    run(async {
        let (stream, peer) = common::half_pair().await?;
        for _ in 0..3 {
            send_around_a_mark(&peer)?;
            read_it_all(&stream).await?;
            common::round_trips(2).await?;
        }
        Ok(())
    })
}

fn a_unix_stream_reads_on_behind_the_mark() -> io::Result<()> {
    run(async {
        let (stream, peer) = StdUnixStream::pair()?;
        let stream = UnixStream::from_std(stream)?;
        for _ in 0..3 {
            if !send_around_a_mark(&peer)? {
                println!("skipped: no out-of-band data on Unix sockets");
                return Ok(());
            }
            read_it_all(&stream).await?;
            common::round_trips(2).await?;
        }
        Ok(())
    })
}

fn a_protocol_hears_of_what_is_behind_the_mark() -> io::Result<()> {
    run(async {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let log = Log::new();
        let maker = log.clone();
        create_connection(move || maker.plain(), listener.local_addr()?).await?;
        let (peer, _) = listener.accept()?;
        for times in 1..4 {
            common::round_trips(2).await?;
            send_around_a_mark(&peer)?;
            log.until(|log| log.received() == b"before behind".repeat(times)).await;
        }
        Ok(())
    })
}

fn copying_goes_on_behind_the_mark() -> io::Result<()> {
    run(async {
        let (mut one, peer) = common::half_pair().await?;
        let (mut other, far) = common::half_pair().await?;
        let far = TcpStream::from_std(far)?;
        let proxy = runtime::spawn(async move { copy_bidirectional(&mut one, &mut other).await });
        for _ in 0..3 {
            common::round_trips(2).await?;
            send_around_a_mark(&peer)?;
            read_it_all(&far).await?;
        }
        drop((peer, far));
        assert_eq!(proxy.await.expect("no panic")?, (39, 0));
        Ok(())
    })
}

fn the_end_of_a_copy_is_not_at_the_mark() -> io::Result<()> {
    run(async {
        let (mut one, peer) = common::half_pair().await?;
        let (mut other, far) = common::half_pair().await?;
        send_around_a_mark(&peer)?;
        drop(peer);
        let far = TcpStream::from_std(far)?;
        far.shutdown(Shutdown::Write)?;
        assert_eq!(copy_bidirectional(&mut one, &mut other).await?, (13, 0));
        read_it_all(&far).await
    })
}
