//! `hyper` serves and asks on this loop, over our sockets as they are.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::error::Error;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::{Bytes, Incoming};
use hyper::rt::Timer as _;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, Uri, Version, client, server};
use hyper_util::client::legacy::Client;
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use runtime::compat::hyper::{Connector, Executor, Io, Sleep, Timer};
use runtime::net::TcpListener;

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    http1_answers_with_handlers_that_are_not_send,
    http2_answers_with_handlers_that_are_not_send,
    a_large_body_goes_through_both_ways,
    one_port_speaks_both_versions,
    a_graceful_shutdown_lets_the_request_under_way_end,
    a_client_that_never_finishes_its_head_is_let_go,
    a_connection_that_was_upgraded_is_a_stream_of_futures_io,
    an_adapter_hands_vectored_writes_on,
    an_adapter_that_says_so_puts_the_parts_together,
    an_adapter_within_an_adapter_reads,
    the_pooling_client_uses_a_connection_again,
    the_pooling_client_says_why_it_cannot_connect,
    a_sleep_that_is_moved_wakes_at_the_new_time,
);

type Outcome = Result<(), Box<dyn Error>>;

/// A handler that counts without a lock and sends the request's body back.
fn counting(
    count: Rc<Cell<u32>>,
) -> impl hyper::service::Service<
    Request<Incoming>,
    Response = Response<Full<Bytes>>,
    Error = hyper::Error,
    Future: 'static,
> + Clone {
    service_fn(move |request: Request<Incoming>| {
        let count = Rc::clone(&count);
        async move {
            count.set(count.get() + 1);
            let text = match *request.method() {
                Method::POST => request.into_body().collect().await?.to_bytes(),
                _ => Bytes::from(format!("{:?} {}", request.version(), count.get())),
            };
            Ok(Response::new(Full::new(text)))
        }
    })
}

fn asks(version: Version) -> Request<Empty<Bytes>> {
    let request = Request::get("http://localhost/").version(version);
    request.header("host", "localhost").body(Empty::new()).expect("a valid request")
}

fn http1_answers_with_handlers_that_are_not_send() -> Outcome {
    run(async {
        let (client, server) = common::pair().await?;
        let count = Rc::new(Cell::new(0));
        let mut http = server::conn::http1::Builder::new();
        runtime::spawn(http.timer(Timer).serve_connection(server, counting(Rc::clone(&count))));
        let (mut requests, connection) = client::conn::http1::handshake(client).await?;
        runtime::spawn(connection);
        for n in 1..=3 {
            let answer = requests.send_request(asks(Version::HTTP_11)).await?.collect().await?;
            assert_eq!(answer.to_bytes(), format!("HTTP/1.1 {n}"));
        }
        assert_eq!(count.get(), 3);
        Ok(())
    })
}

fn http2_answers_with_handlers_that_are_not_send() -> Outcome {
    run(async {
        let (client, server) = common::pair().await?;
        let count = Rc::new(Cell::new(0));
        let mut http = server::conn::http2::Builder::new(Executor);
        runtime::spawn(http.timer(Timer).serve_connection(server, counting(Rc::clone(&count))));
        let (requests, connection) = client::conn::http2::handshake(Executor, client).await?;
        runtime::spawn(connection);
        let asked = (0..20).map(|_| requests.clone().send_request(asks(Version::HTTP_2)));
        for answer in futures::future::try_join_all(asked).await? {
            let text = answer.collect().await?.to_bytes();
            assert!(text.starts_with(b"HTTP/2.0 "), "{text:?}");
        }
        assert_eq!(count.get(), 20);
        Ok(())
    })
}

fn a_large_body_goes_through_both_ways() -> Outcome {
    run(async {
        let (client, server) = common::pair().await?;
        let http = server::conn::http1::Builder::new();
        runtime::spawn(http.serve_connection(server, counting(Rc::default())));
        let (mut requests, connection) = client::conn::http1::handshake(client).await?;
        runtime::spawn(connection);
        let body: Bytes = (0..4_000_000_u32).map(|n| (n % 251) as u8).collect();
        let request =
            Request::post("/").header("host", "localhost").body(Full::new(body.clone()))?;
        let answer = requests.send_request(request).await?.collect().await?.to_bytes();
        assert!(answer == body);
        Ok(())
    })
}

