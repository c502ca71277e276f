//! Keeps the timers of one loop in a slab whose slots are threaded on lists.
//!
//! A timer is one 48-byte slot of a `Vec`, so that an idle server with 100,000 timeouts pays for little more
//! than its wakers. Slots are linked by index, twice, so that any timer leaves its list without a search:
//!
//! ```text
//!   lists[n], pending: head ──► slot ⇄ slot ⇄ slot ◄── tail        free ──► slot ─► slot ─► (next only)
//! ```
//!
//! A key names a slot together with the number of times it has been used. Such a number is never used twice
//! for a slot, and 64 bits do not wrap, so a key that outlives its timer is recognised for ever, whatever has
//! moved into the slot since.

use std::mem;
use std::task::Waker;

/// Marks the end of a list.
pub(super) const NONE: u32 = u32::MAX;

/// The number of the list of pending timers, which is not one of the `LISTS`.
const PENDING: u16 = u16::MAX;

/// Below this many slots the memory is not worth giving back.
const KEEP: u32 = 256;

/// Names one arming of one timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TimerKey {
    pub(super) generation: u64,
    pub(super) index: u32,
}

/// A timer, or a free slot.
#[derive(Debug)]
pub(super) struct Slot {
    /// In nanoseconds.
    pub(super) deadline: u64,
    /// Nothing in a free slot.
    waker: Option<Waker>,
    /// Counts how often the slot has been released.
    generation: u64,
    pub(super) next: u32,
    prev: u32,
    /// In a free slot, what it will be first: `PENDING`.
    list: u16,
}

/// The two ends of a list of slots.
#[derive(Debug, Clone, Copy)]
struct List {
    head: u32,
    tail: u32,
}

impl List {
    const EMPTY: Self = Self { head: NONE, tail: NONE };
}

/// The slots, the lists they are on, and the free ones.
#[derive(Debug)]
pub(super) struct Arena<const LISTS: usize> {
    slots: Vec<Slot>,
    free: u32,
    /// Timers that nobody has asked for since they were armed.
    pending: List,
    /// How many timers are armed beside those, which are too short-lived to be counted.
    settled: u32,
    /// With fewer settled timers than this, it is time to give memory back.
    shrink_below: u32,
    /// What new slots count from: no slot that was given back has come so far.
    first_generation: u64,
    lists: Box<[List; LISTS]>,
}

