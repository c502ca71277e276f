//! What the task of a child shares with the transports.

use std::cell::{Cell, RefCell};
use std::io::{
    self,
    ErrorKind::{Interrupted, WouldBlock},
};
use std::process::ExitStatus;
use std::task::{Context, Waker};

use super::outgoing::Outgoing;
use crate::{Child, ChildStdin};

/// What the task of a child shares with the transports.
///
/// Transports leave requests here and wake the task; all callbacks are called by the task. What there is room
/// for they write themselves.
pub(super) struct Shared {
    /// Without its pipes.
    pub(super) child: Child,
    /// Taken while the task writes, and for good when the pipe is closed.
    pub(super) stdin: Cell<Option<ChildStdin>>,
    /// Why a transport could not write.
    pub(super) failure: Cell<Option<io::Error>>,
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
    pub(super) fn new(child: Child, stdin: Option<ChildStdin>, exist: [bool; 3]) -> Shared {
        let pid = child.watched().id();
        Shared {
            child,
            stdin: Cell::new(stdin),
            failure: Cell::new(None),
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

    /// Writes as much as there is room for, and leaves the rest to the task.
    pub(super) fn write(&self, data: &[u8]) {
        let written = if self.outgoing.len() == 0 { self.try_write(data) } else { Ok(0) };
        match written {
            Ok(count) if count == data.len() => return,
            Ok(count) => self.outgoing.push(&data[count..]),
            Err(error) => {
                self.pipes[0].closing.set(true);
                self.failure.set(Some(error));
            }
        }
        self.notify();
    }

    fn try_write(&self, data: &[u8]) -> io::Result<usize> {
        let Some(stdin) = self.stdin.take() else { return Ok(0) };
        let written = stdin.try_write(data);
        self.stdin.set(Some(stdin));
        match written {
            Err(error) if matches!(error.kind(), WouldBlock | Interrupted) => Ok(0),
            written => written,
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
