//! Hearing of subscribers that want spans, whenever they come.
//!
//! `tracing` asks each subscriber once for each place in the source that makes a span, and tells the place
//! what came of it. There is one such place here that makes none: it stands for all the others, and passes
//! what it is told on to the loops. So a loop need not ask.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tracing::dispatcher::get_default;
use tracing::level_filters::STATIC_MAX_LEVEL;
use tracing::subscriber::Interest;
use tracing::{Level, Metadata};
use tracing_core::callsite::{self, Callsite};
use tracing_core::metadata;
use tracing_core::metadata::Kind;

use crate::current;
use crate::executor::Special;
use crate::executor::panics::contain_quietly;
use crate::local::Local;

/// Whether some subscriber wants to see tasks.
static WANTED: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// The loops of this thread.
    static LOOPS: RefCell<Vec<Weak<Local>>> = const { RefCell::new(Vec::new()) };
    /// Whether this thread makes the place known to `tracing`.
    static REGISTERING: Cell<bool> = const { Cell::new(false) };
}

struct Tasks;

static TASKS: Tasks = Tasks;

static METADATA: Metadata<'static> = metadata! {
    name: "runtime.spawn",
    target: "runtime::task",
    level: Level::TRACE,
    fields: &["kind"],
    callsite: &TASKS,
    kind: Kind::SPAN
};

impl Callsite for Tasks {
    fn set_interest(&self, interest: Interest) {
        let wanted = !interest.is_never() && Level::TRACE <= STATIC_MAX_LEVEL;
        if !wanted && REGISTERING.get() {
            // As long as there is one subscriber, a new place hears of that of the thread that registers it, or
            // of none. The one there is may be another thread's, and have been told already.
            return;
        }
        // Relaxed: it guards nothing; loops that are told too early ask again when they are told the next
        // time.
        let changed = WANTED.swap(wanted, Ordering::Relaxed) != wanted;
        // Also if it is no news: word of it may still be on its way, and who sets a subscriber on a loop's own
        // thread expects to see what comes next.
        tell_loops_here();
        if changed {
            tell_loops_elsewhere();
        }
    }

    fn metadata(&self) -> &Metadata<'_> {
        &METADATA
    }
}

/// Whether some subscriber wants to see tasks.
pub(super) fn is_wanted() -> bool {
    WANTED.load(Ordering::Relaxed)
}

/// Has a new loop, on its own thread, hear of subscribers.
pub(crate) fn register(local: &Rc<Local>) {
    static REGISTERED: Once = Once::new();
    // Subscribers that are there already are asked.
    REGISTERED.call_once(|| {
        REGISTERING.set(true);
        contain_quietly(|| callsite::register(&TASKS));
        REGISTERING.set(false);
    });
    if !is_wanted() {
        // The one of this thread may have come before the place was known, which another thread has registered.
        contain_quietly(|| {
            let interest = get_default(|subscriber| subscriber.register_callsite(&METADATA));
            if !interest.is_never() {
                TASKS.set_interest(interest);
            }
        });
    }
    // A thread that ends makes loops for nobody.
    let _ = LOOPS.try_with(|loops| {
        let mut loops = loops.borrow_mut();
        loops.retain(|other| other.strong_count() > 0);
        loops.push(Rc::downgrade(local));
    });
    heed(local);
}

/// Does as the subscribers want. A main future with a span keeps it as long as it runs.
pub(crate) fn heed(local: &Local) {
    let special = local.executor.special();
    match is_wanted() {
        true if !special.is_traced() => local.executor.observe(Special::TRACING),
        false if special.is_traced() && !local.spans.has_any() => {
            local.executor.cease_to_observe(Special::TRACING);
        }
        _ => {}
    }
}

/// Has the loops of this thread do as the subscribers want, at once.
fn tell_loops_here() {
    let here = LOOPS.try_with(|loops| {
        loops.borrow().iter().filter_map(Weak::upgrade).collect::<Vec<Rc<Local>>>()
    });
    here.iter().flatten().for_each(|local| heed(local));
}

/// Has the loops of other threads do as the subscribers want when they come to it.
///
/// `tracing` holds a lock meanwhile, under which nothing may be called that could come back to it.
fn tell_loops_elsewhere() {
    let elsewhere = current::loops_elsewhere();
    if elsewhere.is_empty() {
        return;
    }
    // Waking a loop is up to its selector, which may be anybody's.
    let tell = move || {
        for id in elsewhere {
            current::post_to(id, heed);
        }
    };
    // Without a thread the loops hear of it from the next subscriber.
    let _ = thread::Builder::new().name("runtime-spans".into()).spawn(tell);
}
