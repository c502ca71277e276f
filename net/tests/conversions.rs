//! Sockets come from the standard library and go back to it.

use std::io::{self, Read, Write};

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_blocking_stream_is_made_nonblocking_and_goes_back_as_it_is,
    a_listener_goes_there_and_back,
    a_socket_made_elsewhere_connects,
    #[cfg(unix)]
    descriptors_are_taken_over_and_given_back,
    a_stream_moves_from_one_loop_to_another,
    a_udp_socket_goes_there_and_back,
);

fn a_blocking_stream_is_made_nonblocking_and_goes_back_as_it_is() -> io::Result<()> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let blocking = std::net::TcpStream::connect(listener.local_addr()?)?;
    let (mut peer, _) = listener.accept()?;
    run(async {
        let mut stream = TcpStream::from_std(blocking)?;
        let mut buf = [0; 8];
        let mut read = Box::pin(stream.read(&mut buf));
        // Would hang here if the stream were still blocking.
        assert!(common::stays_pending(&mut read).await?);
        peer.write_all(b"there")?;
        assert_eq!(read.await?, 5);

        let mut back = stream.into_std()?;
        assert_eq!(back.read(&mut buf).expect_err("nonblocking").kind(), io::ErrorKind::WouldBlock);
        back.set_nonblocking(false)?;
        peer.write_all(b"back")?;
        assert_eq!(back.read(&mut buf)?, 4);

        // And in again: the loop has let go of it properly.
        let mut stream = TcpStream::try_from(back)?;
        peer.write_all(b"again")?;
        assert_eq!(stream.read(&mut buf).await?, 5);
        std::net::TcpStream::try_from(stream)?;
        Ok(())
    })
}

fn a_listener_goes_there_and_back() -> io::Result<()> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    run(async {
        let listener = TcpListener::from_std(listener)?;
        let mut accept = Box::pin(listener.accept());
        assert!(common::stays_pending(&mut accept).await?);
        let _client = TcpStream::connect(address).await?;
        accept.await?;
        let listener: std::net::TcpListener = listener.into_std()?;
        assert_eq!(listener.local_addr()?, address);
        let listener = TcpListener::try_from(listener)?;
        let _client = TcpStream::connect(address).await?;
        listener.accept().await?;
        Ok(())
    })
}

fn a_socket_made_elsewhere_connects() -> io::Result<()> {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let foreign = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
        let socket = TcpSocket::from_std_stream(foreign.into())?;
        // There, and back.
        let socket = TcpSocket::from_std_stream(socket.into_std_stream())?;
        let mut client = socket.connect(listener.local_addr()?).await?;
        let (mut server, _) = listener.accept().await?;
        client.write_all(b"hi").await?;
        server.read_exact(&mut [0; 2]).await?;
        Ok(())
    })
}

#[cfg(unix)]
fn descriptors_are_taken_over_and_given_back() -> io::Result<()> {
    use std::os::fd::{AsRawFd, OwnedFd};

    run(async {
        let (client, mut server) = common::pair().await?;
        let number = client.as_raw_fd();
        let fd = OwnedFd::try_from(client)?;
        assert_eq!(fd.as_raw_fd(), number);
        let mut client = TcpStream::try_from(fd)?;
        client.write_all(b"same").await?;
        server.read_exact(&mut [0; 4]).await?;
        let fd = OwnedFd::from(TcpSocket::new_v4()?);
        TcpSocket::try_from(fd)?;
        let fd = OwnedFd::try_from(TcpListener::bind("127.0.0.1:0").await?)?;
        TcpListener::try_from(fd)?;
        let fd = OwnedFd::try_from(UdpSocket::bind("127.0.0.1:0").await?)?;
        UdpSocket::try_from(fd)?;
        Ok(())
    })
}

fn a_stream_moves_from_one_loop_to_another() -> io::Result<()> {
    let (client, mut server) = run(async {
        let (client, server) = common::half_pair().await?;
        Ok::<_, io::Error>((client.into_std()?, server))
    })?;
    server.write_all(b"moved")?;
    run(async {
        let mut text = [0; 5];
        TcpStream::from_std(client)?.read_exact(&mut text).await?;
        assert_eq!(&text, b"moved");
        Ok(())
    })
}

fn a_udp_socket_goes_there_and_back() -> io::Result<()> {
    let blocking = std::net::UdpSocket::bind("127.0.0.1:0")?;
    let address = blocking.local_addr()?;
    run(async {
        let socket = UdpSocket::try_from(blocking)?;
        let mut buf = [0; 8];
        let mut recv = Box::pin(socket.recv(&mut buf));
        // Would hang here if the socket were still blocking.
        assert!(common::stays_pending(&mut recv).await?);
        let peer = UdpSocket::bind("127.0.0.1:0").await?;
        peer.send_to(b"there", address).await?;
        assert_eq!(recv.await?, 5);

        let back = std::net::UdpSocket::try_from(socket)?;
        assert_eq!(back.recv(&mut buf).expect_err("nonblocking").kind(), io::ErrorKind::WouldBlock);
        let again = UdpSocket::from_std(back)?;
        peer.send_to(b"again", address).await?;
        assert_eq!(again.recv(&mut buf).await?, 5);
        Ok(())
    })
}
