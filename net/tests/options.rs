//! Socket options arrive at the socket.

use std::io;
use std::net::Shutdown;
use std::time::Duration;

use futures::AsyncReadExt;
use runtime::net::tcp::Keepalive;
use runtime::net::{TcpListener, TcpSocket};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    options_of_a_stream_read_back,
    #[cfg(target_os = "linux")]
    keepalive_times_arrive,
    #[cfg(unix)]
    two_listeners_share_a_port,
    a_listener_has_a_time_to_live,
    shutting_down_reading_ends_the_stream_here,
);

fn options_of_a_stream_read_back() -> io::Result<()> {
    run(async {
        let (stream, _peer) = common::pair().await?;
        stream.set_nodelay(true)?;
        assert!(stream.nodelay()?);
        stream.set_ttl(42)?;
        assert_eq!(stream.ttl()?, 42);
        assert_eq!(stream.linger()?, None);
        stream.set_linger(Some(Duration::ZERO))?;
        assert_eq!(stream.linger()?, Some(Duration::ZERO));
        stream.set_linger(None)?;
        stream.set_zero_linger()?;
        assert_eq!(stream.linger()?, Some(Duration::ZERO));
        stream.set_keepalive(true)?;
        assert!(stream.keepalive()?);
        stream.set_send_buffer_size(32 * 1024)?;
        assert!(stream.send_buffer_size()? >= 32 * 1024);
        stream.set_recv_buffer_size(32 * 1024)?;
        assert!(stream.recv_buffer_size()? >= 32 * 1024);
        assert!(stream.take_error()?.is_none());
        Ok(())
    })
}

#[test]
fn options_of_a_socket_read_back() -> io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    assert!(socket.reuseaddr()?);
    socket.set_nodelay(true)?;
    assert!(socket.nodelay()?);
    socket.set_keepalive(true)?;
    assert!(socket.keepalive()?);
    socket.set_linger(Some(Duration::from_secs(1)))?;
    assert_eq!(socket.linger()?, Some(Duration::from_secs(1)));
    socket.set_zero_linger()?;
    assert_eq!(socket.linger()?, Some(Duration::ZERO));
    socket.set_send_buffer_size(32 * 1024)?;
    assert!(socket.send_buffer_size()? >= 32 * 1024);
    socket.set_recv_buffer_size(32 * 1024)?;
    assert!(socket.recv_buffer_size()? >= 32 * 1024);
    socket.set_tos_v4(16)?;
    assert_eq!(socket.tos_v4()?, 16);
    assert!(socket.take_error()?.is_none());
    if let Ok(socket) = TcpSocket::new_v6() {
        socket.set_only_v6(true)?;
        assert!(socket.only_v6()?);
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn keepalive_times_arrive() -> io::Result<()> {
    run(async {
        let (stream, _peer) = common::pair().await?;
        let keepalive = Keepalive::new()
            .time(Duration::from_secs(30))
            .interval(Duration::from_secs(10))
            .retries(3);
        stream.set_tcp_keepalive(&keepalive)?;
        let socket = socket2::SockRef::from(&stream);
        assert!(socket.keepalive()?);
        assert_eq!(socket.tcp_keepalive_time()?, Duration::from_secs(30));
        assert_eq!(socket.tcp_keepalive_interval()?, Duration::from_secs(10));
        assert_eq!(socket.tcp_keepalive_retries()?, 3);
        stream.set_quickack(true)?;
        stream.set_user_timeout(Some(Duration::from_secs(7)))?;
        assert_eq!(stream.user_timeout()?, Some(Duration::from_secs(7)));
        Ok(())
    })
}

#[cfg(unix)]
fn two_listeners_share_a_port() -> io::Result<()> {
    run(async {
        let listen = |address| {
            let socket = TcpSocket::new_for(address)?;
            socket.set_reuseport(true)?;
            assert!(socket.reuseport()?);
            socket.bind(address)?;
            socket.listen(16)
        };
        let first = listen("127.0.0.1:0".parse().expect("an address"))?;
        let second = listen(first.local_addr()?)?;
        assert_eq!(first.local_addr()?, second.local_addr()?);
        Ok(())
    })
}

fn a_listener_has_a_time_to_live() -> io::Result<()> {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        listener.set_ttl(33)?;
        assert_eq!(listener.ttl()?, 33);
        assert!(listener.take_error()?.is_none());
        Ok(())
    })
}

fn shutting_down_reading_ends_the_stream_here() -> io::Result<()> {
    run(async {
        let (mut stream, _peer) = common::pair().await?;
        let mut read = Box::pin(async {
            let mut buf = [0; 4];
            (&stream).read(&mut buf).await
        });
        assert!(common::stays_pending(&mut read).await?);
        stream.shutdown(Shutdown::Read)?;
        assert_eq!(read.await?, 0);
        assert_eq!(stream.read(&mut [0; 4]).await?, 0);
        Ok(())
    })
}
