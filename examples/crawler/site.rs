//! A small site to crawl, so that the example needs no network: forty pages under two names, one of which does
//! not exist, and one that takes for ever.

use std::io;
use std::time::Duration;

use futures::io::BufReader;
use futures::{AsyncWriteExt, Stream, StreamExt};
use runtime::net::io::read_until;
use runtime::net::{TcpListener, TcpStream};
use runtime::task::{TaskGroup, cancelled};
use runtime::time::sleep;
use url::Url;

const PAGES: u32 = 40;
const MISSING: u32 = 17;
const SLOW: u32 = 11;

pub(crate) struct Site {
    listener: TcpListener,
    port: u16,
}

impl Site {
    pub(crate) async fn open() -> io::Result<Site> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        Ok(Site { listener, port })
    }

    pub(crate) fn url(&self) -> Url {
        format!("http://127.0.0.1:{}/0", self.port).parse().expect("it is a URL")
    }

    /// Serves until it is asked to end.
    pub(crate) async fn serve(self) -> io::Result<()> {
        let port = self.port;
        TaskGroup::run(async |group| {
            let mut connections = Box::pin(connections(&self.listener).take_until(cancelled()));
            while let Some(stream) = connections.next().await {
                let stream = stream?;
                group.spawn(async move {
                    // A client that goes in the midst of a page is no concern of the site.
                    answer(stream, port).await.or(Ok::<_, io::Error>(()))
                });
            }
            // Who is still waiting for a page waits for the slow one.
            group.cancel("the site closes");
            Ok(())
        })
        .await?;
        Ok(())
    }
}

fn connections(listener: &TcpListener) -> impl Stream<Item = io::Result<TcpStream>> {
    futures::stream::unfold(listener, async |listener| {
        let accepted = listener.accept().await.map(|(stream, _)| stream);
        Some((accepted, listener))
    })
}

async fn answer(stream: TcpStream, port: u16) -> io::Result<()> {
    let mut head = Vec::new();
    read_until(&mut BufReader::new(&stream), b"\r\n\r\n", 8192, &mut head).await?;
    let head = String::from_utf8_lossy(&head);
    let path = head.split([' ', '?']).nth(1).unwrap_or_default();
    let number = path.trim_start_matches('/').parse().ok();
    let (status, body) = match number {
        Some(number) if number < PAGES && number != MISSING => ("200 OK", page(number, port)),
        _ => ("404 Not Found", "<h1>no such page</h1>\n".to_owned()),
    };
    if number == Some(SLOW) {
        sleep(Duration::from_secs(3600)).await;
    }
    sleep(Duration::from_millis(u64::from(number.unwrap_or(0)) * 7 % 23)).await;
    let length = body.len();
    let response = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    );
    (&stream).write_all(response.as_bytes()).await?;
    (&stream).close().await
}

/// A page with links to three others, one of them under the site's other name, and one back to the first.
fn page(number: u32, port: u16) -> String {
    let mut page = format!("<h1>page {number}</h1>\n<a href=\"/0#top\">home</a>\n");
    for next in (3 * number + 1..=3 * number + 3).filter(|next| *next < PAGES) {
        let link = match next % 3 {
            0 => format!("http://localhost:{port}/{next}"),
            1 => next.to_string(),
            _ => format!("./{next}?from={number}#there"),
        };
        page += &format!("<a href='{link}'>page {next}</a>\n");
    }
    page
}
