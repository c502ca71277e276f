//! Unix streams, and the listener they come from.

#![cfg(unix)]

use std::cell::Cell;
use std::future::poll_fn;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net;
use std::pin::Pin;
use std::rc::Rc;

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, FutureExt, StreamExt, future};
use runtime::net::{TcpStream, UnixListener, UnixStream};
use runtime::reactor::Interest;

mod common;

use common::folder::Folder;
use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    an_echo_of_a_megabyte_comes_back_whole,
    vectored_reads_and_writes_move_all_buffers,
    empty_reads_and_writes_do_nothing_and_do_not_wait,
    peeking_leaves_the_bytes_in_place,
    trying_does_not_wait,
    halves_close_and_reunite,
    a_half_closed_peer_with_a_full_send_buffer_uses_no_cpu,
    a_hang_up_wakes_a_reader_and_a_writer,
    writing_to_one_who_is_gone_is_an_error_and_no_signal,
    the_last_bytes_come_before_the_end,
    many_connections_are_accepted_in_one_go,
    incoming_is_a_stream_of_connections,
    a_connect_waits_while_the_queue_is_full,
    a_cancelled_accept_loses_nothing,
    sockets_go_there_and_back,
    wrong_kinds_of_descriptors_are_refused,
    descriptors_are_not_inherited,
    #[cfg(target_os = "linux")]
    the_peer_is_known,
);

fn would_block<T: std::fmt::Debug>(result: io::Result<T>) {
    assert_eq!(result.expect_err("nothing there").kind(), io::ErrorKind::WouldBlock);
}

/// As much as fits.
fn fill(stream: &UnixStream) -> usize {
    std::iter::from_fn(|| stream.try_write(&[0; 65536]).ok()).sum()
}

fn an_echo_of_a_megabyte_comes_back_whole() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("s");
    run(async {
        let listener = UnixListener::bind(&path)?;
        let mut client = UnixStream::connect(&path).await?;
        let (server, _) = listener.accept().await?;
        let echo = runtime::spawn(async move { futures::io::copy(&server, &mut &server).await });
        let sent: Vec<u8> = (0..1 << 20).map(|n: u32| (n % 251) as u8).collect();
        let mut received = vec![0; sent.len()];
        let (mut reader, mut writer) = UnixStream::split(&mut client);
        future::try_join(writer.write_all(&sent), reader.read_exact(&mut received)).await?;
        assert!(sent == received);
        drop(client);
        assert_eq!(echo.await.expect("no panic")?, 1 << 20);
        Ok(())
    })
}

fn vectored_reads_and_writes_move_all_buffers() -> io::Result<()> {
    run(async {
        let (mut one, mut other) = UnixStream::pair()?;
        let count = one.write_vectored(&[IoSlice::new(b"ab"), IoSlice::new(b"cde")]).await?;
        assert_eq!(count, 5);
        let (mut first, mut second) = ([0; 3], [0; 3]);
        let mut list = [IoSliceMut::new(&mut first), IoSliceMut::new(&mut second)];
        assert_eq!(other.read_vectored(&mut list).await?, 5);
        assert_eq!((&first, &second), (b"abc", b"de\0"));
        // More buffers than one call takes.
        let bytes = [7];
        let many = vec![IoSlice::new(&bytes); 2000];
        assert_eq!(one.try_write_vectored(&many)?, 1024);
        Ok(())
    })
}

fn empty_reads_and_writes_do_nothing_and_do_not_wait() -> io::Result<()> {
    run(async {
        let (mut one, mut other) = UnixStream::pair()?;
        assert_eq!(one.read(&mut []).now_or_never().expect("at once")?, 0);
        assert_eq!(one.read_vectored(&mut []).now_or_never().expect("at once")?, 0);
        assert_eq!(one.try_read(&mut [])?, 0);
        assert_eq!(one.write(&[]).now_or_never().expect("at once")?, 0);
        assert_eq!(one.write_vectored(&[]).now_or_never().expect("at once")?, 0);
        // The peer does not take an empty write for the end.
        would_block(other.try_read(&mut [0]));
        one.write_all(b"x").await?;
        assert_eq!(other.read(&mut [0; 4]).await?, 1);
        Ok(())
    })
}

