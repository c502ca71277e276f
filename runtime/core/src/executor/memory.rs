//! The free lists from which a loop's own thread takes cells.
//!
//! One list for each size, in steps of eight bytes. A finished task's memory serves the next one of
//! its size without a trip to the allocator, which is most of what a spawn would otherwise cost. Putting
//! on and taking off count nothing; the loop compares now and then what came from the allocator with
//! what is in use, and [trims](Memory::trim) the lists when they hold too much.
#![allow(unsafe_code)]

use std::alloc::{Layout, handle_alloc_error};
use std::cell::Cell;
use std::ptr::NonNull;

use crate::executor::allocator::{alloc, dealloc};

/// Sanitizers must see each allocation, or they cannot see a use after it was freed.
const ENABLED: bool = !cfg!(any(tsan, asan, miri, loom));
const STEP: usize = 8;
/// Cells above this size in bytes are not kept.
const LARGEST: usize = 1024;
const LISTS: usize = LARGEST / STEP + 1;
/// The cells that all lists of a loop may hold together after a trim.
const BOUND: usize = 16 << 10;
/// The alignment of every kept cell, which the usual allocators give to any request of this size for free.
const ALIGN: usize = 16;

struct Free {
    next: Option<NonNull<Free>>,
}

/// Which free list a cell goes to: its size in bytes, rounded up; 0 for none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Class(usize);

impl Class {
    /// The class of a layout.
    pub(super) const fn of(layout: Layout) -> Class {
        let size = layout.size().next_multiple_of(STEP);
        if ENABLED && layout.align() <= ALIGN && size <= LARGEST { Class(size) } else { Class(0) }
    }

    /// What is asked of the allocator: the same for every cell that could share a list.
    const fn request(self, layout: Layout) -> Layout {
        if self.0 == 0 {
            return layout;
        }
        match Layout::from_size_align(self.0, ALIGN) {
            Ok(request) => request,
            Err(_) => panic!("a listed size is far below the limit of a layout"),
        }
    }
}

/// The free lists of one loop.
pub(super) struct Memory {
    lists: [Cell<Option<NonNull<Free>>>; LISTS],
    /// Cells on the lists or in use by this loop. Those on the lists are not counted one by one.
    obtained: Cell<usize>,
}

impl Memory {
    pub(super) fn new() -> Memory {
        Memory { lists: [const { Cell::new(None) }; LISTS], obtained: Cell::new(0) }
    }

    /// Memory for one cell.
    #[inline(always)]
    pub(super) fn allocate(&self, class: Class, layout: Layout) -> NonNull<u8> {
        let list = &self.lists[class.0 / STEP];
        if class.0 != 0 {
            if let Some(free) = list.get() {
                // SAFETY: what is on a list is a block that nobody uses, headed by a valid `Free`.
                list.set(unsafe { free.as_ref().next });
                return free.cast();
            }
        }
        self.note_foreign(1);
        allocate_anywhere(layout)
    }

    /// Counts a cell that this loop is going to free but did not allocate (or the other way round).
    pub(super) fn note_foreign(&self, change: isize) {
        self.obtained.set(self.obtained.get().wrapping_add_signed(change));
    }

    /// Takes a cell's memory back.
    ///
    /// # Safety
    ///
    /// `block` came from [`Memory::allocate`] or [`allocate_anywhere`] with this class's layout; nobody uses
    /// it any more.
    #[inline(always)]
    pub(super) unsafe fn free(&self, block: NonNull<u8>, class: Class, layout: &Layout) {
        if class.0 == 0 {
            self.note_foreign(-1);
            // SAFETY: by this function's own contract.
            return unsafe { free_anywhere(block, *layout) };
        }
        let list = &self.lists[class.0 / STEP];
        let free = block.cast::<Free>();
        // SAFETY: the block is ours by contract, larger than a `Free` and aligned to `ALIGN`.
        unsafe { free.write(Free { next: list.get() }) };
        list.set(Some(free));
    }

    /// Gives memory back to the allocator if far more was obtained than the `live` cells that are in use.
    #[inline(always)]
    pub(super) fn trim(&self, live: usize) {
        let kept = self.obtained.get().wrapping_sub(live);
        if kept > BOUND {
            self.release(kept - BOUND / 2);
        }
    }

    /// Frees that many cells, largest first.
    #[cold]
    fn release(&self, mut excess: usize) {
        for (index, list) in self.lists.iter().enumerate().rev() {
            while let Some(free) = list.get() {
                if excess == 0 {
                    return;
                }
                // SAFETY: what is on a list is a valid `Free`; its block was requested with this size.
                unsafe {
                    list.set(free.as_ref().next);
                    let layout = Layout::from_size_align_unchecked(index * STEP, ALIGN);
                    dealloc(free.as_ptr().cast(), layout);
                }
                self.note_foreign(-1);
                excess -= 1;
            }
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.release(usize::MAX);
    }
}

/// Memory for a cell, from any thread.
#[cold]
#[inline(never)]
pub(super) fn allocate_anywhere(layout: Layout) -> NonNull<u8> {
    let request = Class::of(layout).request(layout);
    // SAFETY: a cell begins with a header, so its size is not zero.
    let block = unsafe { alloc(request) };
    NonNull::new(block).unwrap_or_else(|| handle_alloc_error(request))
}

/// Gives a cell's memory back to the allocator, from any thread.
///
/// # Safety
///
/// As for [`Memory::free`].
#[cold]
#[inline(never)]
pub(super) unsafe fn free_anywhere(block: NonNull<u8>, layout: Layout) {
    // SAFETY: `request` maps a layout always to the same request, which `block` was allocated with.
    unsafe { dealloc(block.as_ptr(), Class::of(layout).request(layout)) };
}
