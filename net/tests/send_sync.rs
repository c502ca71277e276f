//! Which types may leave the thread: all of them, but for servers.

use std::net::SocketAddr;

use runtime::net::server::{CloseReport, Connection, Host, ServerHandle};
use runtime::net::tcp::{
    Family, Incoming, Keepalive, OwnedReadHalf, OwnedWriteHalf, ReadHalf, ReuniteError, WriteHalf,
};
use runtime::net::udp;
use runtime::net::{
    AttemptsError, TcpConnector, TcpListener, TcpSocket, TcpStream, UdpSocket, lookup_addr,
    lookup_host,
};

fn anywhere<T: Send + Sync>() {}
fn movable<T: Unpin>() {}
fn sends<T: Send>(_: T) {}

#[test]
fn every_type_is_send_and_sync() {
    anywhere::<TcpListener>();
    anywhere::<TcpStream>();
    anywhere::<TcpSocket>();
    anywhere::<ReadHalf<'static>>();
    anywhere::<WriteHalf<'static>>();
    anywhere::<OwnedReadHalf>();
    anywhere::<OwnedWriteHalf>();
    anywhere::<ReuniteError>();
    anywhere::<Incoming<'static>>();
    anywhere::<Keepalive>();
    anywhere::<AttemptsError>();
    anywhere::<ServerHandle>();
    anywhere::<Connection<TcpStream>>();
    anywhere::<CloseReport>();
    anywhere::<Host>();
    anywhere::<UdpSocket>();
    anywhere::<udp::Builder>();
    anywhere::<udp::Received>();
    anywhere::<TcpConnector>();
    anywhere::<Family>();
    anywhere::<udp::RecvBatch>();
    anywhere::<udp::SendBatch>();
    anywhere::<udp::Datagrams<'static>>();
}

#[test]
fn streams_and_halves_are_unpin() {
    movable::<TcpListener>();
    movable::<TcpStream>();
    movable::<OwnedReadHalf>();
    movable::<OwnedWriteHalf>();
    movable::<Incoming<'static>>();
    movable::<Connection<TcpStream>>();
    movable::<UdpSocket>();
}

/// Never called: compiling it is the test.
#[allow(dead_code, clippy::let_underscore_future)]
fn futures_may_leave_the_thread(listener: &TcpListener, stream: &TcpStream, address: SocketAddr) {
    sends(lookup_host("localhost:1"));
    sends(lookup_addr(address));
    sends(TcpStream::connect("localhost:1"));
    sends(TcpConnector::new().connect("localhost:1"));
    sends(TcpListener::bind(("localhost", 1)));
    sends(listener.accept());
    sends(stream.readable());
    sends(stream.writable());
    sends(stream.peek(&mut []));
    if let Ok(socket) = TcpSocket::new_v4() {
        sends(socket.connect(address));
    }
}

/// Never called: compiling it is the test.
#[allow(dead_code)]
fn futures_of_servers_may_leave_the_thread(
    handle: &ServerHandle,
    connection: &Connection<TcpStream>,
) {
    sends(handle.wait_closed(None));
    sends(handle.shutdown(std::time::Duration::ZERO));
    sends(connection.closing());
}

/// Never called: compiling it is the test.
#[allow(dead_code, clippy::let_underscore_future)]
fn futures_of_datagrams_may_leave_the_thread(socket: &UdpSocket, address: SocketAddr) {
    sends(UdpSocket::bind("localhost:1"));
    sends(UdpSocket::builder().remote("localhost:1").open());
    sends(socket.connect("localhost:1"));
    sends(socket.send_to(&[], "localhost:1"));
    sends(socket.send_to_vectored(&[], address));
    sends(socket.recv_from(&mut []));
    sends(socket.recv_msg(&mut []));
    sends(socket.recv_vectored(&mut []));
    sends(async { socket.recv_batch(&mut udp::RecvBatch::new(1, 1)).await });
    sends(async { socket.send_batch(&mut udp::SendBatch::new()).await });
}

#[cfg(unix)]
#[test]
fn every_type_of_unix_is_send_and_sync() {
    use runtime::net::{UnixDatagram, UnixListener, UnixSocket, UnixStream, unix};

    anywhere::<UnixDatagram>();
    anywhere::<unix::ReceivedFds>();
    anywhere::<unix::pipe::Sender>();
    anywhere::<unix::pipe::Receiver>();
    anywhere::<unix::pipe::OpenOptions>();
    anywhere::<UnixListener>();
    anywhere::<UnixStream>();
    anywhere::<UnixSocket>();
    anywhere::<unix::ReadHalf<'static>>();
    anywhere::<unix::OwnedReadHalf>();
    anywhere::<unix::OwnedWriteHalf>();
    anywhere::<unix::ReuniteError>();
    anywhere::<unix::Incoming<'static>>();
    anywhere::<unix::SocketAddr>();
    movable::<UnixStream>();
    movable::<UnixListener>();
}

/// Never called: compiling it is the test.
#[cfg(unix)]
#[allow(dead_code, clippy::let_underscore_future)]
fn futures_of_unix_may_leave_the_thread(
    listener: &runtime::net::UnixListener,
    stream: &runtime::net::UnixStream,
    datagram: &runtime::net::UnixDatagram,
    address: &runtime::net::unix::SocketAddr,
) {
    sends(runtime::net::UnixStream::connect("path"));
    sends(runtime::net::UnixStream::connect_addr(address));
    sends(stream.send_fds(&[], &[]));
    sends(stream.recv_fds(&mut [], 1));
    sends(datagram.send_to_addr(&[], address));
    sends(listener.accept());
    sends(stream.readable());
    sends(stream.peek(&mut []));
}
