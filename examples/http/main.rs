//! An HTTP server by hyper: HTTP/1 and HTTP/2 on one port, state without locks, and an end in good order.
//!
//! ```text
//! cargo run --release --example http                         a server on 127.0.0.1:8080
//! curl http://127.0.0.1:8080/                                HTTP/1
//! curl --http2-prior-knowledge http://127.0.0.1:8080/        HTTP/2
//! curl -T Cargo.lock http://127.0.0.1:8080/echo              sends the body back as it comes
//! curl -N http://127.0.0.1:8080/ticks/5                      a line every 100 ms
//! curl -X POST http://127.0.0.1:8080/quit                    lets requests finish, and ends the server
//! ```

mod routes;

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use clap::Parser;
use futures::channel::mpsc;
use futures::future::{Either, select};
use futures::{StreamExt, pin_mut};
use hyper::service::service_fn;
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use runtime::compat::hyper::{Executor, Timer};
use runtime::net::{TcpListener, TcpStream};
use runtime::time::timeout;

use self::routes::App;

/// How long requests may take after the server was told to end.
const GRACE: Duration = Duration::from_secs(10);

/// An HTTP server for HTTP/1 and HTTP/2.
#[derive(Parser)]
#[command(name = "http")]
struct Options {
    /// Listen on this address
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

fn main() -> ExitCode {
    let options = Options::parse();
    match runtime::run(serve(options.listen)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("http: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until somebody asks for the end.
async fn serve(address: SocketAddr) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    println!("http on http://{}/", listener.local_addr()?);

    let (quit, mut asked_to_quit) = mpsc::channel(1);
    let app = Rc::new(App::new(quit));
    let mut http = auto::Builder::new(Executor);
    http.http1().timer(Timer);
    http.http2().timer(Timer);
    let connections = GracefulShutdown::new();
    loop {
        let accepted = listener.accept();
        pin_mut!(accepted);
        let (stream, peer) = match select(accepted, asked_to_quit.next()).await {
            Either::Left((accepted, _)) => accepted?,
            Either::Right(_) => break,
        };
        if let Err(error) = start(&http, &connections, stream, &app) {
            println!("{peer} was not served: {error}");
        }
    }

    // No new connections; the open ones finish the requests that have begun.
    drop(listener);
    match timeout(GRACE, connections.shutdown()).await {
        Ok(()) => println!("all requests are done, {} in all", app.served()),
        Err(_) => println!("some requests were not done after {GRACE:?}"),
    }
    Ok(())
}

/// Serves a connection by a task of its own.
fn start(
    http: &auto::Builder<Executor>,
    connections: &GracefulShutdown,
    stream: TcpStream,
    app: &Rc<App>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let app = Rc::clone(app);
    let service = service_fn(move |request| Rc::clone(&app).answer(request));
    let connection = connections.watch(http.serve_connection(stream, service).into_owned());
    runtime::spawn(async move {
        if let Err(error) = connection.await {
            // Clients come and go, and some do not say goodbye.
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            eprintln!("a connection broke: {error}{cause}");
        }
    });
    Ok(())
}
