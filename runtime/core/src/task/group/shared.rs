//! What the body, the children and the handles of a group share.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::mem;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use slab::Slab;

use crate::executor::Reason;
use crate::executor::panics::contain_quietly;
use crate::inspect::Members;
use crate::task::group::error::{Cancelled, Canceller, ChildError};
use crate::task::group::limit::Limit;
use crate::task::group::outer::Outer;
use crate::task::{AbortHandle, Id};

/// Why the siblings of a child that failed are cancelled.
const FAILED: &str = "another part of its task group failed";

/// Why a group that takes too long is cancelled, and with it its children.
const TIME_IS_UP: &str = "its time limit has passed";

/// No code of the user's runs while any of it is borrowed.
pub(super) struct Shared<E> {
    /// The children that have not ended. One that is being spawned has no handle yet.
    children: RefCell<Slab<Option<AbortHandle>>>,
    /// Groups that were dropped inside of this one and have children that have not ended.
    inner: Cell<usize>,
    errors: RefCell<Vec<ChildError<E>>>,
    /// Why it was cancelled, if it was.
    end: RefCell<Option<Cancelled>>,
    stage: Cell<Stage>,
    /// Whether the last child's end is waited for.
    waits_for_last: Cell<bool>,
    /// The waker of whoever runs the group.
    waker: Cell<Option<Waker>>,
    /// The group that waits for this one's children, if this one was dropped inside of it.
    outer: Cell<Option<Rc<dyn Outer>>>,
    pub(super) limit: Limit,
}

/// How far a group has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Takes children.
    Open,
    /// Something has failed, or the group has been cancelled.
    Ending,
    /// Nobody runs the group any more.
    Closed,
}

impl<E> Shared<E> {
    pub(super) fn new(limit: Limit) -> Shared<E> {
        Shared {
            children: RefCell::new(Slab::new()),
            inner: Cell::new(0),
            errors: RefCell::new(Vec::new()),
            end: RefCell::new(None),
            stage: Cell::new(Stage::Open),
            waits_for_last: Cell::new(false),
            waker: Cell::new(None),
            outer: Cell::new(None),
            limit,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.stage.get() == Stage::Open
    }

    pub(super) fn len(&self) -> usize {
        self.children.borrow().len()
    }

    /// Whether all that was started in the group has ended.
    fn is_empty(&self) -> bool {
        self.children.borrow().is_empty() && self.inner.get() == 0
    }

    /// Makes room for a child that is about to be spawned.
    pub(super) fn enter(&self) -> usize {
        self.children.borrow_mut().insert(None)
    }

    /// Keeps the handle of a child that has been spawned.
    pub(super) fn started(&self, key: usize, child: AbortHandle) {
        if let Some(slot @ None) = self.children.borrow_mut().get_mut(key) {
            *slot = Some(child.clone());
        }
        // Else it has ended already: its loop is closing, or a task factory has dropped it.
        if !self.is_open() {
            child.abort();
        }
    }

    /// Forgets a child that has ended.
    pub(super) fn leave(&self, key: usize) {
        let child = self.children.borrow_mut().remove(key);
        drop(child);
        self.left();
    }

    fn left(&self) {
        if (self.waits_for_last.get() || self.stage.get() == Stage::Closed) && self.is_empty() {
            self.wake();
            if let Some(outer) = self.outer.take() {
                outer.release();
            }
        }
    }

    /// Takes an error, which ends the group.
    pub(super) fn fail(&self, error: ChildError<E>) {
        if self.stage.get() == Stage::Closed {
            return;
        }
        self.errors.borrow_mut().push(error);
        self.end();
    }

    /// Cancels the group, unless it is ending.
    pub(super) fn cancel(&self, reason: Reason) {
        if self.is_open() {
            self.end_for(Cancelled { reason, by: Canceller::Handle });
        }
    }

    /// Cancels the group because it takes too long, unless it is ending.
    pub(super) fn time_out(&self) {
        if self.is_open() {
            let reason = Cow::Borrowed(TIME_IS_UP);
            self.end_for(Cancelled { reason, by: Canceller::Limit });
        }
    }

    /// Cancels the group because its task is asked to end. If the group is ending already, that is noted:
    /// nobody else hears of it.
    pub(super) fn cancel_with_task(&self, reason: Reason) {
        let failed = !self.is_open() && self.end.borrow().is_none();
        let by = if failed { Canceller::TaskThen } else { Canceller::Task };
        self.end_for(Cancelled { reason, by });
    }

    fn end_for(&self, why: Cancelled) {
        let before = self.end.replace(Some(why));
        drop(before);
        self.end();
    }

    /// Cancels everything.
    pub(super) fn end(&self) {
        if self.is_open() {
            self.stage.set(Stage::Ending);
            let reason = self.end.borrow().as_ref().map(|end| end.reason.clone());
            let reason = reason.unwrap_or(Cow::Borrowed(FAILED));
            for child in self.children() {
                child.cancel_first(|| reason.clone());
            }
            self.wake();
        }
    }

    /// Has a child dropped at its next turn.
    pub(super) fn abort(&self, key: usize) {
        let child = self.children.borrow().get(key).cloned().flatten();
        // If there is none yet, it is aborted when it comes: the group is not open.
        if let Some(child) = child {
            child.abort();
        }
    }

    /// Drops those who take too long to end, once they know that they are to end.
    pub(super) fn abort_children(&self) {
        for child in self.children() {
            child.abort_when_asked();
        }
    }

    /// The children that have not ended, none of them borrowed.
    fn children(&self) -> Vec<AbortHandle> {
        let children = self.children.borrow();
        children.iter().filter_map(|(_, child)| child.clone()).collect()
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            contain_quietly(|| waker.wake());
        }
    }