impl<const LISTS: usize> Arena<LISTS> {
    pub(super) fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: NONE,
            pending: List::EMPTY,
            settled: 0,
            shrink_below: 0,
            first_generation: 0,
            lists: Box::new([List::EMPTY; LISTS]),
        }
    }

    /// Says whether nothing is armed, and there is no memory to give back.
    #[inline]
    pub(super) fn is_idle(&self) -> bool {
        self.settled == 0 && self.pending.head == NONE && self.shrink_below == 0
    }

    /// Takes a free slot for a new timer, which is pending. Without one, gives the waker back.
    #[inline(always)]
    pub(super) fn insert(&mut self, deadline: u64, waker: Waker) -> Result<TimerKey, Waker> {
        let index = self.free;
        let prev = self.pending.tail;
        let Some(slot) = self.slots.get_mut(index as usize) else { return Err(waker) };
        self.free = slot.next;
        slot.deadline = deadline;
        // A free slot has no waker, which the compiler does not know: nothing is forgotten.
        mem::forget(slot.waker.replace(waker));
        slot.next = NONE;
        slot.prev = prev;
        let generation = slot.generation;
        self.pending.tail = index;
        match self.slots.get_mut(prev as usize) {
            Some(slot) => slot.next = index,
            None => self.pending.head = index,
        }
        Ok(TimerKey { generation, index })
    }

    /// Makes a slot for a new timer, which is pending.
    pub(super) fn grow(&mut self, deadline: u64, waker: Waker) -> TimerKey {
        let index = u32::try_from(self.slots.len()).ok().filter(|&index| index != NONE);
        let index = index.expect("fewer than four billion timers are armed at once");
        let generation = self.first_generation;
        let (next, prev, list) = (NONE, NONE, PENDING);
        self.slots.push(Slot { deadline, waker: Some(waker), generation, next, prev, list });
        self.push_pending(index);
        self.shrink_below = if index < KEEP { 0 } else { index / 8 };
        TimerKey { generation, index }
    }

    /// Cancels a pending timer. Gives back its waker, or nothing if it has been released, or else the index
    /// at which it is armed.
    #[inline(always)]
    pub(super) fn cancel_pending(&mut self, key: TimerKey) -> Result<Option<Waker>, u32> {
        let index = key.index;
        let slot = match self.slots.get_mut(index as usize) {
            Some(slot) if slot.generation == key.generation => slot,
            _ => return Ok(None),
        };
        if slot.list != PENDING {
            return Err(index);
        }
        let Slot { prev, next, .. } = *slot;
        slot.generation += 1;
        slot.next = self.free;
        let waker = slot.waker.take();
        self.free = index;
        match self.slots.get_mut(next as usize) {
            Some(slot) => slot.prev = prev,
            None => self.pending.tail = prev,
        }
        match self.slots.get_mut(prev as usize) {
            Some(slot) => slot.next = next,
            None => self.pending.head = next,
        }
        Ok(waker)
    }

    /// Finds the slot of a timer that is still armed.
    #[inline(always)]
    pub(super) fn find(&self, key: TimerKey) -> Option<u32> {
        match self.slots.get(key.index as usize) {
            Some(slot) if slot.generation == key.generation => Some(key.index),
            _ => None,
        }
    }

    /// Goes through the deadlines and wakers of the timers that are armed, by slots.
    pub(super) fn armed(&self) -> impl Iterator<Item = (TimerKey, u64, &Waker)> {
        (0..).zip(&self.slots).filter_map(|(index, slot)| {
            let key = TimerKey { generation: slot.generation, index };
            Some((key, slot.deadline, slot.waker.as_ref()?))
        })
    }

    /// Goes through the pending timers, the latest first.
    pub(super) fn pending(&self) -> impl Iterator<Item = (TimerKey, &Waker)> {
        let key = |index| Some(TimerKey { generation: self.get(index)?.generation, index });
        std::iter::successors(key(self.pending.tail), move |last| key(self.slot(last.index).prev))
            .filter_map(|key| Some((key, self.slot(key.index).waker.as_ref()?)))
    }

    /// Reaches the waker of a slot.
    pub(super) fn waker(&mut self, index: u32) -> &mut Option<Waker> {
        &mut self.slots[index as usize].waker
    }

    #[inline]
    pub(super) fn slot(&self, index: u32) -> &Slot {
        &self.slots[index as usize]
    }

    /// Returns the slot at `index`, or nothing for `NONE`.
    #[inline]
    pub(super) fn get(&self, index: u32) -> Option<&Slot> {
        self.slots.get(index as usize)
    }

    pub(super) fn set_deadline(&mut self, index: u32, deadline: u64) {
        self.slots[index as usize].deadline = deadline;
    }

    /// Returns the first slot of a list, or `NONE`.
    #[inline]
    pub(super) fn first(&self, list: u16) -> u32 {
        self.lists[usize::from(list)].head
    }

    /// Empties a list in one step; its slots are in the caller's care until each is pushed elsewhere or
    /// released.
    pub(super) fn take_list(&mut self, list: u16) -> u32 {
        std::mem::replace(&mut self.lists[usize::from(list)], List::EMPTY).head
    }

    /// Empties the list of pending timers as `take_list` does; each has to be counted.
    pub(super) fn take_pending(&mut self) -> u32 {
        mem::replace(&mut self.pending, List::EMPTY).head
    }

    /// Counts a timer that was pending as settled.
    #[inline]
    pub(super) fn count_in(&mut self) {
        self.settled += 1;
    }

    /// Counts a timer out that is going to be pending again.
    #[inline]
    pub(super) fn count_out(&mut self) {
        self.settled -= 1;
    }

    /// Takes a slot out of its list. Returns the list's number and whether it is empty now, unless it was
    /// pending.
    pub(super) fn unlink(&mut self, index: u32) -> Option<(u16, bool)> {
        let Slot { prev, next, list, .. } = self.slots[index as usize];
        let ends = match list {
            PENDING => &mut self.pending,
            list => &mut self.lists[usize::from(list)],
        };
        match self.slots.get_mut(prev as usize) {
            Some(slot) => slot.next = next,
            None => ends.head = next,
        }
        match self.slots.get_mut(next as usize) {
            Some(slot) => slot.prev = prev,
            None => ends.tail = prev,
        }
        (list != PENDING).then_some((list, prev == next))
    }

    /// Puts an unlinked slot at the end of a list.
    pub(super) fn push(&mut self, index: u32, list: u16) {
        Self::link(&mut self.slots, &mut self.lists[usize::from(list)], index, list);
    }

    /// Puts an unlinked slot at the end of the pending ones.
    pub(super) fn push_pending(&mut self, index: u32) {
        Self::link(&mut self.slots, &mut self.pending, index, PENDING);
    }

    #[inline]
    fn link(slots: &mut [Slot], ends: &mut List, index: u32, list: u16) {
        let prev = mem::replace(&mut ends.tail, index);
        match slots.get_mut(prev as usize) {
            Some(slot) => slot.next = index,
            None => ends.head = index,
        }
        let slot = &mut slots[index as usize];
        slot.next = NONE;
        slot.prev = prev;
        slot.list = list;
    }

    /// Frees an unlinked slot and hands out its waker, which the caller drops or wakes when no borrow is
    /// held.
    pub(super) fn release(&mut self, index: u32) -> Option<Waker> {
        let slot = &mut self.slots[index as usize];
        slot.generation += 1;
        slot.next = self.free;
        slot.list = PENDING;
        self.free = index;
        self.settled -= 1;
        slot.waker.take()
    }

    /// Gives memory back when most slots are free; no timer may be pending.
    #[inline]
    pub(super) fn tidy(&mut self) {
        if self.settled < self.shrink_below {
            self.shrink();
        }
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.slots.capacity()
    }

    /// Drops the free slots behind the last armed one. The pass over all slots is paid for by the releases
    /// that led here: seven eighths of the slots, or half of those that were armed the last time.
    #[cold]
    #[inline(never)]
    fn shrink(&mut self) {
        let last = self.slots.iter().rposition(|slot| slot.waker.is_some());
        let used = last.map_or(0, |last| last + 1);
        let dropped = self.slots.drain(used..).map(|slot| slot.generation);
        self.first_generation = dropped.fold(self.first_generation, u64::max);
        self.slots.shrink_to(used.max(KEEP as usize) + used / 4);
        self.free = NONE;
        let used = used as u32;
        for (index, slot) in (0..used).zip(&mut self.slots).rev() {
            if slot.waker.is_none() {
                slot.next = mem::replace(&mut self.free, index);
            }
        }
        self.shrink_below = if used < KEEP { 0 } else { (used / 8).min(self.settled / 2).max(1) };
    }
}
