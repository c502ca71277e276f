//! What the server answers.

use std::cell::Cell;
use std::convert::Infallible;
use std::error::Error;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use futures::channel::mpsc;
use futures::stream;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::{Method, Request, Response, StatusCode};
use runtime::time::interval;

/// The body of an answer. It need not be `Send`, as it stays on the thread of the loop.
type Content = Pin<Box<dyn Body<Data = Bytes, Error = Box<dyn Error + Send + Sync>>>>;

/// What all connections share: nothing that would need a lock, as they share a thread.
pub(crate) struct App {
    served: Cell<u64>,
    quit: mpsc::Sender<()>,
}

impl App {
    pub(crate) fn new(quit: mpsc::Sender<()>) -> App {
        App { served: Cell::new(0), quit }
    }

    /// How many requests there have been.
    pub(crate) fn served(&self) -> u64 {
        self.served.get()
    }

    pub(crate) async fn answer(
        self: Rc<App>,
        request: Request<Incoming>,
    ) -> Result<Response<Content>, Infallible> {
        self.served.set(self.served.get() + 1);
        let path = request.uri().path();
        let content = match (request.method(), path) {
            (&Method::GET, "/") => text("hello, world\n"),
            (&Method::GET, "/stats") => text(format!("{} requests\n", self.served())),
            (&Method::POST | &Method::PUT, "/echo") => {
                Box::pin(request.into_body().map_err(Into::into))
            }
            (&Method::POST, "/quit") => {
                // A channel that is full has been told already.
                let _ = self.quit.clone().try_send(());
                text("goodbye\n")
            }
            (&Method::GET, path) => match path.strip_prefix("/ticks/").map(str::parse) {
                Some(Ok(count)) => ticks(count),
                _ => return Ok(not_found()),
            },
            _ => return Ok(not_found()),
        };
        Ok(Response::new(content))
    }
}

fn text(text: impl Into<Bytes>) -> Content {
    Box::pin(Full::new(text.into()).map_err(|never| match never {}))
}

fn not_found() -> Response<Content> {
    let mut response = Response::new(text("there is no such thing here\n"));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// Some lines, one every 100 ms. The timer is the loop's, and is gone when the client is.
fn ticks(count: u32) -> Content {
    let timer = interval(Duration::from_millis(100));
    let lines = stream::unfold((timer, 0), move |(mut timer, n)| async move {
        if n == count {
            return None;
        }
        timer.tick().await;
        let line = format!("tick {}\n", n + 1);
        Some((Ok(Frame::data(Bytes::from(line))), (timer, n + 1)))
    });
    Box::pin(StreamBody::new(lines))
}
