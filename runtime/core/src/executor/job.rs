//! A closure that any thread posts and the loop's own thread runs, once, when it drains the inbox.
#![allow(unsafe_code)]

use std::alloc::Layout;
use std::cell::UnsafeCell;
use std::mem::{ManuallyDrop, offset_of};
use std::panic::Location;

use crate::executor::header::{CellPtr, Header, Kind, VTable, as_it_is};
use crate::executor::memory::{Class, allocate_anywhere};
use crate::executor::panics::contain_quietly;
use crate::executor::state::FRESH;
use crate::executor::{Core, mail, word};
use crate::local::Local;

#[repr(C)]
struct JobCell<F> {
    header: Header,
    job: UnsafeCell<ManuallyDrop<F>>,
}

impl<F: FnOnce(&Local) + Send + 'static> JobCell<F> {
    const VTABLE: VTable = VTable {
        kind: Kind::Job,
        layout: Layout::new::<JobCell<F>>(),
        class: Class::of(Layout::new::<JobCell<F>>()),
        stage: offset_of!(JobCell<F>, job),
        run: run::<F>,
        poll: run::<F>,
        remake: as_it_is,
        refuse: refuse::<F>,
        drop_value: refuse::<F>,
    };
}

/// Makes a job, to be pushed by the caller, who owns its `QUEUED` bit.
pub(super) fn create<F: FnOnce(&Local) + Send + 'static>(core: *const Core, job: F) -> CellPtr {
    let cell = allocate_anywhere(Layout::new::<JobCell<F>>()).cast::<JobCell<F>>();
    let vtable = &JobCell::<F>::VTABLE;
    let header = Header::new(vtable, core, FRESH, word::QUEUED, Location::caller());
    // SAFETY: fresh memory of the right layout.
    unsafe { cell.write(JobCell { header, job: UnsafeCell::new(ManuallyDrop::new(job)) }) };
    cell.cast()
}

/// # Safety
///
/// The cell is a `JobCell<F>` whose closure was not taken before; it is freed here.
unsafe fn take<F>(cell: CellPtr) -> F {
    // SAFETY: by contract.
    unsafe {
        let cell = cell.cast::<JobCell<F>>();
        let job = UnsafeCell::raw_get(&raw const (*cell.as_ptr()).job).read();
        mail::free_job(cell.cast());
        ManuallyDrop::into_inner(job)
    }
}

/// # Safety
///
/// As for [`take`], on the owner's thread.
unsafe fn run<F: FnOnce(&Local)>(cell: CellPtr, local: &Local) {
    // SAFETY: by contract.
    let job = unsafe { take::<F>(cell) };
    local.executor.disown();
    contain_quietly(|| job(local));
}

/// # Safety
///
/// As for [`take`].
unsafe fn refuse<F>(cell: CellPtr) {
    // SAFETY: by contract.
    let job = unsafe { take::<F>(cell) };
    contain_quietly(|| drop(job));
}
