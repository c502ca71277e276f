//! Keeps the timers of one loop in a slab whose slots are threaded on lists.
//!
//! A timer is one 48-byte slot of a `Vec`, so that an idle server with 100,000 timeouts pays for little more than its
//! wakers. Slots are linked by index, twice, so that any timer leaves its list without a search:
//!
//! ```text
//!   lists[n]: head ──► slot ⇄ slot ⇄ slot ◄── tail        free ──► slot ─► slot ─► (next only)
//! ```
//!
//! A key names a slot together with the serial number of its arming. Serial numbers are 64 bits wide and never used twice, so a key
//! that outlives its timer is recognised for ever, whatever has moved into the slot since.

use std::num::NonZeroU64;
use std::task::Waker;

/// Marks the end of a list.
pub(super) const NONE: u32 = u32::MAX;

/// Below this many slots the memory is not worth giving back.
const KEEP: u32 = 256;

/// Names one arming of one timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimerKey {
    serial: NonZeroU64,
    index: u32,
}

/// A timer, or a free slot if its serial number is zero.
#[derive(Debug)]
pub(super) struct Slot {
    /// Nanoseconds since the start of the wheel.
    pub(super) deadline: u64,
    waker: Option<Waker>,
    serial: u64,
    pub(super) next: u32,
    prev: u32,
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
    lists: Box<[List; LISTS]>,
    free: u32,
    armed: u32,
    serial: u64,
    /// With fewer armed timers than this, it is time to give memory back.
    shrink_below: u32,
}

impl<const LISTS: usize> Arena<LISTS> {
    pub(super) fn new() -> Self {
        Self {
            slots: Vec::new(),
            lists: Box::new([List::EMPTY; LISTS]),
            free: NONE,
            armed: 0,
            serial: 0,
            shrink_below: 0,
        }
    }

    /// Says how many timers are armed.
    #[inline]
    pub(super) fn armed(&self) -> u32 {
        self.armed
    }

    /// Takes a slot for a new timer and puts it at the end of `list`.
    #[inline]
    pub(super) fn insert(&mut self, deadline: u64, waker: Waker, list: u16) -> TimerKey {
        self.serial += 1;
        self.armed += 1;
        let serial = self.serial;
        let index = self.free;
        let prev = self.lists[usize::from(list)].tail;
        let index = if let Some(slot) = self.slots.get_mut(index as usize) {
            self.free = slot.next;
            slot.deadline = deadline;
            slot.waker = Some(waker);
            slot.serial = serial;
            slot.next = NONE;
            slot.prev = prev;
            slot.list = list;
            index
        } else {
            self.grow(Slot { deadline, waker: Some(waker), serial, next: NONE, prev, list })
        };
        self.link_tail(prev, index, list);
        TimerKey { serial: NonZeroU64::new(serial).expect("serials start at one"), index }
    }

    /// Finds the slot of a timer that is still armed.
    #[inline]
    pub(super) fn find(&self, key: TimerKey) -> Option<u32> {
        match self.slots.get(key.index as usize) {
            Some(slot) if slot.serial == key.serial.get() => Some(key.index),
            _ => None,
        }
    }

    /// Reaches the waker of a slot.
    pub(super) fn waker(&mut self, index: u32) -> &mut Option<Waker> {
        &mut self.slots[index as usize].waker
    }

    #[inline]
    pub(super) fn slot(&self, index: u32) -> &Slot {
        &self.slots[index as usize]
    }

    pub(super) fn set_deadline(&mut self, index: u32, deadline: u64) {
        self.slots[index as usize].deadline = deadline;
    }

    /// Returns the first slot of a list, or `NONE`.
    #[inline]
    pub(super) fn first(&self, list: u16) -> u32 {
        self.lists[usize::from(list)].head
    }

    /// Empties a list in one step; its slots are in the caller's care until each is pushed elsewhere or released.
    pub(super) fn take_list(&mut self, list: u16) -> u32 {
        std::mem::replace(&mut self.lists[usize::from(list)], List::EMPTY).head
    }

    /// Takes a slot out of its list, and returns the list's number and whether it is empty now.
    #[inline]
    pub(super) fn unlink(&mut self, index: u32) -> (u16, bool) {
        let Slot { prev, next, list, .. } = self.slots[index as usize];
        if let Some(slot) = self.slots.get_mut(prev as usize) {
            slot.next = next;
        } else {
            self.lists[usize::from(list)].head = next;
        }
        if let Some(slot) = self.slots.get_mut(next as usize) {
            slot.prev = prev;
        } else {
            self.lists[usize::from(list)].tail = prev;
        }
        (list, prev == next)
    }

    /// Puts an unlinked slot at the end of a list.
    #[inline]
    pub(super) fn push(&mut self, index: u32, list: u16) {
        let prev = self.lists[usize::from(list)].tail;
        let slot = &mut self.slots[index as usize];
        slot.next = NONE;
        slot.prev = prev;
        slot.list = list;
        self.link_tail(prev, index, list);
    }

    /// Frees an unlinked slot and hands out its waker, which the caller drops or wakes when no borrow is held.
    #[inline]
    pub(super) fn release(&mut self, index: u32) -> Option<Waker> {
        let slot = &mut self.slots[index as usize];
        let waker = slot.waker.take();
        slot.serial = 0;
        slot.next = self.free;
        self.free = index;
        self.armed -= 1;
        waker
    }

    /// Gives memory back when most slots are free; to be called after releases, when every armed slot is on a list.
    #[inline]
    pub(super) fn tidy(&mut self) {
        if self.armed < self.shrink_below {
            self.shrink();
        }
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.slots.capacity()
    }

    #[inline]
    fn link_tail(&mut self, prev: u32, index: u32, list: u16) {
        if let Some(slot) = self.slots.get_mut(prev as usize) {
            slot.next = index;
        } else {
            self.lists[usize::from(list)].head = index;
        }
        self.lists[usize::from(list)].tail = index;
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, slot: Slot) -> u32 {
        let index = u32::try_from(self.slots.len()).ok().filter(|&index| index != NONE);
        let index = index.expect("fewer than four billion timers are armed at once");
        self.slots.push(slot);
        self.shrink_below = if index < KEEP { 0 } else { index / 8 };
        index
    }

    /// Drops the free slots behind the last armed one. The pass over all slots is paid for by the releases that
    /// led here: seven eighths of the slots, or half of those that were armed the last time.
    #[cold]
    #[inline(never)]
    fn shrink(&mut self) {
        let used = self.slots.iter().rposition(|slot| slot.serial != 0).map_or(0, |last| last + 1);
        self.slots.truncate(used);
        self.slots.shrink_to(used.max(KEEP as usize) + used / 4);
        self.free = NONE;
        for index in (0..used).rev() {
            if self.slots[index].serial == 0 {
                self.slots[index].next = self.free;
                self.free = u32::try_from(index).expect("indices fit, see `grow`");
            }
        }
        let used = u32::try_from(used).expect("indices fit, see `grow`");
        self.shrink_below = if used < KEEP { 0 } else { (used / 8).min(self.armed / 2).max(1) };
    }
}
