//! The server: a group whose body accepts, and whose children are the connections.

use std::cell::Cell;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures::future::{Either, select};
use futures::io::BufReader;
use futures::{AsyncBufReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::sync::Event;
use runtime::task::{GroupError, TaskGroup, cancelled};
use runtime::time::sleep;

/// Tells the connections that the server is about to end.
#[derive(Default)]
struct Closing {
    begun: Cell<bool>,
    begins: Event,
}

impl Closing {
    fn begin(&self) {
        self.begun.set(true);
        self.begins.notify(usize::MAX);
    }

    async fn begun(&self) {
        while !self.begun.get() {
            self.begins.listen().await;
        }
    }
}

/// Serves until its task is asked to end, and then until the connections have. Asked once more, it asks them,
/// and drops those that are left when the `last` grace is over.
pub(crate) async fn run(
    listener: TcpListener,
    last: Duration,
) -> Result<(), GroupError<io::Error>> {
    let closing = Rc::new(Closing::default());
    let group = TaskGroup::builder().grace(last);
    let end = group.run(async |group| {
        // Owned by the body: nobody can connect any more when that has ended.
        let listener = listener;
        loop {
            let accepted = match select(pin!(listener.accept()), cancelled()).await {
                Either::Left((accepted, _)) => accepted,
                Either::Right(_) => break,
            };
            let (stream, peer) = accepted?;
            group.spawn(connection(stream, peer, closing.clone()));
        }
        closing.begin();
        Ok(())
    });
    end.await
}

/// One connection. What goes wrong with it ends no other.
async fn connection(stream: TcpStream, peer: SocketAddr, closing: Rc<Closing>) -> io::Result<()> {
    let sulks = Cell::new(false);
    let end = match select(pin!(talk(&stream, &closing, &sulks)), cancelled()).await {
        Either::Left((Ok(()), _)) => "has finished".to_owned(),
        Either::Left((Err(error), _)) => format!("has failed: {error}"),
        // Who listens is not dropped, and does as it likes, as long as the grace lasts.
        Either::Right(_) if sulks.get() => pending().await,
        // Cleaning up may await: this is not a destructor.
        Either::Right((reason, _)) => match say(&stream, &format!("sorry, {reason}")).await {
            Ok(()) => format!("was asked to end: {reason}"),
            Err(error) => format!("has failed while it ended: {error}"),
        },
    };
    println!("{peer} {end}");
    Ok(())
}

/// Answers line by line, until the server is about to end.
async fn talk(stream: &TcpStream, closing: &Closing, sulks: &Cell<bool>) -> io::Result<()> {
    let mut lines = BufReader::new(stream);
    loop {
        let mut line = String::new();
        let count = match select(lines.read_line(&mut line), pin!(closing.begun())).await {
            Either::Left((count, _)) => count?,
            // Between two requests.
            Either::Right(_) => return say(stream, "goodbye").await,
        };
        if count == 0 {
            return Ok(());
        }
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["work", milliseconds] => {
                sleep(Duration::from_millis(milliseconds.parse().unwrap_or(0))).await;
                say(stream, "done").await?;
            }
            ["sulk"] => {
                sulks.set(true);
                return pending().await;
            }
            _ => say(stream, "say `work 100`, or `sulk`").await?,
        }
    }
}

async fn say(mut stream: &TcpStream, what: &str) -> io::Result<()> {
    stream.write_all(format!("{what}\n").as_bytes()).await
}
