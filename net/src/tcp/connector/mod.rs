//! Connecting to whichever address answers first.

mod options;
mod order;
mod race;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use runtime_core::time::{Instant, timeout_at};

use self::options::{Configure, Options};
use self::race::Race;
use super::connect::Connecting;
use super::{Keepalive, TcpSocket, TcpStream};
use crate::addr::{self, Addrs, ToSocketAddrs, sealed::Target};
use crate::attempts::Attempts;

pub use self::order::Family;

/// What [`TcpStream::connect`] connects with.
pub(super) static PLAIN: TcpConnector = TcpConnector::new();

/// The default of [`TcpConnector::happy_eyeballs_delay`], which RFC 8305, section 5, recommends.
const DELAY: Duration = Duration::from_millis(250);

/// The bounds that the same section sets.
const SHORTEST_DELAY: Duration = Duration::from_millis(10);
const LONGEST_DELAY: Duration = Duration::from_secs(2);

/// Opens TCP connections: how addresses are tried, and with which options.
///
/// [`TcpStream::connect`] is the short way to do the same with the defaults. A connector can be kept, cloned
/// cheaply and used from many tasks.
///
/// # Happy eyeballs
///
/// A name often has addresses of both families, and often one of them leads nowhere. So the addresses are
/// tried as RFC 8305 says: the families take turns ([`interleave`](TcpConnector::interleave)); an attempt
/// that has not succeeded after 250 ms ([`happy_eyeballs_delay`](TcpConnector::happy_eyeballs_delay)) goes
/// on, but gets company from the next; an attempt that fails makes the next start at once. The first
/// connection that is established wins, and the sockets of all other attempts are closed before it is
/// returned. This holds for every list of addresses, wherever it comes from.
///
/// A single address involves no timer and no memory but the socket's.
///
/// # Examples
///
/// A client that is in a hurry and prefers IPv4:
///
/// ```
/// use std::time::Duration;
/// use runtime::net::{TcpConnector, TcpListener};
/// use runtime::net::tcp::Family;
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let listener = TcpListener::bind("127.0.0.1:0").await?;
///     let port = listener.local_addr()?.port();
///
///     let connector = TcpConnector::new()
///         .family(Family::V4)
///         .happy_eyeballs_delay(Duration::from_millis(100))
///         .timeout(Duration::from_secs(5))
///         .nodelay(true);
///     let stream = connector.connect(("localhost", port)).await?;
///     assert!(stream.nodelay()?);
///     Ok(())
/// })
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a connector does nothing until it connects"]
pub struct TcpConnector {
    delay: Option<Duration>,
    first_family_count: usize,
    family: Family,
    timeout: Option<Duration>,
    /// `None` when sockets are taken as the system makes them.
    options: Option<Arc<Options>>,
}

impl TcpConnector {
    /// Makes a connector that does what [`TcpStream::connect`] does.
    pub const fn new() -> TcpConnector {
        TcpConnector {
            delay: Some(DELAY),
            first_family_count: 1,
            family: Family::Any,
            timeout: None,
            options: None,
        }
    }

    /// Sets how long an attempt has the field to itself before the next one starts beside it; 250 ms by
    /// default.
    ///
    /// RFC 8305, section 5, has this wait between 10 ms and 2 s, and what lies outside is moved to the nearer
    /// bound; below 100 ms is not recommended outside of networks of one's own. With `None` the addresses are
    /// tried one at a time, each until it fails, which can take minutes.
    pub fn happy_eyeballs_delay(mut self, delay: impl Into<Option<Duration>>) -> TcpConnector {
        self.delay = delay.into().map(|delay| delay.clamp(SHORTEST_DELAY, LONGEST_DELAY));
        self
    }

    /// Sets with how many addresses the preferred family begins before the families take turns; 1 by default.
    ///
    /// The preferred family is that of the first address. This is the "First Address Family Count" of RFC
    /// 8305, section 8, and asyncio's `interleave`. With 0 the addresses are tried in the order in which they
    /// were given or found.
    pub fn interleave(mut self, first_family_count: usize) -> TcpConnector {
        self.first_family_count = first_family_count;
        self
    }

    /// Tries addresses of one family only.
    pub fn family(mut self, family: Family) -> TcpConnector {
        self.family = family;
        self
    }