fn peeking_leaves_the_bytes_in_place() -> io::Result<()> {
    run(async {
        let (mut one, mut other) = UnixStream::pair()?;
        let mut buf = [0; 4];
        would_block(other.try_peek(&mut buf));
        let mut peek = Box::pin(other.peek(&mut buf));
        assert!(common::stays_pending(&mut peek).await?);
        one.write_all(b"abcd").await?;
        assert_eq!(peek.await?, 4);
        assert_eq!(other.try_peek(&mut buf[..2])?, 2);
        assert_eq!(other.read(&mut buf).await?, 4);
        assert_eq!(&buf, b"abcd");
        Ok(())
    })
}

fn trying_does_not_wait() -> io::Result<()> {
    run(async {
        let (one, other) = UnixStream::pair()?;
        let mut buf = [0; 8];
        would_block(other.try_read(&mut buf));
        one.writable().await?;
        assert_eq!(one.try_write(b"hello")?, 5);
        other.readable().await?;
        let ready = other.ready(Interest::READABLE | Interest::WRITABLE).await?;
        assert!(ready.is_readable() && ready.is_writable());
        let count = other.try_io(Interest::READABLE, || Ok(rustix::io::read(&other, &mut buf)?))?;
        assert_eq!(&buf[..count], b"hello");
        fill(&one);
        would_block(one.try_write(b"x"));
        let mut drained = 0;
        while let Ok(count) = other.try_read(&mut [0; 65536]) {
            drained += count;
        }
        assert!(drained > 0);
        one.async_io(Interest::WRITABLE, || Ok(rustix::io::write(&one, b"y")?)).await?;
        Ok(())
    })
}

fn halves_close_and_reunite() -> io::Result<()> {
    run(async {
        let (one, mut other) = UnixStream::pair()?;
        let (reader, mut writer) = one.into_split();
        writer.write_all(b"end").await?;
        assert!(reader.peer_addr()?.is_unnamed());
        drop(writer);
        let mut text = String::new();
        other.read_to_string(&mut text).await?;
        assert_eq!(text, "end");
        other.write_all(b"x").await?;
        assert_eq!(reader.try_read(&mut [0; 4])?, 1);

        let (reader, writer) = UnixStream::pair()?.0.into_split();
        let (strange, _writer) = other.into_split();
        let error = strange.reunite(writer).expect_err("of two streams");
        let one: UnixStream = reader.reunite(error.1).expect("of one stream");
        assert_eq!(one.try_read(&mut [0]).expect("the other end is gone"), 0);
        Ok(())
    })
}

fn a_half_closed_peer_with_a_full_send_buffer_uses_no_cpu() -> io::Result<()> {
    run(async {
        let (server, client) = UnixStream::pair()?;
        fill(&server);
        client.shutdown(Shutdown::Write)?;
        assert_eq!((&server).read(&mut [0; 8]).await?, 0);

        let polls = Rc::new(Cell::new(0));
        let count = Rc::clone(&polls);
        let writer = runtime::spawn(async move {
            poll_fn(|cx| {
                count.set(count.get() + 1);
                Pin::new(&mut &server).poll_write(cx, &[0; 65536])
            })
            .await
        });
        common::round_trips(200).await?;
        assert!(!writer.is_finished());
        assert!(polls.get() <= 3, "polled {} times while nothing happened", polls.get());

        drop(client);
        let error = writer.await.expect("no panic").expect_err("the peer is gone");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        Ok(())
    })
}

