//! Servers whose connections have a protocol each.

use std::io;

use super::connect::begin;
use super::kind::AnyProtocol;
use super::wire::IntoWire;
use crate::addr::ToSocketAddrs;
use crate::server::{Builder, Listener, Server};

/// Listens on all addresses of a host, as [`Builder::bind`] does, and hands each connection to a protocol that
/// `factory` makes.
///
/// The server says how many connections there are, and ends them in good order: asked to
/// [close its clients](Server::close_clients) it has each protocol hear of the end of its input. A
/// [`Builder`] has more to say about how to listen, and [`serve_protocol`](Builder::serve_protocol).
///
/// # Errors
///
/// As [`Builder::serve`].
///
/// # Cancel safety
///
/// Cancel safe: nothing is bound unless the server is returned.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use runtime::net::protocol::{Protocol, Transport, create_server};
///
/// struct TimeOfDay;
///
/// impl Protocol for TimeOfDay {
///     fn connection_made(&mut self, transport: Transport) {
///         transport.write(format!("{:?}\n", std::time::SystemTime::now()).as_bytes());
///         transport.close();
///     }
///
///     fn data_received(&mut self, _: &[u8]) {}
/// }
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let server = create_server(|| TimeOfDay, "127.0.0.1:0").await?;
///     println!("listening on {:?}", server.local_addrs());
///     server.shutdown(Duration::from_secs(1)).await;
///     Ok(())
/// })
/// # }
/// ```
pub async fn create_server<Kind: 'static, P: AnyProtocol<Kind>>(
    factory: impl Fn() -> P + 'static,
    address: impl ToSocketAddrs,
) -> io::Result<Server> {
    Server::builder().bind_target(address.target()?).serve_protocol(factory).await
}

impl<L: Listener> Builder<L>
where
    L::Stream: IntoWire,
{
    /// Binds the addresses, and hands each connection to a protocol that `factory` makes; see
    /// [`protocol`](crate::protocol).
    ///
    /// # Errors
    ///
    /// As [`serve`](Builder::serve).
    ///
    /// # Cancel safety
    ///
    /// As [`serve`](Builder::serve).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::Server;
    /// use runtime::net::protocol::Protocol;
    ///
    /// struct Discard;
    ///
    /// impl Protocol for Discard {
    ///     fn data_received(&mut self, _: &[u8]) {}
    /// }
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let builder = Server::builder().bind(None, 0).max_connections(1000);
    ///     let server = builder.serve_protocol(|| Discard).await?;
    ///     println!("listening on {:?}", server.local_addrs());
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub async fn serve_protocol<Kind: 'static, P: AnyProtocol<Kind>>(
        self,
        factory: impl Fn() -> P + 'static,
    ) -> io::Result<Server<L>> {
        self.serve(async move |stream, _| {
            // A protocol that panics in `connection_made` has been reported.
            if let Ok(driver) = begin(&factory, stream) {
                driver.await;
            }
        })
        .await
    }
}
