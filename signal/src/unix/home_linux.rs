//! Which process this is: the one whose signals are told, or one that was forked off from it.
//!
//! A word in memory that the system empties in whatever is forked off (madvise(2), MADV_WIPEONFORK, Linux
//! 4.14) costs a load to ask. Unlike a pid it is not fooled by pid namespaces, where a child may have its
//! parent's. Where there is no such memory the pid has to do.

#![allow(unsafe_code)]

use std::ptr::null_mut;
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU32, Ordering};

/// The word, which is 1 at home. Null before there is one, and where there is none to be had.
static WORD: AtomicPtr<AtomicU32> = AtomicPtr::new(null_mut());

/// Without a word: the process, or 0 before there is one.
static PID: AtomicI32 = AtomicI32::new(0);

/// The system gives whole pages.
const LENGTH: usize = size_of::<AtomicU32>();

/// Makes this process the one. Nobody else may do so meanwhile.
pub(super) fn settle() {
    let mut word = WORD.load(Ordering::Relaxed);
    if word.is_null() {
        word = emptied_by_forks();
        WORD.store(word, Ordering::Release);
    }
    // Release, both: who sees that this is home sees what was there before; pairs with `is_here`.
    if word.is_null() {
        PID.store(process(), Ordering::Release);
    } else {
        // SAFETY: it was mapped below, for ever.
        unsafe { (*word).store(1, Ordering::Release) };
    }
}

/// Whether this process is the one. Async-signal-safe.
pub(super) fn is_here() -> bool {
    let word = WORD.load(Ordering::Acquire);
    if word.is_null() {
        PID.load(Ordering::Acquire) == process()
    } else {
        // SAFETY: it was mapped below, for ever.
        unsafe { (*word).load(Ordering::Acquire) == 1 }
    }
}

fn process() -> i32 {
    // SAFETY: getpid(2) has no preconditions, and is async-signal-safe.
    unsafe { libc::getpid() }
}

/// A word that is zero, and is again in each process that is forked off; null if the system has none.
fn emptied_by_forks() -> *mut AtomicU32 {
    // There is no such advice: where it is taken, as emulators do, none is heeded.
    const NONSENSE: i32 = -1;
    // SAFETY: new memory at a place of the system's choice, of which nobody else knows, and all that is done to
    // it. It is zeroed and aligned to pages, which makes it an atomic of value 0.
    unsafe {
        let memory = libc::mmap(
            null_mut(),
            LENGTH,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        );
        if memory == libc::MAP_FAILED {
            return null_mut();
        }
        let heeded = libc::madvise(memory, LENGTH, NONSENSE) != 0
            && libc::madvise(memory, LENGTH, libc::MADV_WIPEONFORK) == 0;
        if !heeded {
            libc::munmap(memory, LENGTH);
            return null_mut();
        }
        memory.cast()
    }
}
