//! A process to look into, which is the test itself, and the program that looks.
#![allow(dead_code)]

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use runtime::inspect::{Server, socket_of};
use runtime::{Builder, Handle};
use tempfile::TempDir;

/// Those who look see all loops of the process, so there is one at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// A loop on a thread of its own, with a server: `boss` waits for `worker`, which waits for ever, and `ticker`
/// is polled again and again.
pub(crate) struct Home {
    pub(crate) directory: TempDir,
    pub(crate) server: Server,
    pub(crate) handle: Handle,
    thread: Option<thread::JoinHandle<()>>,
    _alone: MutexGuard<'static, ()>,
}

impl Home {
    pub(crate) fn new() -> Home {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let directory = tempfile::tempdir().unwrap();
        let path = socket_of(directory.path(), std::process::id());
        let server = Server::builder().path(path).start().unwrap();
        let (ready, known) = mpsc::channel();
        let thread = thread::Builder::new().name("home".into()).spawn(move || {
            let rt = Builder::new().watchdog(Duration::from_secs(3600)).build().unwrap();
            let named = |name| runtime::task::Builder::new().name(name);
            let entered = rt.enter();
            let worker = named("worker").spawn(std::future::pending::<()>());
            named("boss").spawn(async move { worker.await.unwrap() });
            named("ticker").spawn(async {
                loop {
                    runtime::time::sleep(Duration::from_millis(1)).await;
                }
            });
            let handle = rt.handle().clone();
            rt.call_soon(move || ready.send(handle).unwrap());
            drop(entered);
            rt.run_forever().unwrap();
        });
        let handle = known.recv().unwrap();
        Home { directory, server, handle, thread: Some(thread.unwrap()), _alone: alone }
    }

    /// Blocks the loop until what is returned is dropped; it is blocked when this returns.
    pub(crate) fn block(&self) -> mpsc::Sender<()> {
        let (release, released) = mpsc::channel::<()>();
        let (blocked, is_blocked) = mpsc::channel();
        let culprit = runtime::task::Builder::new().name("culprit");
        let block = async move {
            blocked.send(()).unwrap();
            let _ = released.recv();
        };
        drop(culprit.spawn_on(block, &self.handle));
        is_blocked.recv().unwrap();
        release
    }

    /// The program, looking at where this one is, and these arguments.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(arguments);
        command.arg("--dir").arg(self.directory.path());
        command
    }

    /// What the program prints, if it ends well.
    pub(crate) fn look(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {complaint}");
        String::from_utf8(output.stdout).unwrap()
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

pub(crate) fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_runtime-ps"))
}

pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(arguments).env_remove("RUNTIME_INSPECT").env_remove("RUST_BACKTRACE");
    command
}

/// What the program complains of, which has to be one message and no panic.
pub(crate) fn complaint(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.starts_with("error: ") && !text.contains("panicked"), "{text}");
    text
}

pub(crate) fn own_pid() -> String {
    std::process::id().to_string()
}
