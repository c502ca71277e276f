//! The loops that are open in this process, for those who know a loop by its id only.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::thread::{self, Thread};

use parking_lot::Mutex;

use crate::executor::Core;
use crate::local::Local;

/// Tells loops apart, for the life of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LoopId(NonZeroU64);

impl LoopId {
    pub(crate) fn next() -> LoopId {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        LoopId(NonZeroU64::new(id).expect("2^64 loops were never made"))
    }
}

static OPEN: Mutex<BTreeMap<LoopId, Open>> = Mutex::new(BTreeMap::new());

struct Open {
    core: Weak<Core>,
    /// The thread that it lives on, for diagnostics.
    thread: Thread,
}

pub(crate) fn register(core: &Arc<Core>) {
    let open = Open { core: Arc::downgrade(core), thread: thread::current() };
    OPEN.lock().insert(core.id, open);
}

pub(crate) fn unregister(id: LoopId) {
    OPEN.lock().remove(&id);
}

/// Runs `job` on the thread of the loop with this id, at the start of its next turn; gives `false`, and drops
/// the job, if that loop is closed.
pub(crate) fn post_to(id: LoopId, job: impl FnOnce(&Local) + Send + 'static) -> bool {
    let core = OPEN.lock().get(&id).and_then(|open| open.core.upgrade());
    core.is_some_and(|core| core.post(job))
}

/// The loops that are open, with their threads, older ones first.
#[cold]
pub(crate) fn open_loops() -> Vec<(u64, Arc<Core>, Thread)> {
    let open = OPEN.lock();
    let known = open
        .iter()
        .filter_map(|(id, open)| Some((id.0.get(), open.core.upgrade()?, open.thread.clone())));
    // Under the lock a core can be held, but not let go.
    known.collect()
}

/// The loops that are open on other threads than this one.
#[cfg_attr(not(feature = "tracing"), allow(dead_code))]
pub(crate) fn loops_elsewhere() -> Vec<LoopId> {
    let here = thread::current().id();
    let elsewhere = |(&id, open): (&LoopId, &Open)| (open.thread.id() != here).then_some(id);
    OPEN.lock().iter().filter_map(elsewhere).collect()
}

/// The threads that loops are open on, those of older loops first.
#[cold]
pub(crate) fn threads_of_open_loops() -> Vec<Thread> {
    OPEN.lock().values().map(|open| open.thread.clone()).collect()
}
