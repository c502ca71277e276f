//! What a server is to be like.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use runtime_core::Handle;

use super::bind::{self, Bound, Opened, Options, Wrap};
use super::state::State;
use super::{Host, Listener, Server, client, registry};
use crate::addr::sealed::Target;
use crate::tcp::{TcpListener, TcpSocket};

/// Sets a [`Server`] up, and starts it.
///
/// # Examples
///
/// One port on every interface, for a hundred clients at a time:
///
/// ```
/// use futures::AsyncWriteExt;
/// use runtime::net::Server;
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let server = Server::builder()
///         .bind(None, 0)
///         .max_connections(100)
///         .serve(async |mut stream, peer| {
///             let _ = stream.write_all(format!("hello, {peer}\n").as_bytes()).await;
///         })
///         .await?;
///     for address in server.local_addrs() {
///         println!("listening on {address}"); // 0.0.0.0:37421, [::]:37421
///     }
///     Ok(())
/// })
/// # }
/// ```
#[must_use = "a builder does nothing until it serves"]
pub struct Builder<L: Listener = TcpListener> {
    places: Vec<Place<L>>,
    /// How TCP sockets become listeners; none where they do not.
    wrap: Option<Wrap<L>>,
    options: Options,
    start_serving: bool,
    max_connections: usize,
}

/// Where to accept from.
enum Place<L> {
    Host(Host, u16),
    Target(Target),
    Addr(SocketAddr),
    Listener(L),
}

impl Builder<TcpListener> {
    /// A builder without a place to listen on.
    pub(super) fn tcp() -> Builder<TcpListener> {
        let wrap = Wrap { listener: Rc::new(|listener| listener), addr: |addr| addr };
        Builder { wrap: Some(wrap), ..Builder::empty() }
    }
}

/// Where to listen, for servers over TCP.
impl Builder<TcpListener> {
    /// Listens on a host, too: a name, an address, or `None` for all interfaces.
    ///
    /// Each address that a name has gets a socket. IPv6 sockets take IPv6 connections only (`IPV6_V6ONLY`),
    /// so `None` makes two sockets. With port 0 the system chooses a free one, and all sockets of the host
    /// have that same port. An address that this machine has not got, such as any IPv6 one where that is
    /// turned off, is left out as long as the host has another one that works.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::Server;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let server = Server::builder()
    ///         .bind("127.0.0.1", 0)
    ///         .bind("localhost", 0)
    ///         .serve(async |_, _| ())
    ///         .await?;
    ///     println!("{:?}", server.local_addrs());
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn bind(mut self, host: impl Into<Host>, port: u16) -> Builder<TcpListener> {
        self.places.push(Place::Host(host.into(), port));
        self
    }

    /// Listens on all that an address means, too.
    pub(crate) fn bind_target(mut self, target: Target) -> Builder<TcpListener> {
        self.places.push(Place::Target(target));
        self
    }

    /// Listens on an address, too.
    pub fn bind_addr(mut self, address: impl Into<SocketAddr>) -> Builder<TcpListener> {
        self.places.push(Place::Addr(address.into()));
        self
    }

    /// Accepts from a listener of the standard library, too, such as one that another process has handed
    /// down.
    ///
    /// # Errors
    ///
    /// As [`TcpListener::from_std`]. It is also an error to call this outside a loop.
    pub fn from_std(self, listener: std::net::TcpListener) -> io::Result<Builder<TcpListener>> {
        Ok(self.listener(TcpListener::from_std(listener)?))
    }

    /// Sets how many connections may wait to be accepted; the system's limit by default.
    pub fn backlog(mut self, backlog: u32) -> Builder<TcpListener> {
        self.options.backlog = backlog;
        self
    }

    /// Lets other sockets of this user listen on the same addresses, between which the system deals out the
    /// connections (`SO_REUSEPORT`): one server for each loop of a [`LoopGroup`](runtime_core::LoopGroup),
    /// for example.
    ///
    /// Windows has no such option, and [`serve`](Builder::serve) fails there with
    /// [`Unsupported`](io::ErrorKind::Unsupported).
    pub fn reuse_port(mut self, reuse: bool) -> Builder<TcpListener> {
        self.options.reuse_port = reuse;
        self
    }

    /// Sets whether a port can be bound on which connections of a former server linger (`SO_REUSEADDR`).
    ///
    /// On by default, except on Windows, where it means something else.
    pub fn reuse_address(mut self, reuse: bool) -> Builder<TcpListener> {
        self.options.reuse_address = reuse;
        self
    }

    /// Calls `configure` with each socket before it is bound, for options that are not methods here.
    ///
    /// On Linux, connections inherit many of them, such as `TCP_NODELAY` and the sizes of buffers.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let server = runtime::net::Server::builder()
    ///         .bind("127.0.0.1", 0)
    ///         .configure(|socket| socket.set_nodelay(true))
    ///         .serve(async |_, _| ())
    ///         .await?;
    ///     # drop(server);
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn configure(
        mut self,
        configure: impl Fn(&TcpSocket) -> io::Result<()> + 'static,
    ) -> Builder<TcpListener> {
        self.options.configure = Some(Box::new(configure));
        self
    }
}

impl<L: Listener> Builder<L> {
    pub(super) fn empty() -> Builder<L> {
        Builder {
            places: Vec::new(),
            wrap: None,
            options: Options::default(),
            start_serving: true,
            max_connections: usize::MAX,
        }
    }

