//! Every kind of stream carries what `hyper` and `tokio`'s crates say, without an adapter.

use std::convert::Infallible;
use std::error::Error;

use futures::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::{Bytes, Incoming};
use hyper::rt::{Read, Write};
use hyper::service::service_fn;
use hyper::{Request, Response, Version, client, server};
use hyper_util::server::conn::auto;
use runtime::compat::hyper::{Executor, Timer};
use runtime::net::tls::{TlsAcceptor, TlsConnector};
use runtime::net::{Server, TcpStream};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::codec::{Framed, LinesCodec};

mod common;
#[path = "common/tls.rs"]
mod tls;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    tcp_carries_all,
    tls_carries_all,
    tls_tells_the_pooling_client_that_http2_was_agreed_on,
    the_connections_of_a_server_carry_http,
    #[cfg(unix)]
    unix_sockets_carry_all,
    #[cfg(unix)]
    pipes_carry_lines,
);

type Outcome = Result<(), Box<dyn Error>>;

async fn hello(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::new(Bytes::from_static(b"hello"))))
}

/// Asks by the given version over the two ends of one connection.
async fn carries_http<S>(client: S, server: S, version: Version) -> Outcome
where
    S: Read + Write + Unpin + Send + 'static,
{
    runtime::spawn(async move {
        // Its error, if any, shows at the client.
        let http = auto::Builder::new(Executor);
        let _ = http.serve_connection(server, service_fn(hello)).await;
    });
    let request = Request::get("http://localhost/").version(version).header("host", "localhost");
    let request = request.body(Empty::<Bytes>::new())?;
    let answer = if version == Version::HTTP_2 {
        let (mut requests, connection) = client::conn::http2::handshake(Executor, client).await?;
        runtime::spawn(connection);
        requests.send_request(request).await?
    } else {
        let (mut requests, connection) = client::conn::http1::handshake(client).await?;
        runtime::spawn(connection);
        requests.send_request(request).await?
    };
    assert_eq!(answer.version(), version);
    assert_eq!(answer.collect().await?.to_bytes(), "hello");
    Ok(())
}

/// Sends lines to and fro by a codec.
async fn carries_lines<S>(client: S, server: S) -> Outcome
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let echo = runtime::spawn(async move {
        let (sink, stream) = Framed::new(server, LinesCodec::new()).split();
        stream.forward(sink).await
    });
    let mut client = Framed::new(client, LinesCodec::new());
    for line in ["one", "", &"x".repeat(100_000)] {
        client.send(line).await?;
        assert!(client.next().await.ok_or("the stream ended")?? == line);
    }
    SinkExt::<&str>::close(&mut client).await?;
    assert!(client.next().await.is_none());
    echo.await??;
    Ok(())
}

fn tcp_carries_all() -> Outcome {
    run(async {
        for version in [Version::HTTP_11, Version::HTTP_2] {
            let (client, server) = common::pair().await?;
            carries_http(client, server, version).await?;
        }
        let (client, server) = common::pair().await?;
        carries_lines(client, server).await
    })
}

fn tls_carries_all() -> Outcome {
    run(async {
        for version in [Version::HTTP_11, Version::HTTP_2] {
            let (client, server) = tls::pair().await?;
            carries_http(client, server, version).await?;
        }
        let (client, server) = tls::pair().await?;
        carries_lines(client, server).await
    })
}

fn tls_tells_the_pooling_client_that_http2_was_agreed_on() -> Outcome {
    use hyper_util::client::legacy::connect::Connection;

    run(async {
        let authority = tls::Authority::new();
        let acceptor = TlsAcceptor::builder().identity(authority.identity(&["localhost"]));
        let acceptor = acceptor.alpn(["h2", "http/1.1"]).build()?;
        for (offered, agreed) in [("h2", true), ("http/1.1", false)] {
            let connector = TlsConnector::builder().root_pem(authority.pem()).alpn([offered]);
            let (client, _server) = tls::pair_of(&connector.build()?, &acceptor).await?;
            assert_eq!(client.connected().is_negotiated_h2(), agreed);
        }
        Ok(())
    })
}

fn the_connections_of_a_server_carry_http() -> Outcome {
    run(async {
        let server = Server::builder()
            .bind("127.0.0.1", 0)
            .serve(async |stream, _peer| {
                let mut http = server::conn::http1::Builder::new();
                let _ = http.timer(Timer).serve_connection(stream, service_fn(hello)).await;
            })
            .await?;
        let address = server.local_addrs()[0];
        let stream = TcpStream::connect(address).await?;
        let (mut requests, connection) = client::conn::http1::handshake(stream).await?;
        runtime::spawn(connection);
        let request = Request::get("/").header("host", "localhost").body(Empty::<Bytes>::new())?;
        let answer = requests.send_request(request).await?.collect().await?;
        assert_eq!(answer.to_bytes(), "hello");
        Ok(())
    })
}

#[cfg(unix)]
fn unix_sockets_carry_all() -> Outcome {
    use runtime::net::UnixStream;

    run(async {
        for version in [Version::HTTP_11, Version::HTTP_2] {
            let (client, server) = UnixStream::pair()?;
            carries_http(client, server, version).await?;
        }
        let (client, server) = UnixStream::pair()?;
        carries_lines(client, server).await
    })
}

#[cfg(unix)]
fn pipes_carry_lines() -> Outcome {
    use tokio_util::codec::{FramedRead, FramedWrite};

    run(async {
        let (sender, receiver) = runtime::net::unix::pipe::pipe()?;
        let mut writer = FramedWrite::new(sender, LinesCodec::new());
        writer.send("one").await?;
        writer.send("two").await?;
        drop(writer);
        let lines = FramedRead::new(receiver, LinesCodec::new()).collect::<Vec<_>>().await;
        let lines = lines.into_iter().collect::<Result<Vec<_>, _>>()?;
        assert_eq!(lines, ["one", "two"]);
        Ok(())
    })
}
