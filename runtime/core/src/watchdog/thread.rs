//! The one thread that watches all loops of a process.
//!
//! It sleeps until some poll would become too long. While a loop is at work that is once or twice a
//! threshold, however many polls there are; while none is, it sleeps until one says that it is active again.
//! It ends when the last loop is gone.

use std::process;
use std::sync::Arc;
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::exceptions::text_of;
use crate::executor::panics::{contain, contain_quietly};
use crate::log;
use crate::watchdog::post::Post;
use crate::watchdog::report::{BlockedReport, Callback};
use crate::watchdog::stack::{Sampler, Stack};
use crate::watchdog::target::Target;
use crate::watchdog::vigil::{Next, Vigil};

/// How the watchdog's thread is called; the system shows as much.
const NAME: &str = "watchdog";

static REGISTRY: Mutex<Registry> = Mutex::new(Registry { loops: Vec::new(), thread: None });

struct Registry {
    loops: Vec<Arc<Watched>>,
    thread: Option<Running>,
}

struct Running {
    thread: Thread,
    /// A process that was forked off has no such thread.
    process: u32,
}

/// A loop that is watched.
pub(super) struct Watched {
    pub(super) post: Arc<Post>,
    /// The thread that it lives on.
    pub(super) target: Target,
    pub(super) threshold: Duration,
    pub(super) callback: Option<Callback>,
}

/// Watches a loop, in place of what it was watched as before.
pub(super) fn watch(watched: Watched) {
    let mut registry = REGISTRY.lock();
    registry.loops.retain(|other| !Arc::ptr_eq(&other.post, &watched.post));
    registry.loops.push(Arc::new(watched));
    let here = process::id();
    match &registry.thread {
        Some(running) if running.process == here => running.thread.unpark(),
        _ => match thread::Builder::new().name(NAME.to_owned()).spawn(run) {
            Ok(thread) => {
                let thread = thread.thread().clone();
                registry.thread = Some(Running { thread, process: here });
            }
            Err(error) => {
                registry.loops.pop();
                drop(registry);
                log::warn(format_args!("no watchdog: its thread cannot be started: {error}"));
            }
        },
    }
}

/// Ceases to watch a loop.
pub(super) fn unwatch(post: &Arc<Post>) {
    let mut registry = REGISTRY.lock();
    let watched = registry.loops.iter().position(|watched| Arc::ptr_eq(&watched.post, post));
    let watched = watched.map(|index| registry.loops.swap_remove(index));
    if let Some(running) = &registry.thread {
        // It has its own list, and may have the end of a poll to report.
        running.thread.unpark();
    }
    drop(registry);
    // Its callback is the user's.
    contain_quietly(|| drop(watched));
}

/// Has the watchdog look at all loops.
#[cold]
pub(super) fn wake() {
    if let Some(running) = &REGISTRY.lock().thread {
        running.thread.unpark();
    }
}

fn run() {
    let mut sampler = Sampler::new();
    let mut watches: Vec<Watch> = Vec::new();
    let mut late = None;
    while refresh(&mut watches, &mut sampler) {
        // Something may be left to restore, if a thread has taken long to answer.
        sampler.retire();
        let wake = watches.iter_mut().filter_map(|watch| watch.look(&mut sampler, late)).min();
        if dismiss(&mut watches) {
            late = Some(Duration::ZERO);
            continue;
        }
        match wake {
            Some(wake) => {
                let begin = Instant::now();
                thread::park_timeout(wake.saturating_duration_since(begin));
                late = Some(wake.max(begin).elapsed());
            }
            None => {
                thread::park();
                late = None;
            }
        }
    }
}

/// Brings the watchdog's list up to date; `false` if there is nothing to watch, and the thread must end.
fn refresh(watches: &mut Vec<Watch>, sampler: &mut Sampler) -> bool {
    let mut registry = REGISTRY.lock();
    for watch in &mut *watches {
        watch.gone = !registry.loops.iter().any(|watched| Arc::ptr_eq(watched, &watch.watched));
    }
    for watched in &registry.loops {
        if !watches.iter().any(|watch| Arc::ptr_eq(watched, &watch.watched)) {
            watches.push(Watch::new(watched.clone()));
        }
    }
    if watches.is_empty() {
        // Under the lock: who watches a loop from now on starts another thread, which finds all in order.
        sampler.retire();
        registry.thread = None;
    }
    !watches.is_empty()
}

/// Lets go of loops that are gone; whether there was any.
fn dismiss(watches: &mut Vec<Watch>) -> bool {
    let before = watches.len();
    while let Some(index) = watches.iter().position(|watch| watch.gone) {
        let watch = watches.swap_remove(index);
        contain_quietly(|| drop(watch));
    }
    watches.len() < before
}

/// What the watchdog knows of a loop.
struct Watch {
    watched: Arc<Watched>,
    vigil: Vigil,
    /// The poll that was reported last, until its end has been.
    reported: Option<BlockedReport>,
    /// Whether the loop is gone, or watched in another way.
    gone: bool,
}

impl Watch {
    fn new(watched: Arc<Watched>) -> Watch {
        let vigil = Vigil::new(watched.threshold);
        Watch { watched, vigil, reported: None, gone: false }
    }

    /// Looks at the loop, reports what there is to report, and says when to look again.
    fn look(&mut self, sampler: &mut Sampler, mut late: Option<Duration>) -> Option<Instant> {
        self.report_end(self.watched.post.take_over());
        if self.gone {
            return None;
        }
        let post = self.watched.post.clone();
        loop {
            let now = post.now();
            match self.vigil.see(post.glance(), now, late) {
                Next::Look(then) => return Some(post.instant(then)),
                Next::Wait if post.rest_unattended() => return None,
                Next::Wait => return Some(post.instant(now + self.watched.threshold)),
                Next::Report { since, elapsed, count } => {
                    self.report(sampler, since, elapsed, count);
                    late = Some(Duration::ZERO);
                }
            }
        }
    }

    fn report(&mut self, sampler: &mut Sampler, since: Duration, elapsed: Duration, count: u32) {
        let watched = self.watched.clone();
        let Watched { post, target, .. } = &*watched;
        let stopped = target.is_stopped();
        let source = if stopped { None } else { post.report(since) };
        let Some((source, over)) = source else {
            self.vigil.dismiss(post.now(), stopped);
            return;
        };
        self.report_end(over);
        let stack = sampler.sample(target, post.anchor(), || post.is_in(since));
        if count > 1 && !post.is_in(since) {
            // Its end is going to be told, which says more.
            return;
        }
        let report = BlockedReport {
            source,
            since: post.instant(since),
            elapsed,
            count,
            over: false,
            thread: target.name(),
            stack,
        };
        self.tell(&report);
        self.reported = Some(report);
    }

    /// Reports the end of the poll that was reported last, if it has taken that long and is over.
    fn report_end(&mut self, took: Option<Duration>) {
        let Some(elapsed) = took else { return };
        if let Some(report) = self.reported.take() {
            let stack = Stack::missing("the poll is over");
            let count = report.count + 1;
            self.tell(&BlockedReport { elapsed, over: true, count, stack, ..report });
        }
    }

    fn tell(&self, report: &BlockedReport) {
        report.log();
        if let Some(callback) = &self.watched.callback {
            if let Err(payload) = contain(|| callback(report)) {
                let text = text_of(&*payload).unwrap_or("something that is not a text");
                log::warn(format_args!("the callback of `on_blocked` panicked with {text:?}"));
                contain_quietly(|| drop(payload));
            }
        }
    }
}