fn a_hang_up_wakes_a_reader_and_a_writer() -> io::Result<()> {
    run(async {
        let (server, client) = UnixStream::pair()?;
        fill(&server);
        let server = Rc::new(server);
        let (reads, writes) = (Rc::clone(&server), Rc::clone(&server));
        let reader = runtime::spawn(async move {
            poll_fn(|cx| Pin::new(&mut &*reads).poll_read(cx, &mut [0; 8])).await
        });
        let writer = runtime::spawn(async move {
            poll_fn(|cx| Pin::new(&mut &*writes).poll_write(cx, &[0; 8])).await
        });
        common::round_trips(3).await?;
        assert!(!reader.is_finished() && !writer.is_finished());
        drop(client);
        // Bytes that were never read: the system calls that a reset (unix(7)).
        let error = reader.await.expect("no panic").expect_err("unread bytes");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        let error = writer.await.expect("no panic").expect_err("the peer is gone");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        assert_eq!((&*server).read(&mut [0; 8]).await?, 0);
        Ok(())
    })
}

fn writing_to_one_who_is_gone_is_an_error_and_no_signal() -> io::Result<()> {
    run(async {
        let (mut one, other) = UnixStream::pair()?;
        drop(other);
        let error = one.write(b"x").await.expect_err("gone");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        let error = one.write_vectored(&[IoSlice::new(b"x")]).await.expect_err("gone");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        assert_eq!(one.read(&mut [0]).await?, 0);
        one.close().await?;
        let (mut one, _other) = UnixStream::pair()?;
        one.close().await?;
        one.close().await?;
        let error = one.write(b"x").await.expect_err("closed here");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        Ok(())
    })
}

fn the_last_bytes_come_before_the_end() -> io::Result<()> {
    run(async {
        let (mut one, other) = UnixStream::pair()?;
        let mut other = other.into_std()?;
        let mut buf = [0; 8];
        let mut read = Box::pin(one.read(&mut buf));
        assert!(common::stays_pending(&mut read).await?);
        other.write_all(b"last")?;
        drop(other);
        assert_eq!(read.await?, 4);
        assert_eq!(one.read(&mut buf).await?, 0);
        assert_eq!(one.read(&mut buf).await?, 0);
        Ok(())
    })
}

fn many_connections_are_accepted_in_one_go() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("s");
    run(async {
        let listener = UnixListener::bind(&path)?;
        let mut clients = Vec::new();
        for _ in 0..50 {
            clients.push(UnixStream::connect(&path).await?);
        }
        let mut accepted = Vec::new();
        for _ in 0..50 {
            // None of them waits for an event of its own.
            accepted.push(listener.accept().now_or_never().expect("at once")?);
        }
        would_block(listener.try_accept());
        clients.push(UnixStream::connect(&path).await?);
        listener.accept().await?;
        Ok(())
    })
}

fn incoming_is_a_stream_of_connections() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("s");
    run(async {
        let listener = UnixListener::bind(&path)?;
        let mut incoming = listener.incoming();
        for _ in 0..3 {
            let (client, server) = future::join(UnixStream::connect(&path), incoming.next()).await;
            let (mut client, mut server) = (client?, server.expect("never ends")?);
            client.write_all(b"x").await?;
            assert_eq!(server.read(&mut [0; 4]).await?, 1);
        }
        Ok(())
    })
}

fn a_connect_waits_while_the_queue_is_full() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("s");
    let socket = socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None)?;
    socket.bind(&socket2::SockAddr::unix(&path)?)?;
    socket.listen(1)?;
    run(async {
        let listener = UnixListener::from_std(OwnedFd::from(socket).into())?;
        let mut waiting = Vec::new();
        let mut queued = 0;
        for _ in 0..5 {
            let mut connect = Box::pin(UnixStream::connect(&path));
            match futures::poll!(&mut connect) {
                std::task::Poll::Ready(stream) => queued += stream.map(|_| 1)?,
                std::task::Poll::Pending => waiting.push(connect),
            }
        }
        assert!(queued >= 1 && !waiting.is_empty());
        let connecting = future::try_join_all(waiting);
        let accepting = async {
            for _ in 0..5 {
                listener.accept().await?;
            }
            Ok(())
        };
        future::try_join(connecting, accepting).await?;
        Ok(())
    })
}

