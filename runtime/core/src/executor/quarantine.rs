//! The allocator in loom's models: what is freed is overwritten and not used again for long, so that a use of
//! it fails the model instead of going unnoticed.
#![allow(unsafe_code)]

use std::alloc::Layout;
use std::collections::VecDeque;
use std::sync::Mutex;

pub(super) use std::alloc::alloc;

/// Neither an address nor an index of any object of loom's.
const FREED: u8 = 0xdd;
/// Far more cells than a model ever has.
const KEPT: usize = 4096;

struct Freed(*mut u8, Layout);

// SAFETY: nobody but the quarantine has the block any more.
unsafe impl Send for Freed {}

static QUARANTINE: Mutex<VecDeque<Freed>> = Mutex::new(VecDeque::new());

/// See the module's documentation.
///
/// # Safety
///
/// As for [`std::alloc::dealloc`].
pub(super) unsafe fn dealloc(block: *mut u8, layout: Layout) {
    // SAFETY: by contract the block is the caller's, and begins with an initialised header or was freed
    // before.
    unsafe {
        assert!(block.cast::<[u8; 16]>().read() != [FREED; 16], "freed twice");
        block.write_bytes(FREED, layout.size());
    }
    let mut quarantine = QUARANTINE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    quarantine.push_back(Freed(block, layout));
    if quarantine.len() > KEPT {
        if let Some(Freed(block, layout)) = quarantine.pop_front() {
            // SAFETY: it was allocated with this layout, and freed once.
            unsafe { std::alloc::dealloc(block, layout) };
        }
    }
}
