//! The queue from handlers to whoever tells: bounded, without locks, and nothing but atomics.
//!
//! A handler may interrupt another one at any instruction, on the same thread, so nobody here ever waits for
//! anybody. `tail` gives places out, one to each handler, by turns; who has filled its place says so by the
//! place's own word, and that is what the reader goes by:
//!
//! ```text
//!   turn of a place:   lap          empty; for who gets the position of that lap
//!                      lap + 1      filled; for the reader
//!                      lap + size   empty again: the next lap
//! ```
//!
//! A lap is a position without its lowest bits, which are those of the place. Positions wrap, and differences
//! are all that is looked at. As all zeros is an empty queue, one that nobody uses takes no memory.

use super::atomic::{AtomicU64, AtomicUsize, Ordering};

/// What the handler says of a signal: number and code, pid and uid (four bytes each), value.
pub(super) type Record = [u64; 3];

/// See the module's documentation. `SIZE` is a power of two, and more than one.
pub(super) struct Ring<const SIZE: usize> {
    /// The next position to be filled.
    pub(super) tail: AtomicUsize,
    /// The next position to be read.
    pub(super) head: AtomicUsize,
    pub(super) places: [Place; SIZE],
}

pub(super) struct Place {
    pub(super) turn: AtomicUsize,
    pub(super) words: [AtomicU64; 3],
}

impl<const SIZE: usize> Ring<SIZE> {
    const MASK: usize = SIZE - 1;

    /// Adds a record; false if there is no room. On any thread, and in handlers.
    pub(super) fn push(&self, record: &Record) -> bool {
        let mut position = self.tail.load(Ordering::Relaxed);
        loop {
            let place = &self.places[position & Self::MASK];
            let lap = position & !Self::MASK;
            // Acquire: the last reader has read it; pairs with `pop`.
            let ahead = place.turn.load(Ordering::Acquire).wrapping_sub(lap);
            if ahead == 0 {
                let next = position.wrapping_add(1);
                match self.tail.compare_exchange_weak(
                    position,
                    next,
                    Ordering::Relaxed,
                    Ordering::Relaxed,
                ) {
                    Ok(_) => {
                        for (word, value) in place.words.iter().zip(record) {
                            word.store(*value, Ordering::Relaxed);
                        }
                        // Release: pairs with `pop`.
                        place.turn.store(lap.wrapping_add(1), Ordering::Release);
                        return true;
                    }
                    Err(now) => position = now,
                }
            } else if ahead > usize::MAX / 2 {
                // Of the lap before, filled or about to be.
                return false;
            } else {
                // Somebody else has got the position meanwhile.
                position = self.tail.load(Ordering::Relaxed);
            }
        }
    }

    /// Takes the oldest record. One thread at a time.
    pub(super) fn pop(&self) -> Option<Record> {
        // Relaxed: of readers, who keep each other out.
        let position = self.head.load(Ordering::Relaxed);
        let place = &self.places[position & Self::MASK];
        let lap = position & !Self::MASK;
        // Acquire: what was filled is there; pairs with `push`.
        if place.turn.load(Ordering::Acquire) != lap.wrapping_add(1) {
            return None;
        }
        let [one, two, three] = &place.words;
        let record = [one, two, three].map(|word| word.load(Ordering::Relaxed));
        // Release: it has been read; pairs with `push`.
        place.turn.store(lap.wrapping_add(SIZE), Ordering::Release);
        self.head.store(position.wrapping_add(1), Ordering::Relaxed);
        Some(record)
    }

    /// Whether there is nothing to take. It may miss what other threads add this instant.
    pub(super) fn is_empty(&self) -> bool {
        self.head.load(Ordering::Relaxed) == self.tail.load(Ordering::Relaxed)
    }

    /// Empties it, whatever state it is in. Nobody else may use it meanwhile.
    pub(super) fn reset(&self) {
        for place in &self.places {
            place.turn.store(0, Ordering::Relaxed);
        }
        self.tail.store(0, Ordering::Relaxed);
        self.head.store(0, Ordering::Relaxed);
    }
}
