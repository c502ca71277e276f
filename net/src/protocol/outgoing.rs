//! What waits to be sent, and the marks that say how much is much.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::IoSlice;

/// The high-water mark that a transport begins with, in bytes.
const HIGH: usize = 64 * 1024;
/// An empty buffer keeps no more memory than this, in bytes.
const KEPT: usize = 64 * 1024;

/// What waits to be sent.
#[derive(Debug)]
pub(super) struct Outgoing {
    bytes: RefCell<VecDeque<u8>>,
    low: Cell<usize>,
    high: Cell<usize>,
}

impl Outgoing {
    pub(super) fn new() -> Outgoing {
        Outgoing { bytes: RefCell::default(), low: Cell::new(HIGH / 4), high: Cell::new(HIGH) }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.borrow().len()
    }

    pub(super) fn limits(&self) -> (usize, usize) {
        (self.low.get(), self.high.get())
    }

    pub(super) fn set_limits(&self, low: usize, high: usize) {
        self.low.set(low);
        self.high.set(high);
    }

    pub(super) fn is_high(&self) -> bool {
        self.len() > self.high.get()
    }

    pub(super) fn is_low(&self) -> bool {
        self.len() <= self.low.get()
    }

    pub(super) fn push(&self, data: &[u8]) {
        self.bytes.borrow_mut().extend(data);
    }

    /// Takes up what is left of some buffers of which `sent` bytes have been sent.
    pub(super) fn push_rest(&self, bufs: &[IoSlice<'_>], mut sent: usize) {
        for buf in bufs {
            let skipped = sent.min(buf.len());
            sent -= skipped;
            self.push(&buf[skipped..]);
        }
    }

    /// Has `send` send some; it tells how much it did.
    pub(super) fn send<E>(&self, send: impl FnOnce(&[IoSlice<'_>]) -> E) -> E {
        let bytes = self.bytes.borrow();
        let (first, second) = bytes.as_slices();
        let both = [IoSlice::new(first), IoSlice::new(second)];
        send(if second.is_empty() { &both[..1] } else { &both })
    }

    /// Forgets what has been sent.
    pub(super) fn consume(&self, count: usize) {
        let mut bytes = self.bytes.borrow_mut();
        bytes.drain(..count);
        if bytes.is_empty() && bytes.capacity() > KEPT {
            *bytes = VecDeque::new();
        }
    }

    pub(super) fn clear(&self) {
        self.bytes.take();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_several_buffers_is_what_was_not_sent() {
        let outgoing = Outgoing::new();
        let bufs = [IoSlice::new(b"ab"), IoSlice::new(b""), IoSlice::new(b"cde")];
        outgoing.push_rest(&bufs, 3);
        assert_eq!(outgoing.send(|bufs| bufs[0].to_vec()), b"de");
        outgoing.consume(2);
        assert_eq!(outgoing.len(), 0);
    }

    #[test]
    fn an_empty_buffer_gives_its_memory_back() {
        let outgoing = Outgoing::new();
        outgoing.push(&vec![0; 4 * KEPT]);
        outgoing.consume(4 * KEPT);
        assert_eq!(outgoing.bytes.borrow().capacity(), 0);
    }
}
