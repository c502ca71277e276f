//! Datagrams of Unix sockets.

#![cfg(unix)]

use std::error::Error;
use std::future::poll_fn;
use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net;

use futures::FutureExt;
use runtime::net::UnixDatagram;
use runtime::reactor::Interest;

mod common;

use common::folder::Folder;
use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    datagrams_keep_their_boundaries_empty_ones_too,
    a_look_leaves_the_datagram_there,
    datagrams_may_lie_in_several_buffers,
    an_answer_finds_the_sender_by_its_path,
    what_does_not_fit_is_cut_off,
    sending_waits_for_room_at_the_peer,
    sending_to_an_address_waits_for_room_there,
    who_is_gone_or_was_never_there_is_told,
    a_stale_file_is_replaced_and_ones_own_removed,
    sockets_go_there_and_back,
    wrong_kinds_of_descriptors_are_refused,
    a_cancelled_receive_loses_nothing,
    #[cfg(target_os = "linux")]
    abstract_names_round_trip,
);

fn datagrams_keep_their_boundaries_empty_ones_too() -> io::Result<()> {
    run(async {
        let (one, other) = UnixDatagram::pair()?;
        let mut buf = [0; 16];
        let error = other.try_recv(&mut buf).expect_err("nothing there");
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        for datagram in [&b"one"[..], b"", b"three"] {
            assert_eq!(one.send(datagram).await?, datagram.len());
        }
        other.readable().await?;
        assert!(other.ready(Interest::READABLE).await?.is_readable());
        assert_eq!(other.recv(&mut buf).await?, 3);
        assert_eq!(other.try_recv(&mut buf)?, 0);
        let (count, sender) = other.recv_from(&mut buf).await?;
        assert_eq!(&buf[..count], b"three");
        assert!(sender.is_unnamed());
        Ok(())
    })
}

fn a_look_leaves_the_datagram_there() -> io::Result<()> {
    run(async {
        let (one, other) = UnixDatagram::pair()?;
        let mut buf = [0; 16];
        let error = other.try_peek(&mut buf).expect_err("nothing there");
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        let mut peek = Box::pin(other.peek(&mut buf));
        assert!(common::stays_pending(&mut peek).await?);
        one.send(b"hello").await?;
        assert_eq!(peek.await?, 5);
        assert_eq!(&buf[..5], b"hello");
        assert_eq!(other.try_peek(&mut [0; 2])?, 2, "what fits");
        let polled = poll_fn(|cx| other.poll_peek(cx, &mut buf)).await?;
        assert_eq!((polled, other.recv(&mut buf).await?), (5, 5));
        Ok(())
    })
}

fn datagrams_may_lie_in_several_buffers() -> io::Result<()> {
    run(async {
        let (one, other) = UnixDatagram::pair()?;
        let parts = [IoSlice::new(b"head"), IoSlice::new(b""), IoSlice::new(b"body")];
        let (mut head, mut body) = ([0; 4], [0; 8]);
        for _ in 0..2 {
            assert_eq!(one.send_vectored(&parts).await?, 8);
        }
        assert_eq!(one.try_send_vectored(&[])?, 0);
        let bufs = &mut [IoSliceMut::new(&mut head), IoSliceMut::new(&mut body)];
        assert_eq!(other.recv_vectored(bufs).await?, 8);
        assert_eq!(other.try_recv_vectored(&mut [IoSliceMut::new(&mut [0; 6])])?, 6, "cut off");
        assert_eq!(other.try_recv_vectored(&mut [IoSliceMut::new(&mut [0; 6])])?, 0);
        let empty = other.try_recv_vectored(&mut []).expect_err("nothing there");
        assert_eq!(empty.kind(), io::ErrorKind::WouldBlock);
        assert_eq!((&head, &body[..4]), (b"head", &b"body"[..]));

        // Where there is no room, and when nobody is there.
        while one.try_send_vectored(&parts).is_ok() {}
        let mut send = Box::pin(one.send_vectored(&parts));
        assert!(common::stays_pending(&mut send).await?);
        while other.try_recv(&mut [0; 8]).is_ok() {}
        assert_eq!(send.await?, 8);
        drop(other);
        let error = one.send_vectored(&parts).await.expect_err("it is gone");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        Ok(())
    })
}

