//! Sending.

use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use runtime_core::reactor::{Direction, Interest};

use super::UdpSocket;
use crate::addr::{self, Addrs, ToSocketAddrs, sealed::Target};
use crate::attempts::Attempts;

/// Sending. A datagram goes as a whole or not at all; an empty one is sent like any other.
impl UdpSocket {
    /// Sends a datagram to the address that the socket is connected to.
    ///
    /// # Errors
    ///
    /// Those of send(2), and that the loop has been closed. A socket that is not connected has no
    /// destination; [`ConnectionRefused`](io::ErrorKind::ConnectionRefused) is about a datagram sent before,
    /// and this one has not been sent.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a future that is dropped before its end has sent nothing.
    pub async fn send(&self, buf: &[u8]) -> io::Result<usize> {
        self.io.with_io(Interest::WRITABLE, |io| io.send(buf)).await
    }

    /// Polls to send a datagram to the peer. Only the task that polled last is woken.
    ///
    /// # Errors
    ///
    /// As [`send`](UdpSocket::send).
    pub fn poll_send(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.io.poll_io(cx, Direction::Write, |io| io.send(buf))
    }

    /// Sends a datagram to the peer if there is room for it.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none, else as [`send`](UdpSocket::send).
    pub fn try_send(&self, buf: &[u8]) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, |io| io.send(buf))
    }

    /// Sends a datagram to an address.
    ///
    /// A socket address costs nothing but the call. If there are several addresses, as a name can have, it
    /// goes to the first that the system takes: an IPv4 socket passes over those of IPv6.
    ///
    /// # Errors
    ///
    /// Those of sendto(2), and that the loop has been closed;
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for an address of the other family. When there were
    /// several addresses, the error has the kind of the last cause and holds an
    /// [`AttemptsError`](crate::AttemptsError). Errors of the name look-up are those of
    /// [`lookup_host`](crate::lookup_host).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: a future that is dropped before its end has sent nothing.
    pub async fn send_to(&self, buf: &[u8], target: impl ToSocketAddrs) -> io::Result<usize> {
        let target = target.target()?;
        if let Target::Known(Addrs::One(Some(address))) = target {
            let sent = self.send_to_one(buf, address).await;
            return sent.map_err(|cause| self.explain(address, cause));
        }
        let mut attempts = Attempts::to("send to");
        for address in addr::resolve(target).await? {
            match self.send_to_one(buf, address).await {
                Ok(len) => return Ok(len),
                Err(cause) => attempts.failed(address, cause),
            }
        }
        Err(attempts.into_error())
    }

    /// Replaces what the system says about an address of the wrong family, which is seldom clear.
    #[cold]
    fn explain(&self, target: SocketAddr, cause: io::Error) -> io::Error {
        let own = match self.local_addr() {
            Ok(local) if local.is_ipv4() && target.is_ipv6() => "4",
            Ok(local) if local.is_ipv6() && target.is_ipv4() && self.v6only().unwrap_or(false) => {
                "6"
            }
            _ => return cause,
        };
        if cause.raw_os_error().is_none() {
            return cause;
        }
        let message = format!("a socket of IPv{own} alone cannot send to {target}: {cause}");
        io::Error::new(io::ErrorKind::InvalidInput, message)
    }

    async fn send_to_one(&self, buf: &[u8], address: SocketAddr) -> io::Result<usize> {
        self.io.with_io(Interest::WRITABLE, |io| io.send_to(buf, address)).await
    }

    /// Polls to send a datagram to an address. Only the task that polled last is woken.
    ///
    /// # Errors
    ///
    /// Those of sendto(2), and that the loop has been closed.
    pub fn poll_send_to(
        &self,
        cx: &mut Context<'_>,
        buf: &[u8],
        target: SocketAddr,
    ) -> Poll<io::Result<usize>> {
        self.io.poll_io(cx, Direction::Write, |io| io.send_to(buf, target))
    }

    /// Sends a datagram to an address if there is room for it.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is none, else those of sendto(2).
    pub fn try_send_to(&self, buf: &[u8], target: SocketAddr) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, |io| io.send_to(buf, target))
    }
}
