//! What can be registered elsewhere: anything that mio can register.

use mio::event;

/// Something the reactor can watch.
///
/// Implemented for everything that is an [`event::Source`] of mio. There is nothing to implement
/// by hand.
pub trait Source: event::Source {}

impl<T: event::Source + ?Sized> Source for T {}

/// Returns a number that says "unknown": sources have no small numbers here.
pub(super) fn number(_source: &dyn Source) -> i32 {
    -1
}
