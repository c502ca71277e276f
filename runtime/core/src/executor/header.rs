//! The part of a task that does not depend on its future's type.
#![allow(unsafe_code)]

use std::alloc::Layout;
use std::cell::{Cell, UnsafeCell};
use std::mem::MaybeUninit;
use std::panic::Location;
use std::ptr::NonNull;
use std::task::Waker;

use crate::executor::Core;
use crate::executor::memory::Class;
use crate::executor::origin::Origin;
use crate::executor::state::State;
use crate::executor::word::Word;
use crate::local::Local;

/// A pointer to a cell, with provenance over all of it. Never made from a `&Header`.
pub(super) type CellPtr = NonNull<Header>;

/// A link of an intrusive list.
pub(super) type Link = Cell<Option<CellPtr>>;

/// What the executor does with a cell when its turn comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A future on the owned list.
    Task,
    /// A future on the owned list that another task polls.
    Proxied,
    /// The stand-in for the future given to `block_on`.
    Root,
    /// A closure that another thread posted; it runs when the inbox is drained.
    Job,
    /// A closure of the user's that runs once, in the run queue since it was made.
    Callback,
    /// The same, on the owned list and waiting for its timer.
    Timer,
}

/// What the executor must know of a concrete type.
pub(super) struct VTable {
    pub(super) kind: Kind,
    /// Size and alignment of the whole cell.
    pub(super) layout: Layout,
    /// The free list that it belongs to.
    pub(super) class: Class,
    /// Where future, output or panic payload lie, in bytes from the header.
    pub(super) stage: usize,
    /// Polls the future, or drops it when `ABORT` is set. Called on the owner's thread only.
    pub(super) run: unsafe fn(CellPtr, &Local),
    /// The same, where `run` does something else: see `proxy.rs`.
    pub(super) poll: unsafe fn(CellPtr, &Local),
    /// Replaces a cell that was just made on a loop about which something is special, by one that was made
    /// accordingly. By way of this table, lest every spawn have the code for it.
    pub(super) remake: unsafe fn(CellPtr, &Local) -> CellPtr,
    /// Drops what a `FRESH` cell carries, without running it.
    pub(super) refuse: unsafe fn(CellPtr),
    /// Drops the output value in place.
    pub(super) drop_value: unsafe fn(CellPtr),
}

/// 88 bytes in front of every future. `repr(C)` because a join handle finds the stage by offset.
#[repr(C)]
pub(super) struct Header {
    pub(super) vtable: &'static VTable,
    /// The loop. Valid as long as the cell: see `Core`.
    pub(super) core: *const Core,
    /// What other threads did.
    pub(super) word: Word,
    /// What the owner knows.
    pub(super) state: State,
    /// Neighbours on the owner's list of unfinished tasks.
    pub(super) owned_prev: Link,
    pub(super) owned_next: Link,
    /// The next cell of the run queue.
    pub(super) run_next: Link,
    /// The next cell of the inbox; belongs to whoever set `QUEUED`.
    pub(super) inbox_next: Link,
    /// The waker of a joiner on the owner's thread, if `JOIN_WAKER` is set.
    pub(super) join_waker: UnsafeCell<MaybeUninit<Waker>>,
    /// Where the task was spawned, or the cold part.
    pub(super) origin: Origin,
}

impl Header {
    #[inline(always)]
    pub(super) fn new(
        vtable: &'static VTable,
        core: *const Core,
        state: u64,
        word: u64,
        location: &'static Location<'static>,
    ) -> Header {
        Header {
            vtable,
            core,
            word: Word::new(word),
            state: State::new(state),
            owned_prev: Cell::new(None),
            owned_next: Cell::new(None),
            run_next: Cell::new(None),
            inbox_next: Cell::new(None),
            join_waker: UnsafeCell::new(MaybeUninit::uninit()),
            origin: Origin::new(location),
        }
    }
}

/// Where the stage of a cell begins.
///
/// # Safety
///
/// `cell` is alive.
#[inline(always)]
pub(super) unsafe fn stage(cell: CellPtr) -> *mut u8 {
    // SAFETY: the cell is alive, so its vtable may be read; the offset lies within its allocation, over
    // which a `CellPtr` has provenance.
    unsafe {
        let offset = (*cell.as_ptr()).vtable.stage;
        cell.as_ptr().cast::<u8>().add(offset)
    }
}

/// The `remake` of cells that are not made by users.
///
/// # Safety
///
/// None needed.
pub(super) unsafe fn as_it_is(cell: CellPtr, _: &Local) -> CellPtr {
    cell
}
