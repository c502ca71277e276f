//! Where cells come from: the allocator of the program.

pub(super) use std::alloc::{alloc, dealloc};