    fn leave_waker(&self, waker: &Waker) {
        let present = self.waker.take();
        match present {
            Some(present) if present.will_wake(waker) => self.waker.set(Some(present)),
            _ => drop(self.waker.replace(Some(waker.clone()))),
        }
    }

    pub(super) fn is_ending(&self) -> bool {
        self.stage.get() == Stage::Ending
    }

    /// Has an end of the group wake whoever runs it.
    pub(super) fn wait_for_end(&self, context: &Context<'_>) {
        self.leave_waker(context.waker());
    }

    /// Polls for the end of the last child.
    pub(super) fn poll_empty(&self, context: &Context<'_>) -> Poll<()> {
        self.waits_for_last.set(true);
        if !self.is_empty() {
            self.leave_waker(context.waker());
        }
        if self.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Takes no more children, and aborts those that are left, for whom `outer` is to wait.
    pub(super) fn close(&self, outer: impl FnOnce() -> Option<Rc<dyn Outer>>) {
        self.stage.set(Stage::Closed);
        drop(self.waker.take());
        if !self.is_empty() {
            if let Some(outer) = outer() {
                outer.retain();
                self.outer.set(Some(outer));
            }
            for child in self.children() {
                child.abort();
            }
        }
    }

    pub(super) fn take_errors(&self) -> Vec<ChildError<E>> {
        mem::take(&mut self.errors.borrow_mut())
    }

    pub(super) fn take_end(&self) -> Option<Cancelled> {
        self.end.take()
    }
}

impl<E> Outer for Shared<E> {
    fn retain(&self) {
        self.inner.set(self.inner.get() + 1);
    }

    fn release(&self) {
        self.inner.set(self.inner.get() - 1);
        self.left();
    }
}

impl<E> Members for Shared<E> {
    fn for_each(&self, f: &mut dyn FnMut(Id)) {
        let children = self.children.borrow();
        children.iter().filter_map(|(_, child)| child.as_ref()).for_each(|child| f(child.id()));
    }

    fn show_waiter(&self, f: &mut dyn FnMut(&Waker)) {
        let waker = self.waker.take();
        waker.iter().for_each(f);
        self.waker.set(waker);
    }
}

impl<E> fmt::Debug for Shared<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("stage", &self.stage.get()).finish_non_exhaustive()
    }
}
