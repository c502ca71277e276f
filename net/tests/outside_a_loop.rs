//! Without a loop everything that needs one is an error that says so, and nothing panics.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use futures::executor::block_on;
use runtime::net::protocol::{Protocol, create_connection, create_server};
use runtime::net::{
    Server, TcpConnector, TcpListener, TcpSocket, TcpStream, UdpSocket, lookup_addr, lookup_host,
    sendfile,
};

const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

#[track_caller]
fn says_so<T>(outcome: Result<T, impl fmt::Display>) {
    let error = outcome.err().expect("there is no loop").to_string();
    assert!(error.contains("there is no reactor running"), "{error}");
}

/// A protocol that is never made.
struct Nothing;

impl Protocol for Nothing {
    fn data_received(&mut self, _: &[u8]) {}
}

#[test]
fn sockets_of_tcp_say_so() -> io::Result<()> {
    let blocking = std::net::TcpListener::bind(ANY_PORT)?;
    let address = blocking.local_addr()?;
    says_so(block_on(TcpListener::bind(ANY_PORT)));
    says_so(block_on(TcpStream::connect(address)));
    says_so(block_on(TcpConnector::new().timeout(Duration::from_secs(1)).connect(address)));
    says_so(block_on(TcpSocket::new_v4()?.connect(address)));
    says_so(TcpStream::from_std(std::net::TcpStream::connect(address)?));
    says_so(TcpListener::from_std(blocking));
    let socket = TcpSocket::new_v4()?;
    socket.bind(ANY_PORT)?;
    says_so(socket.listen(1));
    Ok(())
}

#[test]
fn sockets_of_udp_say_so() {
    says_so(block_on(UdpSocket::bind(ANY_PORT)));
    says_so(block_on(UdpSocket::builder().open()));
    says_so(block_on(UdpSocket::builder().remote(ANY_PORT).open()));
}

#[test]
fn servers_and_protocols_say_so() -> io::Result<()> {
    says_so(block_on(Server::builder().bind("127.0.0.1", 0).serve(async |_, _| ())));
    says_so(block_on(create_server(|| Nothing, ANY_PORT)));
    let listener = std::net::TcpListener::bind(ANY_PORT)?;
    says_so(block_on(create_connection(|| Nothing, listener.local_addr()?)));
    Ok(())
}

#[test]
fn look_ups_of_names_say_so() {
    says_so(block_on(lookup_host("localhost:1")).map(drop));
    says_so(block_on(lookup_addr(ANY_PORT)));
    assert!(block_on(lookup_host("127.0.0.1:1")).is_ok(), "nothing to look up");
}

#[test]
fn sending_a_file_by_way_of_a_buffer_says_so() -> io::Result<()> {
    let program = std::fs::File::open(std::env::current_exe()?)?;
    says_so(block_on(sendfile(&mut Vec::new(), &program, 0, 4).into_future()));
    Ok(())
}

#[cfg(unix)]
#[test]
fn sockets_of_unix_and_pipes_say_so() -> io::Result<()> {
    use runtime::net::unix::pipe::pipe;
    use runtime::net::{UnixDatagram, UnixListener, UnixSocket, UnixStream};

    let path = std::env::temp_dir().join(format!("outside-{}", std::process::id()));
    says_so(UnixListener::bind(&path));
    assert!(!path.exists(), "a bind that fails leaves no file");
    says_so(UnixDatagram::bind(&path));
    assert!(!path.exists(), "a bind that fails leaves no file");
    let socket = UnixSocket::new_stream()?;
    socket.bind(&path)?;
    says_so(socket.listen(1));
    assert!(!path.exists(), "a listener that is not made leaves no file");

    let _listener = std::os::unix::net::UnixListener::bind(&path)?;
    says_so(block_on(UnixStream::connect(&path)));
    std::fs::remove_file(&path)?;
    says_so(UnixStream::pair());
    says_so(UnixDatagram::pair());
    says_so(UnixDatagram::unbound());
    says_so(UnixSocket::new_datagram()?.datagram());
    says_so(pipe());
    Ok(())
}
