//! Which callbacks a loop has for which descriptors.
//!
//! A descriptor is registered once, for the directions that have a callback. Each change of these
//! re-registers it, which also tells whether the number still means the same descriptor, and has the
//! selector report what is ready now.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::os::fd::RawFd;
use std::rc::Rc;
use std::sync::Arc;

use crate::current::{with_current, with_current_held};
use crate::executor::panics::contain_quietly;
use crate::local::Local;
use crate::reactor::entry::Entry;
use crate::reactor::{Direction, Interest, errors, try_loop_local};

use super::number::Number;
use super::watcher::{Callback, Watcher};

/// Sets the callback for a direction of a descriptor in the current loop.
pub(super) fn add(number: RawFd, direction: Direction, callback: Callback) -> io::Result<()> {
    let replaced = with_current_held(|local| {
        try_loop_local(|table: &Table| table.add(local, number, direction, callback))
            .unwrap_or_else(|| Err(errors::closed()))
    });
    let replaced = replaced.unwrap_or_else(|| Err(errors::no_loop()))?;
    replaced.into_iter().flatten().for_each(|watcher| watcher.end());
    Ok(())
}

/// Removes the callback for a direction of a descriptor of the current loop; returns whether there was one.
pub(super) fn remove(number: RawFd, direction: Direction) -> bool {
    let removed = with_current_held(|local| {
        try_loop_local(|table: &Table| table.remove(local, number, direction)).flatten()
    });
    let removed = removed.flatten();
    removed.inspect(|watcher| watcher.end()).is_some()
}

/// Finds the callback for a direction of a descriptor of the current loop.
pub(super) fn find(number: RawFd, direction: Direction) -> Option<Rc<Watcher>> {
    try_loop_local(|table: &Table| table.find(number, direction)).flatten()
}

/// Has the loop call a watcher when its descriptor is ready, or at once if it is now.
pub(super) fn wait(local: &Local, watcher: &Watcher) {
    let forgotten = try_loop_local(|table: &Table| table.wait(local, watcher));
    if let Some(forgotten) = forgotten {
        forgotten.into_iter().flatten().for_each(|watcher| contain_quietly(|| watcher.end()));
    }
}

/// The callbacks of a descriptor, by direction.
type Watchers = [Option<Rc<Watcher>>; 2];

/// The descriptors that a loop watches for callbacks, by number.
#[derive(Default)]
struct Table(RefCell<HashMap<RawFd, Watched>>);

/// A descriptor that has a callback.
struct Watched {
    entry: Arc<Entry>,
    watchers: Watchers,
}

impl Watched {
    /// What to register the descriptor for.
    fn interest(&self) -> Option<Interest> {
        match &self.watchers {
            [Some(_), Some(_)] => Some(Interest::READABLE | Interest::WRITABLE),
            [Some(_), None] => Some(Interest::READABLE),
            [None, Some(_)] => Some(Interest::WRITABLE),
            [None, None] => None,
        }
    }
}

// What is returned is the user's, and dropped when nothing is borrowed.
impl Table {
    /// Sets a callback; returns those that it replaces.
    fn add(
        &self,
        local: &Local,
        number: RawFd,
        direction: Direction,
        callback: Callback,
    ) -> io::Result<Watchers> {
        let mut source = Number(number);
        let interest = direction.interest();
        let mut replaced = Watchers::default();
        let known = {
            let table = self.0.borrow();
            table.get(&number).map(|watched| (watched.entry.clone(), watched.interest()))
        };
        let entry = match known {
            None => local.reactor.watch(&mut source, interest)?,
            Some((entry, others)) => {
                let interest = others.map_or(interest, |others| others | interest);
                if local.reactor.rewatch(&mut source, &entry, interest)? {
                    entry
                } else {
                    // The number has come to mean another descriptor; what was to be told of the old one is
                    // obsolete.
                    replaced = self.forget(local, number);
                    local.reactor.watch(&mut source, direction.interest())?
                }
            }
        };
        let watcher = Rc::new(Watcher::new(local, number, direction, entry.clone(), callback));
        watcher.enlist(local);
        let mut table = self.0.borrow_mut();
        let watched =
            table.entry(number).or_insert_with(|| Watched { entry, watchers: Watchers::default() });
        if let Some(watcher) = watched.watchers[direction as usize].replace(watcher) {
            replaced[direction as usize] = Some(watcher);
        }
        Ok(replaced)
    }

    /// Removes a callback.
    fn remove(&self, local: &Local, number: RawFd, direction: Direction) -> Option<Rc<Watcher>> {
        let (removed, entry, interest) = {
            let mut table = self.0.borrow_mut();
            let watched = table.get_mut(&number)?;
            let removed = watched.watchers[direction as usize].take()?;
            (removed, watched.entry.clone(), watched.interest())
        };
        match interest {
            // If it fails the other callback's next call will show that.
            Some(interest) => drop(local.reactor.rewatch(&mut Number(number), &entry, interest)),
            None => drop(self.forget(local, number)),
        }
        Some(removed)
    }

    fn find(&self, number: RawFd, direction: Direction) -> Option<Rc<Watcher>> {
        self.0.borrow().get(&number)?.watchers[direction as usize].clone()
    }

    /// Has the loop call a watcher; returns what is to be forgotten instead, if its descriptor has been
    /// closed.
    fn wait(&self, local: &Local, watcher: &Watcher) -> Watchers {
        let known = {
            let table = self.0.borrow();
            table.get(&watcher.number).map(|watched| (watched.entry.clone(), watched.interest()))
        };
        let Some((entry, Some(interest))) = known else { return Watchers::default() };
        match local.reactor.rewatch(&mut Number(watcher.number), &entry, interest) {
            Ok(true) => {
                watcher.enlist(local);
                Watchers::default()
            }
            Ok(false) | Err(_) => self.forget(local, watcher.number),
        }
    }

    /// Ends a registration, and with it all callbacks.
    fn forget(&self, local: &Local, number: RawFd) -> Watchers {
        let watched = self.0.borrow_mut().remove(&number);
        match watched {
            Some(watched) => {
                local.reactor.unwatch(&mut Number(number), &watched.entry);
                watched.watchers
            }
            None => Watchers::default(),
        }
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        for (number, watched) in self.0.take() {
            // It is dropped by the loop that closes, which is current.
            with_current(|local| {
                if local.reactor.owns(&watched.entry) {
                    local.reactor.unwatch(&mut Number(number), &watched.entry);
                }
            });
            for watcher in watched.watchers.into_iter().flatten() {
                contain_quietly(|| watcher.end());
            }
        }
    }
}
