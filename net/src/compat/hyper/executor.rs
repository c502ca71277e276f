//! Spawning.

/// Spawns what `hyper` has to run beside a connection, such as the streams of HTTP/2, on the current loop.
///
/// Futures need not be `Send`: handlers and bodies may hold an `Rc`. Their tasks are detached, and end with
/// the loop at the latest; a panic in one goes to the loop's exception handler.
///
/// # Panics
///
/// `execute` panics outside of a loop, as [`spawn`](runtime_core::spawn) does.
///
/// # Examples
///
/// ```
/// use std::convert::Infallible;
///
/// use http_body_util::Full;
/// use hyper::body::{Bytes, Incoming};
/// use hyper::server::conn::http2;
/// use hyper::service::service_fn;
/// use hyper::{Request, Response};
/// use runtime::compat::hyper::{Executor, Timer};
/// use runtime::net::TcpStream;
///
/// async fn serve(stream: TcpStream) -> hyper::Result<()> {
///     let hello = service_fn(|_: Request<Incoming>| async {
///         Ok::<_, Infallible>(Response::new(Full::new(Bytes::from("hello"))))
///     });
///     http2::Builder::new(Executor).timer(Timer).serve_connection(stream, hello).await
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Executor;

impl<F> hyper::rt::Executor<F> for Executor
where
    F: Future + 'static,
    F::Output: 'static,
{
    #[inline]
    #[track_caller]
    fn execute(&self, future: F) {
        runtime_core::spawn(future);
    }
}
