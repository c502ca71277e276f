//! The reactor's table of sources.
//!
//! A table of its own rather than a vector that doubles: it grows by chunks, so that a hundred
//! thousand idle connections pay for themselves and not for twice as many, and nothing moves. Each
//! slot holds the wakers of the tasks of this thread that wait for the source; no lock guards them
//! because no other thread ever sees the table.
//!
//! A token is the index of a slot below a generation that differs from that of the slot's previous
//! tenants, so that an event of a source closed earlier in the batch finds nobody.

use std::sync::Arc;
use std::task::Waker;

use super::Direction;
use super::Token;
use super::entry::Entry;

/// A token on a 64-bit system holds 32 bits of each; a smaller one keeps room for a million
/// sources.
const INDEX_BITS: u32 = if usize::BITS >= 64 { 32 } else { 20 };
const INDEX_MASK: usize = (1 << INDEX_BITS) - 1;
/// The highest tokens belong to the selector.
const MAX_SOURCES: usize = INDEX_MASK - Token::RESERVED;

const CHUNK_BITS: u32 = 6;
const CHUNK: usize = 1 << CHUNK_BITS;

/// The sources of a reactor.
#[derive(Default)]
pub(super) struct Slots {
    // Boxed, so that slots stay where they are when the list grows.
    #[allow(clippy::vec_box)]
    chunks: Vec<Box<[Slot; CHUNK]>>,
    /// Where the list of vacant slots begins; the number of slots if there is none.
    vacant: usize,
    occupied: usize,
    generation: usize,
}

enum Slot {
    Occupied(Tenant),
    /// Leads to the next vacant slot.
    Vacant(usize),
}

/// A source in the table.
pub(super) struct Tenant {
    pub(super) entry: Arc<Entry>,
    wakers: [Option<Waker>; 2],
}

impl Tenant {
    /// The waker of the task of this thread that waits for a direction.
    #[inline]
    pub(super) fn waker(&mut self, direction: Direction) -> &mut Option<Waker> {
        &mut self.wakers[direction as usize]
    }
}

impl Slots {
    pub(super) fn occupied(&self) -> usize {
        self.occupied
    }

    /// Enters a source under a token of its own; None if there are too many.
    pub(super) fn insert(&mut self, entry: impl FnOnce(Token) -> Arc<Entry>) -> Option<Arc<Entry>> {
        let index = self.vacant;
        if index >= MAX_SOURCES {
            return None;
        }
        let total = self.chunks.len() << CHUNK_BITS;
        if index == total {
            let chunk = std::array::from_fn(|index| Slot::Vacant(total + index + 1));
            self.chunks.push(Box::new(chunk));
        }
        self.generation = self.generation.wrapping_add(1);
        let entry = entry(Token((self.generation << INDEX_BITS) | index));
        let tenant = Tenant { entry: entry.clone(), wakers: Default::default() };
        let slot = &mut self.chunks[index >> CHUNK_BITS][index & (CHUNK - 1)];
        if let Slot::Vacant(next) = std::mem::replace(slot, Slot::Occupied(tenant)) {
            self.vacant = next;
        }
        self.occupied += 1;
        Some(entry)
    }

    /// Finds a source, unless it is gone.
    #[inline]
    pub(super) fn find(&mut self, token: Token) -> Option<&mut Tenant> {
        let index = token.0 & INDEX_MASK;
        match &mut self.chunks.get_mut(index >> CHUNK_BITS)?[index & (CHUNK - 1)] {
            Slot::Occupied(tenant) if tenant.entry.token() == token => Some(tenant),
            _ => None,
        }
    }

    /// Removes a source; what it leaves behind is to be dropped when the table is not borrowed.
    #[must_use]
    pub(super) fn remove(&mut self, token: Token) -> Option<Tenant> {
        self.find(token)?;
        let index = token.0 & INDEX_MASK;
        let slot = &mut self.chunks[index >> CHUNK_BITS][index & (CHUNK - 1)];
        match std::mem::replace(slot, Slot::Vacant(self.vacant)) {
            Slot::Occupied(tenant) => {
                self.vacant = index;
                self.occupied -= 1;
                Some(tenant)
            }
            Slot::Vacant(_) => unreachable!("the slot was found to be occupied"),
        }
    }

    /// Goes through all sources.
    pub(super) fn iter(&mut self) -> impl Iterator<Item = &mut Tenant> {
        self.chunks.iter_mut().flat_map(|chunk| chunk.iter_mut()).filter_map(|slot| match slot {
            Slot::Occupied(tenant) => Some(tenant),
            Slot::Vacant(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insert(slots: &mut Slots) -> Token {
        slots.insert(|token| Arc::new(Entry::detached(token))).expect("there is room").token()
    }

    #[test]
    fn a_slot_is_reused_under_another_token() {
        let mut slots = Slots::default();
        let first = insert(&mut slots);
        assert!(slots.remove(first).is_some());
        let second = insert(&mut slots);
        assert_eq!(first.0 & INDEX_MASK, second.0 & INDEX_MASK);
        assert!(slots.find(first).is_none());
        assert!(slots.remove(first).is_none());
        assert!(slots.find(second).is_some());
        assert_eq!(slots.occupied(), 1);
    }

    #[test]
    fn the_table_grows_by_chunks_and_keeps_everybody() {
        let mut slots = Slots::default();
        let tokens: Vec<_> = (0..3 * CHUNK + 1).map(|_| insert(&mut slots)).collect();
        assert_eq!(slots.chunks.len(), 4);
        assert_eq!(slots.iter().count(), tokens.len());
        for token in &tokens {
            assert!(slots.find(*token).is_some());
        }
        for token in &tokens {
            assert!(slots.remove(*token).is_some());
        }
        assert_eq!(slots.occupied(), 0);
        for _ in 0..4 * CHUNK {
            insert(&mut slots);
        }
        assert_eq!(slots.chunks.len(), 4);
    }

    #[test]
    fn foreign_tokens_find_nobody() {
        let mut slots = Slots::default();
        insert(&mut slots);
        for token in [Token(0), Token(usize::MAX), Token(INDEX_MASK)] {
            assert!(slots.find(token).is_none());
        }
    }

    #[test]
    fn an_idle_source_is_small() {
        assert!(size_of::<Slot>() <= 40, "{}", size_of::<Slot>());
        // The two counters of an Arc come on top.
        assert!(size_of::<Entry>() + 16 <= 104, "{}", size_of::<Entry>());
    }
}
