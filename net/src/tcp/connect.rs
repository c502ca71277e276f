//! One attempt to connect.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::TcpStream;

/// A connect that has begun; waits for its end.
///
/// A socket becomes writable when its handshake has ended, well or badly; `SO_ERROR` says which (connect(2),
/// `EINPROGRESS`). The socket belongs to the stream from the start, so dropping this future closes it, once.
#[derive(Debug)]
pub(super) struct Connecting {
    /// Present until the future is ready.
    stream: Option<TcpStream>,
}

impl Connecting {
    /// Takes over a socket whose connect has begun.
    pub(super) fn new(connecting: mio::net::TcpStream) -> io::Result<Connecting> {
        Ok(Connecting { stream: Some(TcpStream::register(connecting)?) })
    }

    /// Begins to connect a socket that has the system's options.
    pub(super) fn to(address: SocketAddr) -> io::Result<Connecting> {
        Connecting::new(mio::net::TcpStream::connect(address)?)
    }
}

impl Future for Connecting {
    type Output = io::Result<TcpStream>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<TcpStream>> {
        let stream = self.stream.as_ref().expect("not polled after it was ready");
        let ended = ready!(stream.poll_write_ready(cx)).and_then(|()| stream.take_error());
        let stream = self.stream.take();
        Poll::Ready(match ended? {
            Some(error) => Err(error),
            None => Ok(stream.expect("it was there above")),
        })
    }
}
