//! A client of the console, and its server, on a thread of their own.

use std::collections::BTreeMap;
use std::io;
use std::thread;
use std::time::{Duration, SystemTime};

use console_api::instrument::instrument_client::InstrumentClient;
use console_api::instrument::{InstrumentRequest, Update};
use console_api::tasks::{Stats, Task};
use console_api::{Location, field};
use console_subscriber::{ConsoleLayer, Server, ServerParts};
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::channel::oneshot;
use hyper_util::rt::TokioIo;
use runtime::Runtime;
use tokio::io::{DuplexStream, duplex};
use tonic::transport::{Endpoint, Uri};
use tower::service_fn;
use tracing_subscriber::layer::SubscriberExt;

/// How often the server has news.
const INTERVAL: Duration = Duration::from_millis(10);

/// One task as the console shows it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    fields: BTreeMap<String, String>,
    pub(crate) place: Option<Location>,
    pub(crate) polls: u64,
    pub(crate) busy: Duration,
    /// From its creation to its end.
    pub(crate) lived: Duration,
    pub(crate) wakes: u64,
    pub(crate) self_wakes: u64,
    /// Wakers in existence.
    pub(crate) wakers: u64,
    pub(crate) dropped: bool,
}

impl Row {
    /// A field in words, or nothing.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    pub(crate) fn name(&self) -> &str {
        self.field("task.name")
    }

    fn begin(&mut self, task: &Task) {
        self.place = task.location.clone();
        for field in &task.fields {
            let Some(field::Name::StrName(name)) = &field.name else { panic!("{field:?}") };
            let value = field.value.as_ref().map(ToString::to_string).unwrap_or_default();
            self.fields.insert(name.clone(), value);
        }
    }

    fn update(&mut self, stats: &Stats) {
        let polls = stats.poll_stats.clone().unwrap_or_default();
        self.polls = polls.polls;
        self.busy = polls.busy_time.map(|time| time.try_into().unwrap()).unwrap_or_default();
        self.wakes = stats.wakes;
        self.self_wakes = stats.self_wakes;
        self.wakers = stats.waker_clones - stats.waker_drops;
        self.dropped = stats.dropped_at.is_some();
        let times = stats.created_at.zip(stats.dropped_at);
        let times = times.map(|(begin, end)| (SystemTime::try_from(begin), end.try_into()));
        if let Some((Ok(begin), Ok(end))) = times {
            self.lived = SystemTime::duration_since(&end, begin).unwrap();
        }
    }
}

/// What a console has seen so far.
pub(crate) struct Console {
    updates: UnboundedReceiver<Update>,
    rows: BTreeMap<u64, Row>,
    /// The timers, and whether they have gone.
    timers: BTreeMap<u64, bool>,
    /// The tasks that wait for something, by what they do.
    waits: Vec<(u64, String)>,
    lost: u64,
}

impl Console {
    /// Runs a test on a loop that is being watched.
    pub(crate) fn test(test: impl AsyncFnOnce(Console)) {
        Console::watch(|console| Runtime::new().unwrap().block_on(test(console)));
    }

    /// The same, on a loop that is there already.
    pub(crate) fn test_on(rt: &Runtime, test: impl AsyncFnOnce(Console)) {
        Console::watch(|console| rt.block_on(test(console)));
    }

    fn watch(f: impl FnOnce(Console)) {
        let (layer, server) = ConsoleLayer::builder().publish_interval(INTERVAL).build();
        let (sender, updates) = unbounded();
        // Dropped, it ends server and client.
        let (_end, ended) = oneshot::channel::<()>();
        thread::spawn(move || {
            let rt = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            rt.block_on(async {
                let (near, far) = duplex(64 * 1024);
                tokio::spawn(serve(server, far));
                tokio::spawn(listen(near, sender));
                let _ = ended.await;
            });
        });
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, || {
            f(Console {
                updates,
                rows: BTreeMap::new(),
                timers: BTreeMap::new(),
                waits: Vec::new(),
                lost: 0,
            });
        });
    }

    /// Waits until there is a task of this name that is as it should be.
    pub(crate) async fn see(&mut self, name: &str, is: impl Fn(&Row) -> bool) -> Row {
        loop {
            if let Some(row) = self.rows().find(|row| row.name() == name && is(row)) {
                return row.clone();
            }
            self.update().await;
        }
    }

    /// All tasks, in no order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }

    /// Whether each timer that there was has gone.
    pub(crate) fn timers(&self) -> impl Iterator<Item = bool> {
        self.timers.values().copied()
    }

    /// What the tasks of this name wait for.
    pub(crate) fn waits(&self, name: &str) -> Vec<&str> {
        let is = |id| self.rows.get(id).is_some_and(|row| row.name() == name);
        self.waits.iter().filter(|(task, _)| is(task)).map(|(_, wait)| wait.as_str()).collect()
    }

    /// The events that found no place in the server's queue.
    pub(crate) fn lost(&self) -> u64 {
        self.lost
    }

    /// Takes in what has happened since the last time.
    pub(crate) async fn update(&mut self) {
        let update = self.updates.next().await.expect("the console goes on");
        let tasks = update.task_update.unwrap_or_default();
        self.lost += tasks.dropped_events;
        for task in &tasks.new_tasks {
            let id = task.id.as_ref().expect("tasks have ids").id;
            self.rows.entry(id).or_default().begin(task);
        }
        let resources = update.resource_update.unwrap_or_default();
        for resource in &resources.new_resources {
            assert_eq!(resource.concrete_type, "Sleep");
            self.timers.insert(resource.id.as_ref().expect("resources have ids").id, false);
        }
        for (id, stats) in &resources.stats_update {
            self.timers.insert(*id, stats.dropped_at.is_some());
        }
        for poll in &resources.new_poll_ops {
            let task = poll.task_id.as_ref().expect("a task polls").id;
            self.waits.push((task, format!("{}: {}", poll.name, poll.is_ready)));
        }
        for (id, stats) in &tasks.stats_update {
            if let Some(row) = self.rows.get_mut(id) {
                row.update(stats);
            }
        }
    }
}

async fn serve(server: Server, stream: DuplexStream) {
    let ServerParts { instrument_server, aggregator, .. } = server.into_parts();
    tokio::spawn(aggregator.run());
    let streams = futures::stream::once(async { Ok::<_, io::Error>(stream) });
    let server = tonic::transport::Server::builder().add_service(instrument_server);
    // The one connection is all that ever comes.
    let streams = streams.chain(futures::stream::pending());
    server.serve_with_incoming(streams).await.unwrap();
}

async fn listen(stream: DuplexStream, updates: UnboundedSender<Update>) {
    let mut stream = Some(TokioIo::new(stream));
    let connect = service_fn(move |_: Uri| {
        let stream = stream.take().ok_or_else(|| io::Error::other("connected already"));
        async { stream }
    });
    // The address is not used.
    let endpoint = Endpoint::from_static("http://console");
    let channel = endpoint.connect_with_connector(connect).await.unwrap();
    let mut client = InstrumentClient::new(channel);
    let mut stream = client.watch_updates(InstrumentRequest {}).await.unwrap().into_inner();
    while let Ok(Some(update)) = stream.message().await {
        if updates.unbounded_send(update).is_err() {
            break;
        }
    }
}
