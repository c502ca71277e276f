//! What the program says of itself: which tasks await, and which hold, things that the loop does not know.
//!
//! A note is shared by whoever made it and the loop, which forgets it when nobody else has it. So a note may
//! be dropped anywhere, on other threads too, and that costs nothing there.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::current::{LoopId, with_current};
use crate::executor::TaskRef;
use crate::task::Id;

/// Fewer notes than this are not worth sorting out.
const FEW: usize = 32;

/// A note of one loop.
#[derive(Debug)]
pub(crate) struct Note {
    home: LoopId,
    name: Cow<'static, str>,
    role: Role,
    /// Whom it is about; nobody if that is over.
    task: Mutex<Option<Id>>,
}

/// What somebody does with what is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Awaits,
    Holds,
}

/// The notes that a loop has been given.
#[derive(Debug, Default)]
pub(super) struct Named(RefCell<Vec<Arc<Note>>>);

impl Named {
    /// Goes through the notes that hold.
    pub(super) fn for_each(&self, mut f: impl FnMut(&str, Role, Id)) {
        for note in &*self.0.borrow() {
            let task = *note.task.lock();
            if let Some(task) = task.filter(|_| note.is_of_use()) {
                f(&note.name, note.role, task);
            }
        }
    }

    fn add(&self, note: Arc<Note>) {
        let mut notes = self.0.borrow_mut();
        if notes.len() >= FEW && notes.len() == notes.capacity() {
            // Before it grows.
            notes.retain(|note| note.is_of_use());
        }
        notes.push(note);
    }
}

impl Note {
    fn is_of_use(self: &Arc<Note>) -> bool {
        Arc::strong_count(self) > 1
    }

    /// Has the note say that it is the task, or the main future, that is being polled. `None` if nothing is;
    /// `Some(false)` if the note belongs to another loop.
    pub(crate) fn renew(&self) -> Option<bool> {
        with_current(|local| {
            let task = local.executor.running().filter(TaskRef::has_future)?;
            let here = local.id == self.home;
            if here {
                *self.task.lock() = Some(task.cold().id);
            }
            Some(here)
        })
        .flatten()
    }

    /// Notes that whatever it said is over.
    pub(crate) fn end(&self) {
        *self.task.lock() = None;
    }
}

/// Notes what the task, or the main future, that is being polled does with what is named. `None` if nothing
/// is being polled by a loop.
pub(crate) fn note(name: Cow<'static, str>, role: Role) -> Option<Arc<Note>> {
    with_current(|local| {
        let task = local.executor.running().filter(TaskRef::has_future)?;
        let task = Mutex::new(Some(task.cold().id));
        let note = Arc::new(Note { home: local.id, name, role, task });
        local.inspection.named.add(note.clone());
        Some(note)
    })
    .flatten()
}
