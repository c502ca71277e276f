//! Groups that are dropped inside of groups.
//!
//! A group that is dropped half-way aborts its children and waits for nobody. If it is dropped because the
//! child or body of another group is, that other group must not return before these children are gone. So
//! whoever drops a child or a body leaves word, for the time of the drop, of whose it is.

use std::cell::RefCell;
use std::rc::Rc;

thread_local! {
    static OUTER: RefCell<Option<Rc<dyn Outer>>> = const { RefCell::new(None) };
}

/// A group that waits for those that are dropped inside of it.
pub(super) trait Outer {
    /// Has it wait for one more.
    fn retain(&self);

    /// Has it wait for one less.
    fn release(&self);
}

/// The group of whose parts one is being dropped.
pub(super) fn current() -> Option<Rc<dyn Outer>> {
    OUTER.try_with(|outer| outer.borrow().clone()).ok().flatten()
}

/// Says whose part is being dropped, until it is dropped itself.
pub(super) struct Dropping {
    before: Option<Rc<dyn Outer>>,
}

impl Dropping {
    pub(super) fn part_of(outer: Rc<dyn Outer>) -> Dropping {
        Dropping { before: exchange(Some(outer)) }
    }
}

impl Drop for Dropping {
    fn drop(&mut self) {
        drop(exchange(self.before.take()));
    }
}

fn exchange(outer: Option<Rc<dyn Outer>>) -> Option<Rc<dyn Outer>> {
    // What is dropped while the thread ends has nobody who waits for it.
    OUTER.try_with(|current| current.replace(outer)).ok().flatten()
}
