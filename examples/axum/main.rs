//! axum on this loop: a router of axum, served by hyper, with handlers that sleep, connect and fetch.
//!
//! ```text
//! cargo run --example axum                                          a server on 127.0.0.1:8082
//! curl http://127.0.0.1:8082/
//! curl http://127.0.0.1:8082/sleep/250                              waits by the loop's timer
//! curl http://127.0.0.1:8082/dial/127.0.0.1:22                      how long does it take to connect there?
//! curl 'http://127.0.0.1:8082/fetch?url=http://127.0.0.1:8082/'     asks another server, here itself
//! curl -d '[3, 1, 2]' -H 'content-type: application/json' http://127.0.0.1:8082/sort
//! ```
//!
//! `axum::serve` wants the runtime of tokio. A `Router` is a plain service, though, and hyper serves it on
//! any loop. axum asks its handlers to be `Send`, although here they never leave the thread; what they await
//! of `runtime` is.

mod handlers;

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;

use axum::Router;
use clap::Parser;
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use runtime::compat::hyper::{Executor, Timer};
use runtime::net::TcpListener;

/// A web server by axum.
#[derive(Parser)]
#[command(name = "axum")]
struct Options {
    /// Listen on this address
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8082")]
    listen: SocketAddr,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = runtime::run(async {
        let listener = TcpListener::bind(options.listen).await?;
        println!("axum on http://{}/", listener.local_addr()?);
        serve(listener, handlers::router()).await
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("axum: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What `axum::serve` does: HTTP/1 and HTTP/2 for every connection, upgrades included.
async fn serve(listener: TcpListener, router: Router) -> io::Result<()> {
    let mut http = auto::Builder::new(Executor);
    http.http1().timer(Timer);
    http.http2().timer(Timer);
    loop {
        let (stream, peer) = listener.accept().await?;
        // Fails if the client is gone already, which its connection will tell.
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(router.clone());
        let connection = http.serve_connection_with_upgrades(stream, service).into_owned();
        runtime::spawn(async move {
            if let Err(error) = connection.await {
                eprintln!("{peer}: {error}");
            }
        });
    }
}
