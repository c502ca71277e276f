//! The free lists from which a loop's own thread takes cells.
//!
//! One list for each size, in steps of eight bytes. A finished task's memory serves the next one of
//! its size without a trip to the allocator, which is most of what a spawn would otherwise cost. What the lists keep is
//! bounded; a cell beyond the bound goes back to the allocator.
#![allow(unsafe_code)]

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::cell::Cell;
use std::ptr::NonNull;

/// Sanitizers must see each allocation, or they cannot see a use after it was freed.
const ENABLED: bool = !cfg!(any(tsan, asan, miri, loom));
const STEP: usize = 8;
/// Cells above this size in bytes are not kept.
const LARGEST: usize = 1024;
const LISTS: usize = LARGEST / STEP + 1;
/// The bytes that all lists of a loop may hold together.
const BOUND: usize = 4 << 20;
/// The alignment of every kept cell, which the usual allocators give to any request of this size for free.
const ALIGN: usize = 16;

struct Free {
    next: Option<NonNull<Free>>,
}

/// The free lists of one loop.
pub(super) struct Memory {
    lists: [Cell<Option<NonNull<Free>>>; LISTS],
    kept: Cell<usize>,
}

/// Whether cells of this layout go through the lists; known when the program is compiled.
#[inline(always)]
const fn is_listed(layout: Layout) -> bool {
    ENABLED && layout.align() <= ALIGN && layout.size() <= LARGEST
}

/// What is asked of the allocator: the same for every cell that could share a list.
#[inline(always)]
const fn request(layout: Layout) -> Layout {
    if !is_listed(layout) {
        return layout;
    }
    let size = layout.size().next_multiple_of(STEP);
    match Layout::from_size_align(size, ALIGN) {
        Ok(layout) => layout,
        Err(_) => layout,
    }
}

impl Memory {
    pub(super) fn new() -> Memory {
        Memory { lists: [const { Cell::new(None) }; LISTS], kept: Cell::new(0) }
    }

    /// Memory for one cell.
    #[inline(always)]
    pub(super) fn allocate(&self, layout: Layout) -> NonNull<u8> {
        if is_listed(layout) {
            let request = request(layout);
            let list = &self.lists[request.size() / STEP];
            if let Some(free) = list.get() {
                // SAFETY: what is on a list is a block that nobody uses, headed by a valid `Free`.
                list.set(unsafe { free.as_ref().next });
                self.kept.set(self.kept.get() - request.size());
                return free.cast();
            }
        }
        allocate_anywhere(layout)
    }

    /// Takes a cell's memory back.
    ///
    /// # Safety
    ///
    /// `block` came from [`Memory::allocate`] or [`allocate_anywhere`] with this layout; nobody uses it any more.
    #[inline(always)]
    pub(super) unsafe fn free(&self, block: NonNull<u8>, layout: Layout) {
        if is_listed(layout) {
            let request = request(layout);
            let kept = self.kept.get() + request.size();
            if kept <= BOUND {
                let list = &self.lists[request.size() / STEP];
                let free = block.cast::<Free>();
                // SAFETY: the block is ours by contract, larger than a `Free` and aligned to `ALIGN`.
                unsafe { free.write(Free { next: list.get() }) };
                list.set(Some(free));
                self.kept.set(kept);
                return;
            }
        }
        // SAFETY: by this function's own contract.
        unsafe { free_anywhere(block, layout) };
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        for (index, list) in self.lists.iter().enumerate() {
            while let Some(free) = list.get() {
                // SAFETY: what is on a list is a valid `Free`; its block was requested with this size.
                unsafe {
                    list.set(free.as_ref().next);
                    dealloc(
                        free.as_ptr().cast(),
                        Layout::from_size_align_unchecked(index * STEP, ALIGN),
                    );
                }
            }
        }
    }
}

/// Memory for a cell, from any thread.
#[cold]
#[inline(never)]
pub(super) fn allocate_anywhere(layout: Layout) -> NonNull<u8> {
    let request = request(layout);
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
    unsafe { dealloc(block.as_ptr(), request(layout)) };
}
