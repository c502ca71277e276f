//! How many children of a group run at once.
//!
//! A child asks when it is first polled. Those that are refused leave a waker under a number, and whoever has
//! the lowest number is next. A place that becomes free is not given to anybody: the next child is woken, and
//! finds it; so a child that is aborted meanwhile takes nothing with it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::task::{Context, Waker};

use crate::executor::panics::contain_quietly;

/// The places of a group.
pub(super) struct Limit {
    /// Places that are free; `None` if there is no limit.
    free: Cell<Option<usize>>,
    next_number: Cell<u64>,
    /// Who waits, by number; without a waker if it has been called since.
    waiting: RefCell<BTreeMap<u64, Option<Waker>>>,
}

/// What a child has of the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Permit {
    /// It has not asked.
    Unasked,
    /// It waits for its turn.
    Waiting(u64),
    /// It runs.
    Held,
}

impl Limit {
    pub(super) fn new(places: Option<usize>) -> Limit {
        Limit {
            free: Cell::new(places),
            next_number: Cell::new(0),
            waiting: RefCell::new(BTreeMap::new()),
        }
    }

    /// Takes a place, or waits for one.
    pub(super) fn acquire(&self, permit: Permit, context: &Context<'_>) -> Permit {
        let Some(free) = self.free.get() else { return Permit::Held };
        let number = match permit {
            Permit::Held => return Permit::Held,
            Permit::Waiting(number) => number,
            Permit::Unasked => self.next_number.replace(self.next_number.get() + 1),
        };
        let first = self.waiting.borrow().keys().next().copied();
        if free > 0 && first.is_none_or(|first| number <= first) {
            self.free.set(Some(free - 1));
            let waker = self.waiting.borrow_mut().remove(&number);
            drop(waker);
            self.wake_next();
            return Permit::Held;
        }
        let waker = context.waker().clone();
        let replaced = self.waiting.borrow_mut().insert(number, Some(waker));
        drop(replaced);
        // For a place that became free while the waker was cloned.
        self.wake_next();
        Permit::Waiting(number)
    }

    /// Gives back what a child has.
    pub(super) fn release(&self, permit: Permit) {
        let Some(free) = self.free.get() else { return };
        match permit {
            Permit::Unasked => return,
            Permit::Waiting(number) => {
                let waker = self.waiting.borrow_mut().remove(&number);
                drop(waker);
            }
            Permit::Held => self.free.set(Some(free + 1)),
        }
        self.wake_next();
    }

    /// Wakes whoever is next, if there is a place.
    fn wake_next(&self) {
        if self.free.get().is_some_and(|free| free > 0) {
            let next = self.waiting.borrow_mut().values_mut().next().and_then(Option::take);
            if let Some(next) = next {
                contain_quietly(|| next.wake());
            }
        }
    }
}
