//! What a loop tells other threads about the poll that it is in.
//!
//! The loop's thread writes, in the observed mode of the turn only; anybody reads. Everything but the cell
//! itself is a number that may be a moment out of date, and is read anew once the cell is held (see
//! `executor/lent.rs`).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence};
use std::time::{Duration, Instant};

use crate::executor::{Lent, TaskRef};
use crate::local::Local;
use crate::watchdog::source::{CurrentPoll, PollSource};
use crate::watchdog::thread;

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct Post {
    lent: Lent<Notes>,
    /// When the post was made; times are nanoseconds since then.
    epoch: Instant,
    /// When the poll began.
    since: AtomicU64,
    /// An address in the stack of the loop's thread, not far from where the frames of the loop begin.
    anchor: AtomicUsize,
    /// Whether the loop is in a pass.
    active: AtomicBool,
    /// Whether the watchdog sleeps without regard to this loop, and has to be told when it becomes active.
    unattended: AtomicBool,
}

/// What a loop and its watchdog leave for each other.
#[derive(Debug, Default)]
struct Notes {
    /// Whether the poll has been reported.
    reported: bool,
    /// How long the one that was reported last took in the end.
    over: Option<Duration>,
}

/// What the watchdog sees at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Glance {
    /// In the poll that began then, by the post's clock.
    Poll(Duration),
    /// Between two polls.
    Pass,
    /// Asleep, or about to be.
    Rest,
}

impl Post {
    fn new() -> Post {
        Post {
            lent: Lent::new(Notes::default()),
            epoch: Instant::now(),
            since: AtomicU64::new(0),
            anchor: AtomicUsize::new(0),
            active: AtomicBool::new(false),
            unattended: AtomicBool::new(true),
        }
    }

    /// The time by the post's clock.
    pub(super) fn now(&self) -> Duration {
        self.epoch.elapsed()
    }

    fn nanoseconds(&self) -> u64 {
        // Enough for 584 years.
        self.now().as_nanos() as u64
    }

    fn since(&self) -> Duration {
        Duration::from_nanos(self.since.load(Ordering::Relaxed))
    }

    // The loop's side.

    fn begin(&self, cell: TaskRef) {
        self.since.store(self.nanoseconds(), Ordering::Relaxed);
        self.lent.lend(cell);
    }

    fn end(&self) {
        let mut told = false;
        let cell = self.lent.take_back(|notes| {
            told = std::mem::take(&mut notes.reported);
            if told {
                notes.over = Some(self.now().saturating_sub(self.since()));
            }
        });
        drop(cell);
        if told {
            thread::wake();
        }
    }

    /// Notes that polls are about to be made by the caller of whoever has `marker` on the stack.
    fn become_active(&self, marker: &u8) {
        self.anchor.store(std::ptr::from_ref(marker).addr(), Ordering::Relaxed);
        self.active.store(true, Ordering::Relaxed);
        // Pairs with the fence in `rest_unattended`: one of the two sees what the other has written.
        fence(Ordering::SeqCst);
        if self.unattended.load(Ordering::Relaxed) {
            self.attract();
        }
    }

    #[cold]
    fn attract(&self) {
        self.unattended.store(false, Ordering::Relaxed);
        thread::wake();
    }

    fn become_inactive(&self) {
        self.active.store(false, Ordering::Relaxed);
    }

    // The other side.

    pub(super) fn glance(&self) -> Glance {
        if self.lent.is_lent() {
            Glance::Poll(self.since())
        } else if self.active.load(Ordering::Relaxed) {
            Glance::Pass
        } else {
            Glance::Rest
        }
    }

    /// Has the loop say so when it becomes active; `false` if it is.
    pub(super) fn rest_unattended(&self) -> bool {
        self.unattended.store(true, Ordering::Relaxed);
        // Pairs with the fence in `become_active`.
        fence(Ordering::SeqCst);
        let active = self.active.load(Ordering::Relaxed);
        if active {
            self.unattended.store(false, Ordering::Relaxed);
        }
        !active
    }

    /// The poll that the loop is in.
    pub(super) fn current(&self) -> Option<CurrentPoll> {
        self.lent.look(|cell, _| CurrentPoll::new(PollSource::of(cell), self.epoch + self.since()))
    }

    /// Says that the poll that began then is going to be reported; its source, if the loop still is in it,
    /// and how long the poll took that was reported before, if that has ended.
    pub(super) fn report(&self, since: Duration) -> Option<(PollSource, Option<Duration>)> {
        let source = self.lent.look(|cell, notes| {
            (self.since() == since).then(|| {
                notes.reported = true;
                // Now, for the end of this one will take its place.
                (PollSource::of(cell), notes.over.take())
            })
        });
        source.flatten()
    }

    /// Whether the loop still is in the poll that began then.
    pub(super) fn is_in(&self, since: Duration) -> bool {
        self.lent.look(|_, _| self.since() == since) == Some(true)
    }

    /// How long the poll took that was reported last, once that is known.
    pub(super) fn take_over(&self) -> Option<Duration> {
        self.lent.notes().over.take()
    }

    pub(super) fn instant(&self, time: Duration) -> Instant {
        self.epoch + time
    }

    /// Zero if the loop has not been run.
    pub(super) fn anchor(&self) -> usize {
        self.anchor.load(Ordering::Relaxed)
    }
}

/// The post of a loop; made now if it has none.
pub(super) fn of(local: &Local) -> &Arc<Post> {
    local.core.shared.post.get_or_init(|| Arc::new(Post::new()))
}

/// Whether anybody may want to know which poll the loop is in: a watchdog, or whoever looks into it.
#[inline]
fn is_wanted(local: &Local) -> bool {
    local.executor.special().is_published() || local.executor.is_noting()
}

/// Publishes that this cell is about to be run; `false` if nobody wants to know.
#[inline]
pub(crate) fn begin(local: &Local, cell: Option<&TaskRef>) -> bool {
    let published = is_wanted(local);
    if let (true, Some(cell)) = (published, cell) {
        of(local).begin(cell.clone());
    }
    published
}

/// The cell has been run.
#[inline]
pub(crate) fn end(local: &Local) {
    of(local).end();
}

/// A pass begins, or the first poll of a main future; `false` if nobody wants to know.
pub(crate) fn begin_pass(local: &Local) -> bool {
    let published = is_wanted(local);
    if published {
        let marker = 0;
        of(local).become_active(std::hint::black_box(&marker));
    }
    published
}

/// A pass is over.
pub(crate) fn end_pass(local: &Local) {
    of(local).become_inactive();
}

/// Takes back what is published if nobody wants to know any more: a loop that is not observed may not come by
/// where that is done.
pub(crate) fn heed(local: &Local) {
    if !is_wanted(local) {
        end_all(local);
    }
}

/// Whatever was published is over, also if a panic has left it behind.
pub(crate) fn end_all(local: &Local) {
    if let Some(post) = local.core.shared.post.get() {
        post.end();
        post.become_inactive();
    }
}
