//! Fetching one page by hyper.

use std::io;
use std::str::from_utf8;
use std::time::{Duration, Instant};

use futures::{AsyncRead, AsyncWrite};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HOST, LOCATION, USER_AGENT};
use hyper::{Request, StatusCode};
use runtime::compat::hyper::Io;
use runtime::net::TcpStream;
use runtime::net::tls::TlsConnector;
use runtime::task::AbortOnDropHandle;
use url::{Position, Url};

/// Larger pages are an error.
const LARGEST: usize = 4 << 20;

pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
    pub(crate) time: Duration,
    is_html: bool,
    location: Option<String>,
}

/// Fetches a page over a connection of its own.
pub(crate) async fn get(url: &Url) -> io::Result<Page> {
    let host = url.host_str().ok_or_else(|| io::Error::other("the URL has no host"))?;
    let port =
        url.port_or_known_default().ok_or_else(|| io::Error::other("the URL has no port"))?;
    let stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await?;
    stream.set_nodelay(true)?;
    if url.scheme() == "https" {
        let connector = TlsConnector::builder().alpn(["http/1.1"]).build()?;
        request(url, connector.connect(host, stream).await?).await
    } else {
        request(url, stream).await
    }
}

async fn request<S>(url: &Url, stream: S) -> io::Result<Page>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let begin = Instant::now();
    let handshake = hyper::client::conn::http1::handshake(Io::new(stream));
    let (mut sender, connection) = handshake.await.map_err(io::Error::other)?;
    // It ends with this function, however that ends.
    let _connection = AbortOnDropHandle::new(runtime::spawn(connection));
    let request = Request::get(&url[Position::BeforePath..Position::AfterQuery])
        .header(HOST, &url[Position::BeforeHost..Position::AfterPort])
        .header(USER_AGENT, "crawler (an example)")
        .body(Empty::<Bytes>::new())
        .map_err(io::Error::other)?;
    let response = sender.send_request(request).await.map_err(io::Error::other)?;
    let (head, body) = response.into_parts();
    let text = |name| head.headers.get(name).and_then(|value| value.to_str().ok());
    let is_html = text(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html"));
    let location = text(LOCATION).map(str::to_owned);
    let body = Limited::new(body, LARGEST).collect().await.map_err(io::Error::other)?.to_bytes();
    Ok(Page { status: head.status, body, time: begin.elapsed(), is_html, location })
}

impl Page {
    /// Where the page leads to: what its `href`s name, and where it sends who asks for it.
    pub(crate) fn links(&self, base: &Url) -> impl Iterator<Item = Url> {
        let text = if self.is_html { from_utf8(&self.body).unwrap_or("") } else { "" };
        let names = text.split("href=").skip(1).filter_map(|rest| {
            let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\''))?;
            rest[1..].split(quote).next()
        });
        names.chain(self.location.as_deref()).filter_map(|name| base.join(name).ok())
    }
}