    /// Connects from a local address; port 0 has the system choose one.
    ///
    /// It serves remote addresses of its own family, and the others are left out. Call this a second
    /// time, with an address of the other family, to try both. A port other than 0 is bound with
    /// `SO_REUSEADDR` unless [`reuseaddr`](TcpConnector::reuseaddr) says otherwise (and never on Windows), so
    /// that several attempts can share it.
    pub fn local_addr(self, address: SocketAddr) -> TcpConnector {
        self.with(|options| match address {
            SocketAddr::V4(four) => options.local_v4 = Some(four),
            SocketAddr::V6(six) => options.local_v6 = Some(six),
        })
    }

    /// Limits the time that connecting takes, name look-up and all attempts together. `None`, the default,
    /// leaves it to the system, which may take minutes.
    pub fn timeout(mut self, limit: impl Into<Option<Duration>>) -> TcpConnector {
        self.timeout = limit.into();
        self
    }

    /// Sends small writes at once instead of gathering them (`TCP_NODELAY`).
    pub fn nodelay(self, nodelay: bool) -> TcpConnector {
        self.with(|options| options.nodelay = Some(nodelay))
    }

    /// Turns keepalive probes on or off (`SO_KEEPALIVE`).
    pub fn keepalive(self, keepalive: bool) -> TcpConnector {
        self.with(|options| options.keepalive = Some(keepalive))
    }

    /// Turns keepalive probes on and sets their times.
    pub fn tcp_keepalive(self, keepalive: Keepalive) -> TcpConnector {
        self.with(|options| options.tcp_keepalive = Some(keepalive))
    }

    /// Sets the size of the send buffer in bytes (`SO_SNDBUF`). Linux doubles it.
    pub fn send_buffer_size(self, bytes: u32) -> TcpConnector {
        self.with(|options| options.send_buffer_size = Some(bytes))
    }

    /// Sets the size of the receive buffer in bytes (`SO_RCVBUF`), in time to widen the TCP window. Linux
    /// doubles it.
    pub fn recv_buffer_size(self, bytes: u32) -> TcpConnector {
        self.with(|options| options.recv_buffer_size = Some(bytes))
    }

    /// Sets whether a local address that lingering connections still use can be bound (`SO_REUSEADDR`).
    pub fn reuseaddr(self, reuse: bool) -> TcpConnector {
        self.with(|options| options.reuseaddr = Some(reuse))
    }

    /// Has a function set further options of each socket.
    ///
    /// It is called with the socket, which the other options have been applied to, and the address that it is
    /// going to connect to. An error of the function is the failure of that attempt. A second call of this
    /// method replaces the function.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::net::{TcpConnector, TcpListener};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let listener = TcpListener::bind("127.0.0.1:0").await?;
    ///     let low_delay = TcpConnector::new().configure(|socket, remote| match remote.is_ipv4() {
    ///         true => socket.set_tos_v4(0x10),
    ///         false => Ok(()),
    ///     });
    ///     let stream = low_delay.connect(listener.local_addr()?).await?;
    ///     println!("connected to {}", stream.peer_addr()?);
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn configure<F>(self, configure: F) -> TcpConnector
    where
        F: Fn(&TcpSocket, SocketAddr) -> io::Result<()> + Send + Sync + 'static,
    {
        self.with(|options| options.configure = Some(Configure(Arc::new(configure))))
    }

    fn with(mut self, set: impl FnOnce(&mut Options)) -> TcpConnector {
        set(Arc::make_mut(self.options.get_or_insert_default()));
        self
    }

    /// Connects to the address behind `address` that answers first.
    ///
    /// # Errors
    ///
    /// When no address can be connected to, the error has the kind of the last cause and holds an
    /// [`AttemptsError`](crate::AttemptsError) with every address that was tried and its cause. When the time
    /// is up, the kind is [`TimedOut`](io::ErrorKind::TimedOut), and so is the cause of each attempt that was
    /// still under way. [`InvalidInput`](io::ErrorKind::InvalidInput) when there is no address, or none that
    /// [`family`](TcpConnector::family) and [`local_addr`](TcpConnector::local_addr) allow.
    ///
    /// Errors of the name look-up are those of [`lookup_host`](crate::lookup_host). It is also an error to
    /// call this outside a loop.
    ///
    /// # Panics
    ///
    /// With a [`timeout`](TcpConnector::timeout), panics if it has to wait outside a loop.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the sockets of all attempts under way, and forgets a look-up.
    pub async fn connect(&self, address: impl ToSocketAddrs) -> io::Result<TcpStream> {
        let target = address.target()?;
        match self.timeout {
            None => self.to_any(target).await,
            // Boxed, as the race is below, to keep the future of the common case small.
            Some(limit) => Box::pin(self.within(limit, target)).await,
        }
    }

