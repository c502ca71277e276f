//! A loop to look into, and a client that does not care whether it speaks sense.
#![allow(dead_code)]

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use runtime::inspect::Server;
use runtime::inspect::protocol::{Answered, Asked, Order, Snapshot, Task};
use runtime::{Handle, Runtime};
use serde_json::Value;
use tempfile::TempDir;

/// A loop on a thread of its own with two tasks: `boss` waits for `worker`, which waits for ever.
pub(crate) struct Home {
    pub(crate) handle: Handle,
    pub(crate) id: u64,
    thread: Option<thread::JoinHandle<()>>,
}

impl Home {
    pub(crate) fn new() -> Home {
        let (ready, known) = mpsc::channel();
        let thread = thread::Builder::new().name("home".into()).spawn(move || {
            let rt = Runtime::new().unwrap();
            let named = |name| runtime::task::Builder::new().name(name);
            let _entered = rt.enter();
            let worker = named("worker").spawn(std::future::pending::<()>());
            named("boss").spawn(async move { worker.await.unwrap() });
            let handle = rt.handle().clone();
            rt.call_soon(move || {
                let here = thread::current().id();
                let mut loops = runtime::inspect::loops().into_iter();
                let own = loops.find(|open| open.thread().id() == here).unwrap();
                ready.send((handle, own.id())).unwrap();
            });
            rt.run_forever().unwrap();
        });
        let (handle, id) = known.recv().unwrap();
        Home { handle, id, thread: Some(thread.unwrap()) }
    }

    /// Blocks the loop until what is returned is dropped; it is blocked when this returns.
    pub(crate) fn block(&self) -> mpsc::Sender<()> {
        let (release, released) = mpsc::channel::<()>();
        let (blocked, is_blocked) = mpsc::channel();
        let block = move || {
            blocked.send(()).unwrap();
            let _ = released.recv();
        };
        self.handle.call_soon(block).unwrap();
        is_blocked.recv().unwrap();
        release
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = self.handle.stop();
        let ended = self.thread.take().unwrap().join();
        if !thread::panicking() {
            ended.unwrap();
        }
    }
}

/// A server in a directory of its own.
pub(crate) fn server() -> (TempDir, Server) {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::builder().path(directory.path().join("s")).start().unwrap();
    (directory, server)
}

/// A connection that sends whatever it is told to.
pub(crate) struct Raw(pub(crate) BufReader<UnixStream>);

impl Raw {
    pub(crate) fn connect(path: &Path) -> Raw {
        Raw(BufReader::new(UnixStream::connect(path).unwrap()))
    }

    /// Sends text as it is.
    pub(crate) fn send(&mut self, text: &[u8]) {
        self.0.get_mut().write_all(text).unwrap();
    }

    /// The next answer; `None` at the end.
    pub(crate) fn answer(&mut self) -> Option<Value> {
        let mut line = String::new();
        // A peer that hung up with bytes unread resets.
        let length = self.0.read_line(&mut line).unwrap_or(0);
        (length > 0).then(|| serde_json::from_str(&line).unwrap())
    }

    pub(crate) fn ask(&mut self, line: &str) -> Value {
        self.send(format!("{line}\n").as_bytes());
        self.answer().unwrap()
    }
}

/// The kind of the error that an answer is.
pub(crate) fn kind(answer: &Value) -> &str {
    answer["error"]["kind"].as_str().unwrap_or_else(|| panic!("no error: {answer}"))
}

pub(crate) fn asked_for_snapshot(id: u64) -> Asked {
    Asked::Snapshot { id, limit: None, order: Order::Id, timeout_ms: Some(10_000) }
}

pub(crate) fn snapshot(answered: Answered) -> Snapshot {
    match answered {
        Answered::Snapshot(snapshot) => *snapshot,
        other => panic!("no snapshot: {other:?}"),
    }
}

pub(crate) fn task<'a>(snapshot: &'a Snapshot, name: &str) -> &'a Task {
    let found = snapshot.tasks.iter().find(|task| task.name.as_deref() == Some(name));
    found.unwrap_or_else(|| panic!("no task {name}: {snapshot:?}"))
}
