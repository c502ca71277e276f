//! What shows a foreign loop that a selector has something to tell: nothing here.

/// A file descriptor that becomes readable when a [`Selector`](super::Selector) has something to
/// report.
///
/// There are none on this system, and no values of this type.
#[derive(Clone, Debug)]
pub enum Descriptor {}
