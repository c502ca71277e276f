//! The buffer that all connections of a thread read into whose protocols have none of their own.

use std::cell::Cell;

/// How much is read at a time, in bytes.
pub(super) const SIZE: usize = 64 * 1024;

thread_local! {
    static BUFFER: Cell<Option<Box<[u8]>>> = const { Cell::new(None) };
}

/// Takes the buffer out; a callback that runs another loop finds none, and that one makes its own.
#[inline]
pub(super) fn take() -> Box<[u8]> {
    BUFFER.try_with(Cell::take).ok().flatten().unwrap_or_else(make)
}

#[cold]
fn make() -> Box<[u8]> {
    vec![0; SIZE].into_boxed_slice()
}

/// Puts it back.
#[inline]
pub(super) fn put(buffer: Box<[u8]>) {
    // While the thread ends there is nobody to keep it for.
    let _ = BUFFER.try_with(|place| place.set(Some(buffer)));
}
