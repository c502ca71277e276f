//! Whether a loop is being run, and since which call.
#![allow(unsafe_code)]

use std::panic::Location;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Where the loop is being run, if it is: one word, for each run writes it. Any thread may ask.
#[derive(Debug, Default)]
pub(crate) struct RunAt(AtomicPtr<Location<'static>>);

impl RunAt {
    #[inline(always)]
    pub(crate) fn begin(&self, location: &'static Location<'static>) {
        // What it points to has been there since the program began.
        self.0.store(ptr::from_ref(location).cast_mut(), Ordering::Relaxed);
    }

    #[inline(always)]
    pub(crate) fn end(&self) {
        self.0.store(ptr::null_mut(), Ordering::Relaxed);
    }

    /// The place of the call that runs the loop; `None` if nobody does.
    pub(crate) fn location(&self) -> Option<&'static Location<'static>> {
        // SAFETY: null, or made from a `&'static Location`.
        unsafe { self.0.load(Ordering::Relaxed).as_ref() }
    }
}
