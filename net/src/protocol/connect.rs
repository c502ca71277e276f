//! Connections that begin on this side, and such as are there already.

use std::io;

use super::Transport;
use super::connection::Connection;
use super::driver::Driver;
use super::kind::AnyProtocol;
use super::panics::panicked;
use super::wire::IntoWire;
use crate::TcpStream;
use crate::addr::ToSocketAddrs;

/// Connects to an address by TCP, as [`TcpStream::connect`], and hands the connection to the protocol that
/// `factory` makes.
///
/// `connection_made` has been called when this returns. `factory` is called once the connection stands.
///
/// # Errors
///
/// Those of [`TcpStream::connect`]; and if `connection_made` panics, of which the exception handler has been
/// told then.
///
/// # Cancel safety
///
/// Dropping the future gives the attempt up, and no protocol is made.
///
/// # Examples
///
/// ```no_run
/// use runtime::net::protocol::{Protocol, Transport, create_connection};
///
/// struct Print;
///
/// impl Protocol for Print {
///     fn connection_made(&mut self, transport: Transport) {
///         transport.write(b"GET / HTTP/1.0\r\nHost: example.org\r\n\r\n");
///     }
///
///     fn data_received(&mut self, data: &[u8]) {
///         print!("{}", String::from_utf8_lossy(data));
///     }
///
///     fn connection_lost(&mut self, error: Option<std::io::Error>) {
///         runtime::Handle::current().stop().expect("the loop runs");
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let rt = runtime::Runtime::new()?;
/// rt.block_on(create_connection(|| Print, "example.org:80"))?;
/// rt.run_forever()?;
/// # Ok(())
/// # }
/// ```
pub async fn create_connection<Kind: 'static, P: AnyProtocol<Kind>>(
    factory: impl FnOnce() -> P,
    address: impl ToSocketAddrs,
) -> io::Result<Transport> {
    let stream = TcpStream::connect(address).await?;
    connect_accepted_socket(factory, stream)
}

/// Hands a stream that is connected already to the protocol that `factory` makes.
///
/// It may come from [`accept`](crate::TcpListener::accept), from another library, or have TLS on top (see
/// [`Exclusive`](super::Exclusive)). `connection_made` has been called when this returns; everything else is
/// called later.
///
/// # Errors
///
/// If `connection_made` panics, of which the exception handler has been told then.
///
/// # Panics
///
/// Outside of a loop.
///
/// # Examples
///
/// ```
/// use futures::AsyncReadExt;
/// use runtime::net::protocol::{Protocol, Transport, connect_accepted_socket};
/// use runtime::net::{TcpListener, TcpStream};
///
/// struct Greet;
///
/// impl Protocol for Greet {
///     fn connection_made(&mut self, transport: Transport) {
///         transport.write(b"hello");
///         transport.close();
///     }
///
///     fn data_received(&mut self, _: &[u8]) {}
/// }
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let listener = TcpListener::bind("127.0.0.1:0").await?;
///     let mut client = TcpStream::connect(listener.local_addr()?).await?;
///     let (stream, _) = listener.accept().await?;
///     connect_accepted_socket(|| Greet, stream)?;
///
///     let mut text = String::new();
///     client.read_to_string(&mut text).await?;
///     assert_eq!(text, "hello");
///     Ok(())
/// })
/// # }
/// ```
#[track_caller]
pub fn connect_accepted_socket<Kind: 'static, P: AnyProtocol<Kind>>(
    factory: impl FnOnce() -> P,
    stream: impl IntoWire,
) -> io::Result<Transport> {
    let driver = begin(factory, stream)?;
    let transport = driver.transport();
    drop(runtime_core::spawn(driver));
    Ok(transport)
}

/// Makes the protocol and tells it of the connection; the rest is up to the driver.
pub(super) fn begin<Kind: 'static, P: AnyProtocol<Kind>, S: IntoWire>(
    factory: impl FnOnce() -> P,
    stream: S,
) -> io::Result<Driver<Kind, S::Wire, P>> {
    let connection = Connection::new(stream.into_wire(), factory());
    if connection.make() { Ok(Driver::new(connection)) } else { Err(panicked()) }
}