fn an_answer_finds_the_sender_by_its_path() -> io::Result<()> {
    let folder = Folder::new()?;
    let (server, client) = (folder.path("server"), folder.path("client"));
    run(async {
        let service = UnixDatagram::bind(&server)?;
        let socket = UnixDatagram::bind(&client)?;
        socket.send_to(b"question", &server).await?;
        let mut buf = [0; 16];
        let (count, sender) = service.recv_from(&mut buf).await?;
        assert_eq!((&buf[..count], sender.as_pathname()), (&b"question"[..], Some(&*client)));
        service.send_to_addr(b"answer", &sender).await?;
        socket.connect(&server)?;
        assert_eq!(socket.peer_addr()?.as_pathname(), Some(&*server));
        assert_eq!(socket.local_addr()?.as_pathname(), Some(&*client));
        assert_eq!(socket.recv(&mut buf).await?, 6);
        assert_eq!(socket.try_send(b"thanks")?, 6);
        assert_eq!(service.try_recv_from(&mut buf)?.0, 6);
        Ok(())
    })
}

fn what_does_not_fit_is_cut_off() -> io::Result<()> {
    run(async {
        let (one, other) = UnixDatagram::pair()?;
        one.send(b"long").await?;
        one.send(b"next").await?;
        let mut buf = [0; 2];
        assert_eq!(other.recv(&mut buf).await?, 2);
        assert_eq!(&buf, b"lo");
        let received = other.recv_fds(&mut buf, 0).await?;
        assert!(received.truncated && !received.fds_truncated);
        assert_eq!(&buf, b"ne");
        Ok(())
    })
}

/// Sends until the receiver's queue is full, and tells how many datagrams that were.
fn fill(mut send: impl FnMut() -> io::Result<usize>) -> usize {
    std::iter::from_fn(|| match send() {
        Ok(count) => Some(count),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
        Err(error) => panic!("{error}"),
    })
    .count()
}

fn sending_waits_for_room_at_the_peer() -> io::Result<()> {
    run(async {
        let (one, other) = UnixDatagram::pair()?;
        let queued = fill(|| one.try_send(b"x"));
        assert!(queued > 0);
        let mut send = Box::pin(one.send(b"last"));
        assert!(common::stays_pending(&mut send).await?);
        for _ in 0..queued {
            assert_eq!(other.recv(&mut [0; 8]).await?, 1);
        }
        assert_eq!(send.await?, 4);
        assert_eq!(other.recv(&mut [0; 8]).await?, 4);
        Ok(())
    })
}

fn sending_to_an_address_waits_for_room_there() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("s");
    run(async {
        let (receiver, sender) = (UnixDatagram::bind(&path)?, UnixDatagram::unbound()?);
        let queued = fill(|| sender.try_send_to(b"x", &path));
        assert!(queued > 0);
        let mut send = Box::pin(sender.send_to(b"last", &path));
        assert!((&mut send).now_or_never().is_none());
        for _ in 0..queued {
            assert_eq!(receiver.recv(&mut [0; 8]).await?, 1);
        }
        // The system has no event for this one; it must come nevertheless.
        assert_eq!(send.await?, 4);
        assert_eq!(receiver.recv(&mut [0; 8]).await?, 4);
        Ok(())
    })
}

