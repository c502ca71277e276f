//! The routes, and what they do.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use hyper_util::client::legacy::Client;
use runtime::compat::hyper::{Connector, Executor, Timer};
use runtime::net::TcpStream;
use runtime::time::{Instant, sleep, timeout};
use serde::Deserialize;

/// How long another server may keep us waiting.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) fn router() -> Router {
    let connector = Connector::new().connect_timeout(PATIENCE);
    let client = Client::builder(Executor).pool_timer(Timer).build(connector);
    Router::new()
        .route("/", get(|| async { "hello, world\n" }))
        .route("/sleep/{milliseconds}", get(doze))
        .route("/dial/{address}", get(dial))
        .route("/fetch", get(fetch))
        .route("/sort", post(sort))
        .with_state(client)
}

async fn doze(Path(milliseconds): Path<u64>) -> String {
    let start = Instant::now();
    sleep(Duration::from_millis(milliseconds)).await;
    format!("slept for {:.1?}\n", start.elapsed())
}

async fn dial(Path(address): Path<String>) -> Result<String, Failure> {
    let start = Instant::now();
    let stream = timeout(PATIENCE, TcpStream::connect(address.as_str())).await??;
    Ok(format!("connected to {} in {:.1?}\n", stream.peer_addr()?, start.elapsed()))
}

#[derive(Deserialize)]
struct Wanted {
    url: String,
}

/// Passes on what another server answers, as it comes.
async fn fetch(
    State(client): State<Client<Connector, Body>>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let url = wanted.url.parse::<Uri>().map_err(Failure::of_the_request)?;
    let answer = timeout(PATIENCE, client.get(url)).await??;
    Ok(answer.map(Body::new))
}

/// Sorts on the blocking pool: a long list would keep the loop from everything else.
async fn sort(Json(mut numbers): Json<Vec<i64>>) -> Result<Json<Vec<i64>>, Failure> {
    let sorted = runtime::spawn_blocking(|| {
        numbers.sort_unstable();
        numbers
    });
    Ok(Json(sorted.await?))
}

/// What a handler says when something that it stands on fails.
struct Failure {
    status: StatusCode,
    text: String,
}

impl Failure {
    fn of_the_request(error: impl std::error::Error) -> Failure {
        Failure { status: StatusCode::BAD_REQUEST, ..Failure::from(error) }
    }
}

impl<E: std::error::Error> From<E> for Failure {
    /// The fault of the server that we asked, unless said otherwise.
    fn from(error: E) -> Failure {
        let mut text = error.to_string();
        // Some errors name their cause, and some leave that to whoever shows them.
        if let Some(cause) = error.source().map(ToString::to_string) {
            if !text.contains(&cause) {
                text = format!("{text}: {cause}");
            }
        }
        Failure { status: StatusCode::BAD_GATEWAY, text: text + "\n" }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.status, self.text).into_response()
    }
}
