//! What the task of a child shares with the transports.

use std::cell::{Cell, RefCell};
use std::process::ExitStatus;
use std::task::{Context, Waker};

use super::outgoing::Outgoing;
use crate::Child;

/// What the task of a child shares with the transports.
///
/// Transports leave requests here and wake the task; all callbacks are called by the task.
#[derive(Debug)]
pub(super) struct Shared {
    /// Without its pipes, which the task has.
    pub(super) child: Child,
    pub(super) pid: u32,
    pub(super) status: Cell<Option<ExitStatus>>,
    /// Everything is to be closed.
    pub(super) closing: Cell<bool>,
    /// Everything is over.
    pub(super) lost: Cell<bool>,
    pub(super) pipes: [Pipe; 3],
    pub(super) outgoing: Outgoing,
    waker: RefCell<Option<Waker>>,
}

/// What is to be known of a pipe.
#[derive(Debug, Default)]
pub(super) struct Pipe {
    /// There is, or was, such a pipe.
    pub(super) exists: bool,
    /// It is closed, or to be closed when all has been written.
    pub(super) closing: Cell<bool>,
    /// It is not to be read.
    pub(super) paused: Cell<bool>,
}

impl Shared {
    pub(super) fn new(child: Child, pid: u32, exist: [bool; 3]) -> Shared {
        Shared {
            child,
            pid,
            status: Cell::new(None),
            closing: Cell::new(false),
            lost: Cell::new(false),
            pipes: exist.map(|exists| Pipe { exists, ..Pipe::default() }),
            outgoing: Outgoing::new(),
            waker: RefCell::new(None),
        }
    }

    /// Remembers whom to wake.
    pub(super) fn meet(&self, cx: &Context<'_>) {
        let known = self.waker.borrow().as_ref().is_some_and(|waker| waker.will_wake(cx.waker()));
        if !known {
            let waker = cx.waker().clone();
            let former = self.waker.replace(Some(waker));
            drop(former);
        }
    }

    /// Has the task look for requests.
    pub(super) fn notify(&self) {
        let waker = self.waker.borrow().clone();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Closes everything, and kills the child if it runs.
    pub(super) fn close(&self) {
        if !self.closing.replace(true) {
            self.pipes.iter().for_each(|pipe| pipe.closing.set(true));
            // One that may not be killed ends when it likes.
            let _ = self.child.start_kill();
            self.notify();
        }
    }
}
