//! Connecting, for the pooling client of `hyper-util`.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use runtime_core::time;
use tower_service::Service;

use crate::tcp::TcpStream;

/// Connects `hyper_util::client::legacy::Client` to the servers that URLs name (feature `hyper-util`).
///
/// It connects as [`TcpStream::connect`] does, to port 80 unless the URL names another, and sends small
/// writes at once (`TCP_NODELAY`). It knows `http` only; a connector for `https` can stand on it.
///
/// # Errors
///
/// Those of [`TcpStream::connect`]; [`TimedOut`](io::ErrorKind::TimedOut) after the
/// [limit](Connector::connect_timeout); [`InvalidInput`](io::ErrorKind::InvalidInput) for URLs without a
/// host, and of a scheme other than `http`.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use http_body_util::{BodyExt, Empty};
/// use hyper::body::Bytes;
/// use hyper::Uri;
/// use hyper_util::client::legacy::Client;
/// use runtime::compat::hyper::{Connector, Executor, Timer};
///
/// type Error = Box<dyn std::error::Error>;
///
/// async fn fetch(url: Uri) -> Result<Bytes, Error> {
///     let connector = Connector::new().connect_timeout(Duration::from_secs(5));
///     let client = Client::builder(Executor).pool_timer(Timer).build::<_, Empty<Bytes>>(connector);
///     let answer = client.get(url).await?;
///     Ok(answer.into_body().collect().await?.to_bytes())
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Connector {
    limit: Option<Duration>,
}

impl Connector {
    /// Makes a connector without a time limit but the system's.
    pub fn new() -> Connector {
        Connector::default()
    }

    /// Sets how long a connection may take, its name look-up included.
    #[must_use]
    pub fn connect_timeout(mut self, limit: Duration) -> Connector {
        self.limit = Some(limit);
        self
    }
}

impl Service<Uri> for Connector {
    type Response = TcpStream;
    type Error = io::Error;
    type Future = Connecting;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, url: Uri) -> Connecting {
        let limit = self.limit.unwrap_or(Duration::MAX);
        let connecting = async move {
            match time::timeout(limit, connect(&url)).await {
                Ok(connected) => connected,
                Err(_) => Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    format!("no connection to {url} after {limit:?}"),
                )),
            }
        };
        Connecting { inner: Box::pin(connecting) }
    }
}

async fn connect(url: &Uri) -> io::Result<TcpStream> {
    let (host, port) = target(url)?;
    let stream = TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The host and port that a URL names.
fn target(url: &Uri) -> io::Result<(&str, u16)> {
    let invalid =
        |what: &str| io::Error::new(io::ErrorKind::InvalidInput, format!("{what}: {url}"));
    match url.scheme_str() {
        Some("http") | None => {}
        Some(_) => return Err(invalid("not a URL of http")),
    }
    let host = url.host().filter(|host| !host.is_empty());
    let host = host.ok_or_else(|| invalid("a URL without a host"))?;
    // An IPv6 address is in brackets, which are not part of it (RFC 3986, section 3.2.2).
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    Ok((bare.unwrap_or(host), url.port_u16().unwrap_or(80)))
}

/// The future of a [`Connector`]. Dropping it gives the attempt up.
pub struct Connecting {
    inner: Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send>>,
}

impl Future for Connecting {
    type Output = io::Result<TcpStream>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<TcpStream>> {
        self.inner.as_mut().poll(cx)
    }
}

impl fmt::Debug for Connecting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connecting").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_host_and_a_port() {
        for (url, host, port) in [
            ("http://localhost/", "localhost", 80),
            ("http://127.0.0.1:8080/path?query", "127.0.0.1", 8080),
            ("http://[::1]:81", "::1", 81),
            ("example.org:7", "example.org", 7),
        ] {
            let url = url.parse().expect(url);
            assert_eq!(target(&url).expect("a target"), (host, port));
        }
        for url in ["https://localhost/", "/path"] {
            let error = target(&url.parse().expect(url)).expect_err("no target");
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
            assert!(error.to_string().contains(url), "{error}");
        }
    }
}
