//! Groups of tasks: they are no tasks, and their members are awaited by nobody's waker.

use std::cell::RefCell;
use std::fmt;
use std::rc::{Rc, Weak};
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Waker;

use crate::current::with_current;
use crate::task::Id;

/// Fewer groups than this are not worth sorting out.
const FEW: usize = 32;

/// A group of tasks, as those who look into the loop see it.
pub(crate) trait Members {
    /// Shows the ids of the members, some of which may have finished.
    fn for_each(&self, f: &mut dyn FnMut(Id));

    /// Shows the waker of whoever awaits the group. What is called does not touch it, nor comes back here.
    fn show_waiter(&self, f: &mut dyn FnMut(&Waker));
}

/// The groups of one loop.
#[derive(Default)]
pub(super) struct Groups(RefCell<Vec<(u64, Weak<dyn Members>)>>);

impl Groups {
    /// The groups that are still there, with their numbers.
    pub(super) fn all(&self) -> Vec<(u64, Rc<dyn Members>)> {
        let groups = self.0.borrow();
        groups.iter().filter_map(|(number, group)| Some((*number, group.upgrade()?))).collect()
    }

    fn add(&self, group: Weak<dyn Members>) {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let mut groups = self.0.borrow_mut();
        if groups.len() >= FEW && groups.len() == groups.capacity() {
            // Before it grows.
            groups.retain(|(_, group)| group.strong_count() > 0);
        }
        groups.push((NEXT.fetch_add(1, Ordering::Relaxed), group));
    }
}

impl fmt::Debug for Groups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Groups").field("known", &self.0.borrow().len()).finish_non_exhaustive()
    }
}

/// Shows a group to those who look into the current loop, as long as it lives.
pub(crate) fn show_group(group: &Rc<impl Members + 'static>) {
    let group: Rc<dyn Members> = group.clone();
    with_current(|local| local.inspection.groups.add(Rc::downgrade(&group)));
}
