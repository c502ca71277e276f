//! The credentials of the sender, which no option has come with a message here.

/// The room that they take.
pub(super) const ROOM: usize = 0;
