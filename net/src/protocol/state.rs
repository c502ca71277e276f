//! What is out of the ordinary with a connection, as bits of one word.

use std::cell::Cell;

/// The transport has paused reading.
pub(super) const PAUSED: u16 = 1;
/// The peer has ended its side.
pub(super) const ENDED: u16 = 1 << 1;
/// The transport is closing: nothing is read any more.
pub(super) const CLOSING: u16 = 1 << 2;
/// Something waits to be sent.
pub(super) const PENDING: u16 = 1 << 3;
/// No more will be written: the writing side is to end when all is sent.
pub(super) const FINISHING: u16 = 1 << 4;
/// The writing side has ended.
pub(super) const FINISHED: u16 = 1 << 5;
/// The connection is to be ended without sending anything more.
pub(super) const FAILED: u16 = 1 << 6;
/// `connection_lost` has been called, or is being called.
pub(super) const LOST: u16 = 1 << 7;
/// The protocol has been told to pause writing.
pub(super) const CHOKED: u16 = 1 << 8;
/// The protocol was busy when it was to be told of the flow, or replaced.
pub(super) const NEWS: u16 = 1 << 9;
/// The task of the connection is being polled.
pub(super) const DRIVEN: u16 = 1 << 10;

/// The bits of a connection.
#[derive(Debug, Default)]
pub(super) struct State(Cell<u16>);

impl State {
    #[inline(always)]
    pub(super) fn has(&self, any_of: u16) -> bool {
        self.0.get() & any_of != 0
    }

    #[inline(always)]
    pub(super) fn set(&self, bits: u16) {
        self.0.set(self.0.get() | bits);
    }

    #[inline(always)]
    pub(super) fn clear(&self, bits: u16) {
        self.0.set(self.0.get() & !bits);
    }

    /// All of them, to be compared.
    #[inline(always)]
    pub(super) fn bits(&self) -> u16 {
        self.0.get()
    }

    /// Whether there is anything but to read.
    #[inline(always)]
    pub(super) fn is_plain(&self) -> bool {
        self.0.get() & !DRIVEN == 0
    }
}
