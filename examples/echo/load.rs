//! The load: connections that each send a message, wait for its echo, and send the next.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use examples::{Column, Latency, Table, bold};
use futures::future::{Either, select, try_join_all};
use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::Runtime;
use runtime::net::TcpStream;
use runtime::task::AbortOnDropHandle;
use runtime::time::interval_at;

/// How much load, and for how long.
pub(crate) struct Load {
    pub(crate) connections: u32,
    pub(crate) seconds: u32,
    /// Bytes of a message.
    pub(crate) size: usize,
}

/// Runs loads one after the other, in one table, on a loop of this thread.
pub(crate) fn run(server: SocketAddr, loads: &[Load]) -> io::Result<()> {
    Runtime::new()?.block_on(async {
        let mut table = None;
        let mut summaries = Vec::new();
        for load in loads {
            summaries.push(measure(server, load, &mut table).await?);
        }
        println!();
        summaries.iter().for_each(|summary| println!("{}", bold(summary)));
        Ok(())
    })
}

/// Runs one load, prints a row each second, and sums up.
async fn measure(server: SocketAddr, load: &Load, table: &mut Option<Table>) -> io::Result<String> {
    let recent = Rc::new(RefCell::new(Latency::new()));
    let served = Rc::new(Cell::new(0));
    let connects = (0..load.connections).map(|_| TcpStream::connect(server));
    let streams = try_join_all(connects).await?;
    let table = match table {
        Some(table) => table,
        None => table.insert(begin()?),
    };

    let start = Instant::now();
    let clients = streams.into_iter().map(|stream| {
        // Dropped at the end of the load, which aborts it.
        let client = client(stream, load.size, recent.clone(), served.clone());
        AbortOnDropHandle::new(runtime::spawn(client))
    });
    let failed = try_join_all(clients);
    let report = report(load, &recent, table);
    match select(Box::pin(failed), Box::pin(report)).await {
        Either::Left((Ok(outcomes), _)) => match outcomes.into_iter().find_map(Result::err) {
            Some(error) => {
                Err(io::Error::new(error.kind(), format!("a connection failed: {error}")))
            }
            None => Err(io::Error::other("the server closed every connection")),
        },
        Either::Left((Err(join), _)) => Err(join.into()),
        Either::Right((all, _)) => Ok(summary(load, served.get(), &all?, start.elapsed())),
    }
}

/// Sends messages until it is dropped; returns only if the connection fails.
async fn client(
    mut stream: TcpStream,
    size: usize,
    latency: Rc<RefCell<Latency>>,
    served: Rc<Cell<u32>>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let message = vec![b'x'; size];
    let mut echo = vec![0; size];
    let mut first = true;
    loop {
        let sent = Instant::now();
        stream.write_all(&message).await?;
        stream.read_exact(&mut echo).await?;
        latency.borrow_mut().record(sent.elapsed());
        if std::mem::take(&mut first) {
            served.set(served.get() + 1);
        }
    }
}

/// Prints a row each second, and returns everything that was measured.
async fn report(load: &Load, recent: &RefCell<Latency>, table: &mut Table) -> io::Result<Latency> {
    let second = Duration::from_secs(1);
    let mut all = Latency::new();
    let mut last = runtime::time::Instant::now();
    let mut ticks = interval_at(last + second, second);
    for _ in 0..load.seconds {
        let now = ticks.tick().await.max(runtime::time::Instant::now());
        let elapsed = now - last;
        last = now;
        row(load, &recent.borrow(), elapsed, table)?;
        all.drain(&mut recent.borrow_mut());
    }
    Ok(all)
}

fn begin() -> io::Result<Table> {
    Table::begin(vec![
        Column("connections", 11),
        Column("echoes/s", 9),
        Column("MiB/s", 7),
        Column("p50 us", 8),
        Column("p99 us", 8),
        Column("p99.9 us", 8),
        Column("max us", 9),
    ])
}

fn row(load: &Load, latency: &Latency, elapsed: Duration, table: &mut Table) -> io::Result<()> {
    let rate = latency.count() as f64 / elapsed.as_secs_f64();
    let microseconds = |latency: Duration| format!("{:.1}", latency.as_secs_f64() * 1e6);
    let cells = vec![
        load.connections.to_string(),
        format!("{rate:.0}"),
        format!("{:.1}", rate * load.size as f64 / (1024.0 * 1024.0)),
        microseconds(latency.quantile(0.5)),
        microseconds(latency.quantile(0.99)),
        microseconds(latency.quantile(0.999)),
        microseconds(latency.max()),
    ];
    table.row(cells, rate)
}

fn summary(load: &Load, served: u32, all: &Latency, elapsed: Duration) -> String {
    let connections = match load.connections {
        1 => "1 connection:".to_owned(),
        many => format!("{many} connections:"),
    };
    let starved = match load.connections - served {
        0 => String::new(),
        some => format!("; {some} connections got no answer: is the server out of descriptors?"),
    };
    format!(
        "{connections:<16} {:.0} echoes of {} bytes a second, half of them within {:.1?}, 999 of 1000 within {:.1?}{starved}",
        all.count() as f64 / elapsed.as_secs_f64(),
        load.size,
        all.quantile(0.5),
        all.quantile(0.999),
    )
}