fn who_is_gone_or_was_never_there_is_told() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("s");
    run(async {
        let socket = UnixDatagram::unbound()?;
        assert!(socket.local_addr()?.is_unnamed());
        let error = socket.send(b"x").await.expect_err("no peer");
        assert_eq!(error.kind(), io::ErrorKind::NotConnected);
        let error = socket.send_to(b"x", &path).await.expect_err("no file");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(error.to_string().contains(path.to_str().expect("ASCII")), "{error}");
        // What the system says is there, too, with its number.
        let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
        assert_eq!(cause.and_then(io::Error::raw_os_error), Some(libc::ENOENT));
        let error = socket.connect(&path).expect_err("no file");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);

        let other = UnixDatagram::bind(&path)?;
        socket.connect(&path)?;
        drop(other);
        let error = socket.send(b"x").await.expect_err("gone");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        let error = socket.send_to(b"x", "").await.expect_err("no path");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        let error = socket.send_to(b"x", "x".repeat(200)).await.expect_err("too long");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        Ok(())
    })
}

fn a_stale_file_is_replaced_and_ones_own_removed() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("s");
    drop(net::UnixDatagram::bind(&path)?);
    run(async {
        let socket = UnixDatagram::bind(&path)?.unlink_on_drop(true);
        let error = UnixDatagram::bind(&path).expect_err("in use");
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        drop(socket);
        assert!(!path.exists());
        Ok(())
    })
}

fn sockets_go_there_and_back() -> io::Result<()> {
    let (one, other) = net::UnixDatagram::pair()?;
    run(async {
        let one = UnixDatagram::try_from(one)?;
        let mut buf = [0; 8];
        let mut receive = Box::pin(one.recv(&mut buf));
        // Would hang here if the socket were still blocking.
        assert!(common::stays_pending(&mut receive).await?);
        other.send(b"x")?;
        assert_eq!(receive.await?, 1);
        let one = net::UnixDatagram::try_from(one)?;
        let one = UnixDatagram::try_from(OwnedFd::from(one))?;
        other.send(b"xy")?;
        assert_eq!(one.recv(&mut buf).await?, 2);
        OwnedFd::try_from(one)?;
        Ok(())
    })
}

fn wrong_kinds_of_descriptors_are_refused() -> io::Result<()> {
    let (reader, _writer) = rustix::pipe::pipe()?;
    let (stream, _other) = net::UnixStream::pair()?;
    let udp = std::net::UdpSocket::bind("127.0.0.1:0")?;
    run(async {
        for fd in [reader.as_fd(), stream.as_fd(), udp.as_fd()] {
            let error = UnixDatagram::try_from(fd.try_clone_to_owned()?).expect_err("wrong");
            assert!(error.to_string().contains("socket"), "{error}");
        }
        Ok(())
    })
}

fn a_cancelled_receive_loses_nothing() -> io::Result<()> {
    run(async {
        let (one, other) = UnixDatagram::pair()?;
        let mut buf = [0; 8];
        let mut receive = Box::pin(other.recv(&mut buf));
        assert!(common::stays_pending(&mut receive).await?);
        one.send(b"x").await?;
        drop(receive);
        assert_eq!(other.recv(&mut buf).await?, 1);
        Ok(())
    })
}

#[cfg(target_os = "linux")]
fn abstract_names_round_trip() -> io::Result<()> {
    use std::os::linux::net::SocketAddrExt;

    use runtime::net::unix::SocketAddr;

    let module = selectors::choice().module;
    let name = |end: &str| format!("{} {module} \0{end}\0", std::process::id());
    run(async {
        let address = SocketAddr::from_abstract_name(name("server"))?;
        let server = UnixDatagram::bind_addr(&address)?;
        let own = SocketAddr::from_abstract_name(name("client"))?;
        let client = UnixDatagram::bind_addr(&own)?;
        client.send_to_addr(b"x", &address).await?;
        let (_, sender) = server.recv_from(&mut [0; 8]).await?;
        assert_eq!(sender.as_abstract_name(), own.as_abstract_name());
        client.connect_addr(&address)?;
        assert_eq!(client.peer_addr()?.as_abstract_name(), address.as_abstract_name());
        client.send(b"y").await?;
        assert_eq!(server.recv(&mut [0; 8]).await?, 1);
        Ok(())
    })
}