    /// Connects without a limit to the time.
    pub(super) async fn to_any(&self, target: Target) -> io::Result<TcpStream> {
        match self.choose(addr::resolve(target).await?)? {
            Choice::One(address) => {
                let connected = match self.begin(address) {
                    Ok(connecting) => connecting.await,
                    Err(cause) => Err(cause),
                };
                connected.map_err(|cause| {
                    let mut attempts = Attempts::to("connect to");
                    attempts.failed(address, cause);
                    attempts.into_error()
                })
            }
            Choice::Several(addresses) => {
                let race = Box::pin(self.race(addresses));
                race.await.map_err(Attempts::into_error)
            }
        }
    }

    async fn within(&self, limit: Duration, target: Target) -> io::Result<TcpStream> {
        let deadline = Instant::now().saturating_add(limit);
        let timed_out = || io::Error::new(io::ErrorKind::TimedOut, Late(limit));
        let found = timeout_at(deadline, addr::resolve(target)).await;
        let found = found.map_err(|_| timed_out())??;
        let addresses = match self.choose(found)? {
            Choice::One(address) => vec![address],
            Choice::Several(addresses) => addresses,
        };
        let mut race = self.race(addresses);
        match timeout_at(deadline, &mut race).await {
            Ok(outcome) => outcome.map_err(Attempts::into_error),
            Err(_) => Err(race.give_up(timed_out).into_error_of(io::ErrorKind::TimedOut)),
        }
    }

    /// Puts those addresses that may be tried in order.
    fn choose(&self, found: Addrs) -> io::Result<Choice> {
        if let Addrs::One(Some(address)) = found {
            if self.accepts(address) {
                return Ok(Choice::One(address));
            }
        }
        let mut refused = Vec::new();
        let accept = |address: &SocketAddr| {
            let accepted = self.accepts(*address);
            if !accepted {
                refused.push(*address);
            }
            accepted
        };
        let accepted: Vec<SocketAddr> = found.filter(accept).collect();
        match accepted[..] {
            [] if refused.is_empty() => Err(Attempts::to("connect to").into_error()),
            [] => Err(self.none_of(&refused)),
            [address] => Ok(Choice::One(address)),
            _ => Ok(Choice::Several(order::interleave(accepted, self.first_family_count))),
        }
    }

    fn accepts(&self, address: SocketAddr) -> bool {
        self.family.has(address)
            && self.options.as_ref().is_none_or(|options| options.reach(address))
    }

    fn none_of(&self, refused: &[SocketAddr]) -> io::Error {
        let why = match self.family {
            Family::V4 => "not IPv4, as was asked for",
            Family::V6 => "not IPv6, as was asked for",
            Family::Any => "not of the family of the local address",
        };
        let mut list = String::new();
        for address in refused {
            let separator = if list.is_empty() { "" } else { ", " };
            list += &format!("{separator}{address}");
        }
        io::Error::new(io::ErrorKind::InvalidInput, format!("could not connect to {list}: {why}"))
    }

    fn race(
        &self,
        addresses: Vec<SocketAddr>,
    ) -> Race<impl FnMut(SocketAddr) -> io::Result<Connecting> + Send + Unpin, Connecting> {
        Race::new(addresses, self.delay, |address| self.begin(address))
    }

    fn begin(&self, address: SocketAddr) -> io::Result<Connecting> {
        match &self.options {
            None => Connecting::to(address),
            Some(options) => options.socket(address)?.begin(address),
        }
    }
}

/// The addresses to try. One is by far the commonest number.
enum Choice {
    One(SocketAddr),
    Several(Vec<SocketAddr>),
}

/// What an attempt says that [`TcpConnector::timeout`] has ended.
#[derive(Debug)]
struct Late(Duration);

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not connected within {:?}", self.0)
    }
}

impl std::error::Error for Late {}

impl Default for TcpConnector {
    fn default() -> TcpConnector {
        TcpConnector::new()
    }
}

impl fmt::Debug for TcpConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TcpConnector")
            .field("happy_eyeballs_delay", &self.delay)
            .field("interleave", &self.first_family_count)
            .field("family", &self.family)
            .field("timeout", &self.timeout)
            .field("options", &self.options)
            .finish()
    }
}
