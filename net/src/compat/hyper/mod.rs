//! What `hyper` wants of a runtime: streams, an executor and a timer.
//!
//! [`TcpStream`](crate::TcpStream), `UnixStream`, `TlsStream` and the connections of a
//! [`Server`](crate::Server) implement [`hyper::rt::Read`] and [`hyper::rt::Write`] themselves; [`Io`] does
//! so for any other stream. [`Executor`] spawns on the current loop, and asks for no `Send`; [`Timer`] sleeps
//! by the loop's clock, also when that is a paused one.
//!
//! # Examples
//!
//! An HTTP/1 server whose handler shares state without a lock, and a client for it:
//!
//! ```
//! use std::cell::Cell;
//! use std::convert::Infallible;
//! use std::rc::Rc;
//!
//! use http_body_util::{BodyExt, Empty, Full};
//! use hyper::body::{Bytes, Incoming};
//! use hyper::service::service_fn;
//! use hyper::{Request, Response, client, server};
//! use runtime::compat::hyper::Timer;
//! use runtime::net::{TcpListener, TcpStream};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! runtime::run(async {
//!     let listener = TcpListener::bind("127.0.0.1:0").await?;
//!     let address = listener.local_addr()?;
//!     runtime::spawn(async move {
//!         let visits = Rc::new(Cell::new(0));
//!         while let Ok((stream, _peer)) = listener.accept().await {
//!             let visits = Rc::clone(&visits);
//!             let handler = service_fn(move |_: Request<Incoming>| {
//!                 visits.set(visits.get() + 1);
//!                 let text = format!("visit {}", visits.get());
//!                 async { Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(text)))) }
//!             });
//!             runtime::spawn(async move {
//!                 let mut http = server::conn::http1::Builder::new();
//!                 http.timer(Timer).serve_connection(stream, handler).await
//!             });
//!         }
//!     });
//!
//!     let stream = TcpStream::connect(address).await?;
//!     let (mut requests, connection) = client::conn::http1::handshake(stream).await?;
//!     runtime::spawn(connection);
//!     for visit in ["visit 1", "visit 2"] {
//!         let request = Request::get("/").header("host", "localhost").body(Empty::<Bytes>::new())?;
//!         let answer = requests.send_request(request).await?.collect().await?;
//!         assert_eq!(answer.to_bytes(), visit);
//!     }
//!     Ok(())
//! })
//! # }
//! ```

#[cfg(feature = "hyper-util")]
mod connected;
#[cfg(all(feature = "hyper-util", feature = "tls"))]
mod connected_tls;
#[cfg(all(feature = "hyper-util", unix))]
mod connected_unix;
#[cfg(feature = "hyper-util")]
mod connector;
mod executor;
mod implement;
mod io;
mod sockets;
mod timer;
#[cfg(feature = "tls")]
mod tls;
#[cfg(unix)]
mod unix;

#[cfg(feature = "hyper-util")]
pub use self::connector::{Connecting, Connector};
pub use self::executor::Executor;
pub use self::io::Io;
pub use self::timer::{Sleep, Timer};