fn one_port_speaks_both_versions() -> Outcome {
    run(async {
        let count = Rc::new(Cell::new(0));
        for version in [Version::HTTP_11, Version::HTTP_2] {
            let (client, server) = common::pair().await?;
            let handler = counting(Rc::clone(&count));
            runtime::spawn(async move {
                // The error, if any, shows at the client.
                let _ = auto::Builder::new(Executor).serve_connection(server, handler).await;
            });
            let answer = if version == Version::HTTP_2 {
                let (mut requests, connection) =
                    client::conn::http2::handshake(Executor, client).await?;
                runtime::spawn(connection);
                requests.send_request(asks(version)).await?
            } else {
                let (mut requests, connection) = client::conn::http1::handshake(client).await?;
                runtime::spawn(connection);
                requests.send_request(asks(version)).await?
            };
            assert_eq!((answer.version(), answer.status()), (version, StatusCode::OK));
        }
        assert_eq!(count.get(), 2);
        Ok(())
    })
}

fn a_graceful_shutdown_lets_the_request_under_way_end() -> Outcome {
    run(async {
        let (client, server) = common::pair().await?;
        let (arrived, arrival) = futures::channel::oneshot::channel();
        let (release, released) = futures::channel::oneshot::channel::<()>();
        let once = Rc::new(RefCell::new(Some((arrived, released))));
        let handler = service_fn(move |_: Request<Incoming>| {
            let (arrived, released) = once.borrow_mut().take().expect("one request");
            async move {
                arrived.send(()).expect("the test waits");
                released.await.expect("the test releases");
                Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("done"))))
            }
        });
        let graceful = GracefulShutdown::new();
        let http = auto::Builder::new(Executor);
        let serving = graceful.watch(http.serve_connection(server, handler).into_owned());
        let serving = runtime::spawn(serving);
        let (mut requests, connection) = client::conn::http1::handshake(client).await?;
        let connection = runtime::spawn(connection);
        let asking = runtime::spawn(requests.send_request(asks(Version::HTTP_11)));

        arrival.await?;
        let mut shutdown = runtime::spawn(graceful.shutdown());
        assert!(common::stays_pending(&mut shutdown).await?, "a request is under way");
        release.send(()).expect("the handler waits");
        assert_eq!(asking.await??.collect().await?.to_bytes(), "done");
        // The connection would have been kept alive otherwise.
        shutdown.await?;
        serving.await?.map_err(|error| error.to_string())?;
        connection.await??;
        Ok(())
    })
}

fn a_client_that_never_finishes_its_head_is_let_go() -> Outcome {
    run(async {
        let (mut client, server) = common::pair().await?;
        client.write_all(b"GET / HT").await?;
        let mut http = server::conn::http1::Builder::new();
        http.timer(Timer).header_read_timeout(Duration::from_millis(10));
        let served = http.serve_connection(server, counting(Rc::default())).await;
        assert!(served.expect_err("no request").is_timeout());
        Ok(())
    })
}

fn a_connection_that_was_upgraded_is_a_stream_of_futures_io() -> Outcome {
    run(async {
        let (client, server) = common::pair().await?;
        let handler = service_fn(|mut request: Request<Incoming>| async move {
            runtime::spawn(async move {
                let mut stream = Io::new(hyper::upgrade::on(&mut request).await?);
                let mut line = [0; 4];
                stream.read_exact(&mut line).await?;
                stream.write_all(&line).await?;
                stream.close().await?;
                Ok::<_, Box<dyn Error>>(())
            });
            let answer = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
            answer
                .header("connection", "upgrade")
                .header("upgrade", "echo")
                .body(Empty::<Bytes>::new())
        });
        let http = server::conn::http1::Builder::new();
        runtime::spawn(http.serve_connection(server, handler).with_upgrades());

        let (mut requests, connection) = client::conn::http1::handshake(client).await?;
        runtime::spawn(connection.with_upgrades());
        let mut request = asks(Version::HTTP_11);
        request.headers_mut().insert("connection", "upgrade".parse()?);
        request.headers_mut().insert("upgrade", "echo".parse()?);
        let answer = requests.send_request(request).await?;
        assert_eq!(answer.status(), StatusCode::SWITCHING_PROTOCOLS);
        let mut stream = Io::new(hyper::upgrade::on(answer).await?);
        stream.write_all(b"ping").await?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        assert_eq!(text, "ping");
        Ok(())
    })
}

/// A stream that has one request to read, and notes how often it is written to, and in how many pieces.
#[derive(Default)]
struct Notes {
    request: io::Cursor<Vec<u8>>,
    pieces: Rc<RefCell<Vec<usize>>>,
}

impl Notes {
    fn new() -> Notes {
        let head = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
        Notes { request: io::Cursor::new(head.to_vec()), ..Notes::default() }
    }
}

