//! The children of this process that are not reaped yet, by their pids.

use std::collections::HashMap;
use std::sync::LazyLock;

use parking_lot::Mutex;

use super::panics::Panics;
use super::watched::{Watched, WeakWatched};

static CHILDREN: LazyLock<Mutex<HashMap<u32, WeakWatched>>> = LazyLock::new(Mutex::default);

/// Enters a child that has just been spawned.
///
/// A pid is free again once its child is reaped. So an earlier child of the same pid has been reaped by
/// foreign code, and whoever waits for it is told; it must neither be signalled nor given the status of the
/// new one.
pub(super) fn enter(child: &Watched) {
    let earlier = CHILDREN.lock().insert(child.id(), child.downgrade());
    if let Some(earlier) = earlier.and_then(|earlier| earlier.upgrade()) {
        // Its waker may panic, which the hook has told of by then, and is no concern of the new child.
        Panics::default().contain(|| earlier.lose());
    }
}

/// Enters a child again that nobody had any more, in the place of what was dropped.
///
/// Only if that is there still: somebody else may have reaped the child, and another one have its pid.
pub(super) fn enter_again(dropped: *const (), child: &Watched) {
    let mut children = CHILDREN.lock();
    if let Some(entered) = children.get_mut(&child.id()).filter(|entered| entered.was(dropped)) {
        *entered = child.downgrade();
    }
}

/// Removes a child that has been reaped.
pub(super) fn remove(child: &Watched) {
    let mut children = CHILDREN.lock();
    if children.get(&child.id()).is_some_and(|entered| entered.is(child)) {
        children.remove(&child.id());
    }
}

/// Whether there is an entry of that pid.
#[cfg(all(test, unix))]
pub(super) fn has(id: u32) -> bool {
    CHILDREN.lock().contains_key(&id)
}

/// The child that has a pid, if it is one that was spawned here.
#[cfg_attr(not(unix), allow(dead_code))]
pub(super) fn find(id: u32) -> Option<Watched> {
    CHILDREN.lock().get(&id)?.upgrade()
}