    /// Accepts from this listener, too.
    ///
    /// # Examples
    ///
    /// One server on an address of its own and on a listener that was there before:
    ///
    /// ```
    /// use runtime::net::{Server, TcpListener};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let listener = TcpListener::bind("127.0.0.1:0").await?;
    ///     let server = Server::builder()
    ///         .bind("127.0.0.1", 0)
    ///         .listener(listener)
    ///         .serve(async |_, peer| println!("{peer}"))
    ///         .await?;
    ///     assert_eq!(server.local_addrs().len(), 2);
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn listener(mut self, listener: L) -> Builder<L> {
        self.places.push(Place::Listener(listener));
        self
    }

    /// Puts another listener around each one, of those given and those still to be made: one that speaks TLS,
    /// for example.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "tls")]
    /// use runtime::net::tls::{TlsAcceptor, TlsListener};
    /// use runtime::net::Server;
    ///
    /// # #[cfg(feature = "tls")]
    /// async fn serve(acceptor: TlsAcceptor) -> std::io::Result<()> {
    ///     let server = Server::builder()
    ///         .bind("localhost", 4433)
    ///         .wrap(move |listener| TlsListener::new(listener, acceptor.clone()))
    ///         .serve(async |stream, peer| println!("{peer} speaks {:?}", stream.protocol_version()))
    ///         .await?;
    ///     server.serve_forever().await
    /// }
    /// ```
    pub fn wrap<M>(self, wrap: impl Fn(L) -> M + 'static) -> Builder<M>
    where
        M: Listener<Addr = L::Addr>,
    {
        let places = self.places.into_iter().map(|place| match place {
            Place::Host(host, port) => Place::Host(host, port),
            Place::Target(target) => Place::Target(target),
            Place::Addr(address) => Place::Addr(address),
            Place::Listener(listener) => Place::Listener(wrap(listener)),
        });
        Builder {
            places: places.collect(),
            wrap: self.wrap.map(|inner| Wrap {
                listener: Rc::new(move |listener| wrap((inner.listener)(listener))),
                addr: inner.addr,
            }),
            options: self.options,
            start_serving: self.start_serving,
            max_connections: self.max_connections,
        }
    }

    /// Sets whether connections are accepted at once, which is the default.
    ///
    /// Otherwise the addresses are bound, so that nobody else gets them, and connections are refused until
    /// [`Server::start_serving`] or [`Server::serve_forever`] is called. On a [`listener`](Builder::listener)
    /// they wait.
    pub fn start_serving(mut self, start: bool) -> Builder<L> {
        self.start_serving = start;
        self
    }

    /// Sets how many connections may be open at a time; there is no limit by default.
    ///
    /// While so many handlers run, nothing is accepted: further connections wait in the queue of the system,
    /// as long as its [`backlog`](Builder::backlog) has room.
    ///
    /// # Panics
    ///
    /// If it is 0. To accept nothing for now is [`start_serving(false)`](Builder::start_serving).
    #[track_caller]
    pub fn max_connections(mut self, count: usize) -> Builder<L> {
        assert!(count > 0, "a server without connections is one with `start_serving(false)`");
        self.max_connections = count;
        self
    }

    /// Binds the addresses, and serves each connection with `handler`, in a task of its own.
    ///
    /// The handler is a closure that is called with the connection and the address of the peer. What it
    /// returns is dropped, as the output of any task that nobody joins. When it panics, its connection is
    /// closed, and the loop's exception handler is told of a panic in a task that is named `connection from`,
    /// followed by the address of the peer. Handlers run with the context variables of the task that started
    /// the server.
    ///
    /// # Errors
    ///
    /// When an address cannot be bound, the error has the kind of the last cause, and holds an
    /// [`AttemptsError`](crate::AttemptsError) with each address that failed and its cause. Errors of the
    /// name look-up are those of [`lookup_host`](crate::lookup_host).
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) when there is no place to listen on. It is also an error
    /// to call this outside a loop.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes all the sockets; no connection is accepted before it is done.
    pub async fn serve<H, R>(self, handler: H) -> io::Result<Server<L>>
    where
        H: AsyncFn(L::Stream, L::Addr) -> R + 'static,
    {
        let handle = Handle::try_current().map_err(io::Error::other)?;
        let (mut listeners, mut bound, mut addrs) = (Vec::new(), Vec::new(), Vec::new());
        for place in self.places {
            let addresses = match place {
                Place::Host(host, port) => bind::resolve(host, port).await?,
                Place::Target(target) => bind::addresses(target).await?,
                Place::Addr(address) => vec![address],
                Place::Listener(listener) => {
                    addrs.push(listener.local_addr()?);
                    listeners.push(Rc::new(listener));
                    continue;
                }
            };
            let wrap = self.wrap.as_ref().expect("only builders over TCP are given addresses");
            for opened in bind::open(&addresses, &self.options, self.start_serving)? {
                addrs.push((wrap.addr)(opened.local_addr()?));
                match opened {
                    Opened::Listening(listener) => {
                        listeners.push(Rc::new((wrap.listener)(listener)));
                    }
                    Opened::Bound(socket) => {
                        let backlog = self.options.backlog;
                        bound.push(Bound { socket, backlog, wrap: wrap.clone() });
                    }
                }
            }
        }
        if addrs.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a server needs a place to listen on: call `bind` or `listener` on its builder",
            ));
        }
        let handler = Rc::new(handler);
        let serve = Box::new(move |state: &Rc<State<L>>, listener: &L, io, peer| {
            client::serve(state, listener, handler.clone(), io, peer);
        });
        let state = State::new(listeners, bound, addrs, self.max_connections, serve);
        let server = Server::new(Rc::new(state), handle);
        registry::enter(server.status().id(), server.control());
        if self.start_serving {
            server.start_serving()?;
        }
        Ok(server)
    }
}

impl<L: Listener> fmt::Debug for Builder<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("places", &self.places.len())
            .field("start_serving", &self.start_serving)
            .field("max_connections", &self.max_connections)
            .finish_non_exhaustive()
    }
}
