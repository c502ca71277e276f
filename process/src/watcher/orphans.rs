//! Children that no loop takes care of any more.
//!
//! They come from loops that have closed, and from watchers that have let go of them. One thread of the
//! process looks after them, and exists as long as there are any. Where children have descriptors that tell
//! of their ends, it sleeps until one of them does; where one has none it looks at them now and then. Should
//! the system have no thread to give, they are looked at whenever another child is spawned.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;

use super::Watched;
use super::bell::Bell;

/// How long the thread sleeps after it has come by a child, or lost one.
const SHORTEST: Duration = Duration::from_millis(1);
/// How long it sleeps between two looks at children that live on and on.
const LONGEST: Duration = Duration::from_millis(500);

/// What the stack of the thread takes, in bytes: it calls wakers, which may be of any make.
const STACK: usize = 256 * 1024;

static ORPHANS: Mutex<Orphans> = Mutex::new(Orphans { children: Vec::new(), has_thread: false });
static ADOPTED: Bell = Bell::new();

struct Orphans {
    /// Those that the thread has not taken yet.
    children: Vec<Watched>,
    has_thread: bool,
}

/// Takes care of a child from now on.
pub(super) fn adopt(child: Watched) {
    if !is_over(&child) {
        put(vec![child]);
    }
}

/// Reaps those that have ended, in case that there is no thread which does.
pub(super) fn look() {
    let (mut children, has_thread) = {
        let mut orphans = ORPHANS.lock();
        match (orphans.has_thread, orphans.children.is_empty()) {
            (false, false) => (mem::take(&mut orphans.children), false),
            _ => (Vec::new(), true),
        }
    };
    if !has_thread {
        children.retain(|child| !is_over(child));
        put(children);
    }
}

fn put(children: Vec<Watched>) {
    if children.is_empty() {
        return;
    }
    let starts = {
        let mut orphans = ORPHANS.lock();
        orphans.children.extend(children);
        !mem::replace(&mut orphans.has_thread, true)
    };
    ADOPTED.ring();
    let builder = || thread::Builder::new().name("child-reaper".to_owned()).stack_size(STACK);
    if starts && builder().spawn(take_care).is_err() {
        ORPHANS.lock().has_thread = false;
    }
}

/// The thread.
fn take_care() {
    let mut pause = SHORTEST;
    let mut children: Vec<Watched> = Vec::new();
    let mut one_has_ended = false;
    loop {
        // Nothing is locked meanwhile: a child that is reaped has somebody woken.
        let before = children.len();
        children.retain(|child| !is_over(child));
        let lost_none = children.len() == before;
        pause = if lost_none { LONGEST.min(pause * 2) } else { SHORTEST };
        let adopted = {
            let mut orphans = ORPHANS.lock();
            if orphans.children.is_empty() && children.is_empty() {
                orphans.has_thread = false;
                return;
            }
            mem::take(&mut orphans.children)
        };
        if adopted.is_empty() {
            one_has_ended = ADOPTED.wait(&children, pause, one_has_ended && lost_none);
        } else {
            pause = SHORTEST;
            children.extend(adopted);
        }
    }
}

fn is_over(child: &Watched) -> bool {
    // A waker that panics does so after the child has been reaped.
    catch_unwind(AssertUnwindSafe(|| child.try_reap())).unwrap_or(true)
}
