//! What waits to be written to a child, and the marks that say how much is much.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::task::Poll;

/// The high-water mark to begin with, in bytes.
const HIGH: usize = 64 * 1024;

/// What waits to be written.
#[derive(Debug)]
pub(super) struct Outgoing {
    bytes: RefCell<VecDeque<u8>>,
    pub(super) low: Cell<usize>,
    pub(super) high: Cell<usize>,
    /// The protocol has been told to pause.
    paused: Cell<bool>,
}

/// What the protocol is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    AsBefore,
    Pause,
    Resume,
}

impl Outgoing {
    pub(super) fn new() -> Outgoing {
        Outgoing {
            bytes: RefCell::default(),
            low: Cell::new(HIGH / 4),
            high: Cell::new(HIGH),
            paused: Cell::new(false),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.borrow().len()
    }

    pub(super) fn push(&self, data: &[u8]) {
        self.bytes.borrow_mut().extend(data);
    }

    pub(super) fn clear(&self) {
        self.bytes.take();
    }

    /// Has `write` write some, which tells how much it did, and forgets that.
    pub(super) fn write(
        &self,
        write: impl FnOnce(&[u8]) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<()>> {
        let mut bytes = self.bytes.take();
        let outcome = write(bytes.as_slices().0);
        if let Poll::Ready(Ok(count)) = outcome {
            bytes.drain(..count);
        }
        if !bytes.is_empty() {
            self.bytes.replace(bytes);
        }
        outcome.map_ok(drop)
    }

    pub(super) fn is_paused(&self) -> bool {
        self.paused.get() || self.len() > self.high.get()
    }

    /// What the protocol is to be told, which it is then.
    pub(super) fn flow(&self) -> Flow {
        if !self.paused.get() && self.len() > self.high.get() {
            self.paused.set(true);
            Flow::Pause
        } else if self.paused.get() && self.len() <= self.low.get() {
            self.paused.set(false);
            Flow::Resume
        } else {
            Flow::AsBefore
        }
    }
}
