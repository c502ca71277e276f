//! The thread of one loop, from its start to its last word.
//!
//! ```text
//!   the builder                          the thread
//!       start      ───────────────────►  pin, build the loop
//!       built      ◄────── handle ─────  wait
//!       go         ─── group handle ──►  run
//!       stop       ───────────────────►  close the loop
//!       join       ◄─────── end ───────
//! ```
//!
//! A group whose loops are not all there never goes: the threads that wait are dropped instead, and end.

use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::GroupHandle;
use super::affinity::Processors;
use super::report::{End, LoopReport};
use crate::builder::Builder as LoopBuilder;
use crate::executor::panics::{Payload, contain};
use crate::handle::Handle;
use crate::policy::policy;
use crate::runtime::Runtime;
use crate::shutdown::{ShutdownOptions, ShutdownReport};

/// What the threads of a group have in common.
pub(super) struct Plan {
    /// Where to pin the threads, if at all.
    processors: Option<Processors>,
    configure: Arc<dyn Fn(usize, LoopBuilder) -> LoopBuilder + Send + Sync>,
}

impl Plan {
    pub(super) fn new(
        processors: Option<Processors>,
        configure: Arc<dyn Fn(usize, LoopBuilder) -> LoopBuilder + Send + Sync>,
    ) -> Plan {
        Plan { processors, configure }
    }

    fn build(&self, index: usize) -> io::Result<Runtime> {
        if let Some(processors) = &self.processors {
            // First of all, so that the loop's memory is allocated close to its processor.
            processors.pin(index)?;
        }
        policy().build((self.configure)(index, LoopBuilder::new()))
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan").field("processors", &self.processors).finish_non_exhaustive()
    }
}

/// Why a thread has no loop.
pub(super) enum NotStarted {
    Error(io::Error),
    Panic(Payload),
}

/// A thread that builds its loop, or waits for the others to have built theirs. Dropping it ends the thread.
pub(super) struct Starting {
    built: Receiver<io::Result<Handle>>,
    go: Option<SyncSender<GroupHandle>>,
    thread: Option<thread::JoinHandle<()>>,
    shared: Arc<Shared>,
    name: String,
}

/// A thread that runs its loop.
pub(super) struct LoopThread {
    handle: Handle,
    thread: thread::JoinHandle<()>,
    shared: Arc<Shared>,
    name: String,
}

/// What a thread and its owner tell each other.
#[derive(Default)]
struct Shared {
    /// How the loop is to be shut down, and since when. It waits for nothing if that was never said.
    orders: OnceLock<(Instant, ShutdownOptions)>,
    end: Mutex<Option<End>>,
    ended: Condvar,
}

impl Shared {
    /// Waits for the thread's last word.
    fn wait(&self, deadline: Option<Instant>) -> Option<End> {
        let mut end = self.end.lock();
        while end.is_none() {
            match deadline {
                None => self.ended.wait(&mut end),
                Some(deadline) => {
                    if self.ended.wait_until(&mut end, deadline).timed_out() {
                        break;
                    }
                }
            }
        }
        end.take()
    }
}

impl Starting {
    /// Starts the thread.
    pub(super) fn new(
        index: usize,
        name: String,
        stack_size: Option<NonZeroUsize>,
        plan: Arc<Plan>,
    ) -> io::Result<Starting> {
        let (builds, built) = sync_channel(1);
        let (go, waits) = sync_channel(1);
        let shared = Arc::<Shared>::default();
        let its_own = shared.clone();
        let main = move || {
            let result = contain(|| run(index, &plan, &builds, &waits, &its_own.orders));
            drop(builds);
            let end = match result {
                Ok(report) => End::Stopped(report),
                Err(payload) => End::Panicked(Mutex::new(payload)),
            };
            *its_own.end.lock() = Some(end);
            its_own.ended.notify_one();
        };
        let builder = thread::Builder::new().name(name.clone());
        let builder = match stack_size {
            Some(bytes) => builder.stack_size(bytes.get()),
            None => builder,
        };
        let thread = Some(builder.spawn(main)?);
        Ok(Starting { built, go: Some(go), thread, shared, name })
    }

    /// Waits until the loop is there. To be asked once.
    pub(super) fn built(&self) -> Result<Handle, NotStarted> {
        match self.built.recv() {
            Ok(result) => result.map_err(NotStarted::Error),
            // It has panicked instead.
            Err(_) => match self.shared.wait(None) {
                Some(End::Panicked(payload)) => Err(NotStarted::Panic(payload.into_inner())),
                _ => unreachable!("a thread says what it has built, or panics"),
            },
        }
    }

    /// Lets the loop run.
    pub(super) fn go(mut self, handle: Handle, group: GroupHandle) -> LoopThread {
        let (go, thread) = (self.go.take(), self.thread.take());
        let (go, thread) = go.zip(thread).expect("it goes once");
        go.send(group).expect("a thread that has built its loop waits");
        LoopThread {
            handle,
            thread,
            shared: self.shared.clone(),
            name: std::mem::take(&mut self.name),
        }
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        self.go = None;
        if let Some(thread) = self.thread.take() {
            // Its panic has been heard of, or follows one that has.
            let _ = thread.join();
        }
    }
}

impl LoopThread {
    /// Has the loop shut down.
    pub(super) fn stop(&self, options: ShutdownOptions) {
        let _ = self.shared.orders.set((Instant::now(), options));
        // A loop that is closed has stopped.
        let _ = self.handle.stop();
    }

    /// Waits for the end of the thread, at most until the deadline, or not at all if this is that thread.
    pub(super) fn join(self, index: usize, deadline: Option<Instant>) -> LoopReport {
        let LoopThread { thread, shared, name, .. } = self;
        let own = thread.thread().id() == thread::current().id();
        let end = if own { None } else { shared.wait(deadline) };
        if end.is_some() {
            // It has nothing left to do but to go, and passes on no panic.
            let _ = thread.join();
        }
        LoopReport::new(index, name, end.unwrap_or(End::Running))
    }
}

/// What the thread does.
fn run(
    index: usize,
    plan: &Plan,
    builds: &SyncSender<io::Result<Handle>>,
    waits: &Receiver<GroupHandle>,
    orders: &OnceLock<(Instant, ShutdownOptions)>,
) -> ShutdownReport {
    let rt = match plan.build(index) {
        Ok(rt) => rt,
        Err(error) => {
            // There is nobody to hear it if another thread's error came first.
            let _ = builds.send(Err(error));
            return ShutdownReport::default();
        }
    };
    let _ = builds.send(Ok(rt.handle().clone()));
    let Ok(group) = waits.recv() else {
        return ShutdownReport::default();
    };
    group.join_as(index);
    // The policy may have given us a closed one.
    let _ = rt.run_forever();
    rt.shutdown(match orders.get() {
        Some((since, options)) => options.clone().after(since.elapsed()),
        None => Duration::ZERO.into(),
    })
}