fn a_cancelled_accept_loses_nothing() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("s");
    run(async {
        let listener = UnixListener::bind(&path)?;
        let mut accept = Box::pin(listener.accept());
        assert!(common::stays_pending(&mut accept).await?);
        let _client = UnixStream::connect(&path).await?;
        drop(accept);
        listener.accept().await?;
        Ok(())
    })
}

fn sockets_go_there_and_back() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("s");
    let blocking = net::UnixListener::bind(&path)?;
    let mut client = net::UnixStream::connect(&path)?;
    run(async {
        let listener = UnixListener::try_from(blocking)?;
        let (mut stream, _) = listener.accept().await?;
        let listener = net::UnixListener::try_from(listener)?;
        assert_eq!(listener.local_addr()?.as_pathname(), Some(&*path));
        let listener = UnixListener::try_from(OwnedFd::from(listener))?;
        OwnedFd::try_from(listener)?;

        client.write_all(b"one")?;
        assert_eq!(stream.read(&mut [0; 8]).await?, 3);
        let mut stream = net::UnixStream::try_from(stream)?;
        would_block(stream.read(&mut [0; 8]));
        stream.set_nonblocking(false)?;
        let mut stream = UnixStream::try_from(OwnedFd::from(stream))?;
        let mut buf = [0; 8];
        let mut read = Box::pin(stream.read(&mut buf));
        // Would hang here if the stream were still blocking.
        assert!(common::stays_pending(&mut read).await?);
        client.write_all(b"two")?;
        assert_eq!(read.await?, 3);
        Ok(())
    })
}

fn wrong_kinds_of_descriptors_are_refused() -> io::Result<()> {
    let (reader, _writer) = rustix::pipe::pipe()?;
    run(async {
        let (tcp, _peer) = common::pair().await?;
        let tcp: std::net::TcpStream = TcpStream::into_std(tcp)?;
        let (datagrams, _other) = net::UnixDatagram::pair()?;
        for fd in [reader.as_fd(), tcp.as_fd(), datagrams.as_fd()] {
            let error = UnixStream::try_from(fd.try_clone_to_owned()?).expect_err("wrong");
            assert_ne!(error.kind(), io::ErrorKind::WouldBlock);
            let text = error.to_string();
            assert!(text.contains("socket"), "{text}");
            UnixListener::try_from(fd.try_clone_to_owned()?).expect_err("wrong");
        }
        // A socket that is connected is of the right kind, but does not listen.
        let (stream, _other) = net::UnixStream::pair()?;
        let listener = UnixListener::try_from(OwnedFd::from(stream))?;
        let error = listener.accept().await.expect_err("does not listen");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        Ok(())
    })
}

fn descriptors_are_not_inherited() -> io::Result<()> {
    use rustix::io::{FdFlags, fcntl_getfd};

    let folder = Folder::new()?;
    let path = folder.path("s");
    run(async {
        let listener = UnixListener::bind(&path)?;
        let client = UnixStream::connect(&path).await?;
        let (server, _) = listener.accept().await?;
        let (one, other) = UnixStream::pair()?;
        for fd in [listener.as_fd(), client.as_fd(), server.as_fd(), one.as_fd(), other.as_fd()] {
            assert!(fcntl_getfd(fd)?.contains(FdFlags::CLOEXEC));
        }
        Ok(())
    })
}

#[cfg(target_os = "linux")]
fn the_peer_is_known() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("s");
    run(async {
        let listener = UnixListener::bind(&path)?;
        let client = UnixStream::connect(&path).await?;
        let (server, _) = listener.accept().await?;
        for stream in [&client, &server] {
            let peer = stream.peer_cred()?;
            assert_eq!(peer.pid(), i32::try_from(std::process::id()).ok());
            assert_eq!(peer.uid(), rustix::process::geteuid().as_raw());
            assert_eq!(peer.gid(), rustix::process::getegid().as_raw());
        }
        Ok(())
    })
}