impl AsyncRead for Notes {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(io::Read::read(&mut self.request, buf))
    }
}

impl AsyncWrite for Notes {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.pieces.borrow_mut().push(1);
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.pieces.borrow_mut().push(bufs.len());
        Poll::Ready(Ok(bufs.iter().map(|buf| buf.len()).sum()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

async fn serve_once(stream: Io<Notes>) -> hyper::Result<()> {
    let handler = service_fn(|_: Request<Incoming>| async {
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(vec![b'x'; 10_000]))))
    });
    // The request is followed by the end of the stream, while the answer is still to be written.
    let mut http = server::conn::http1::Builder::new();
    http.half_close(true).serve_connection(stream, handler).await
}

fn an_adapter_hands_vectored_writes_on() -> Outcome {
    run(async {
        let notes = Notes::new();
        let pieces = Rc::clone(&notes.pieces);
        serve_once(Io::new(notes)).await?;
        assert_eq!(*pieces.borrow(), [2], "head and body in one write, unjoined");
        Ok(())
    })
}

fn an_adapter_that_says_so_puts_the_parts_together() -> Outcome {
    run(async {
        let notes = Notes::new();
        let pieces = Rc::clone(&notes.pieces);
        serve_once(Io::without_vectored_writes(notes)).await?;
        assert_eq!(*pieces.borrow(), [1]);
        Ok(())
    })
}

fn an_adapter_within_an_adapter_reads() -> Outcome {
    run(async {
        let (client, server) = common::pair().await?;
        let server = Io::new(Io::new(Io::new(Io::new(server))));
        runtime::spawn(
            server::conn::http1::Builder::new().serve_connection(server, counting(Rc::default())),
        );
        let (mut requests, connection) = client::conn::http1::handshake(Io::new(client)).await?;
        runtime::spawn(connection);
        let answer = requests.send_request(asks(Version::HTTP_11)).await?.collect().await?;
        assert_eq!(answer.to_bytes(), "HTTP/1.1 1");
        Ok(())
    })
}

fn the_pooling_client_uses_a_connection_again() -> Outcome {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/", listener.local_addr()?).parse::<Uri>()?;
        let accepted = Rc::new(Cell::new(0));
        let server = Rc::clone(&accepted);
        runtime::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                server.set(server.get() + 1);
                let http = server::conn::http1::Builder::new();
                runtime::spawn(http.serve_connection(stream, counting(Rc::default())));
            }
        });
        let connector = Connector::new().connect_timeout(Duration::from_secs(60));
        let mut builder = Client::builder(Executor);
        let client = builder.pool_timer(Timer).build::<_, Empty<Bytes>>(connector);
        for n in 1..=3 {
            let answer = client.get(url.clone()).await?.into_body().collect().await?;
            assert_eq!(answer.to_bytes(), format!("HTTP/1.1 {n}"));
        }
        assert_eq!(accepted.get(), 1);
        Ok(())
    })
}

fn the_pooling_client_says_why_it_cannot_connect() -> Outcome {
    run(async {
        let client = Client::builder(Executor).build::<_, Empty<Bytes>>(Connector::new());
        let error = client.get("https://localhost/".parse()?).await.expect_err("no TLS");
        let cause = error.source().ok_or("no cause")?.to_string();
        assert!(error.is_connect() && cause.contains("https://localhost/"), "{cause}");

        // A port that nobody listens on.
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let error = client.get(format!("http://{address}/").parse()?).await.expect_err("refused");
        let cause = error.source().ok_or("no cause")?.to_string();
        assert!(error.is_connect() && cause.contains(&address.to_string()), "{cause}");
        Ok(())
    })
}

fn a_sleep_that_is_moved_wakes_at_the_new_time() -> Outcome {
    run(async {
        let mut sleep = Timer.sleep(Duration::from_secs(100_000));
        assert!(common::stays_pending(&mut sleep).await?);
        assert!(sleep.as_mut().downcast_mut_pin::<Sleep>().is_some());
        let deadline = Timer.now() + Duration::from_millis(5);
        Timer.reset(&mut sleep, deadline);
        sleep.await;
        assert!(Instant::now() >= deadline);
        Ok(())
    })
}

#[test]
fn adapters_may_leave_the_thread() {
    fn anywhere<T: Send + Sync + Unpin>() {}
    anywhere::<Io<runtime::net::TcpStream>>();
    anywhere::<Connector>();
    anywhere::<Executor>();
    anywhere::<Timer>();
    anywhere::<Sleep>();
}
