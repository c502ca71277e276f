//! The credentials of the sender beside what is received with a message.

use rustix::cmsg_space;

/// The room that they take, which a socket with `SO_PASSCRED` fills before that of descriptors (unix(7)).
pub(super) const ROOM: usize = cmsg_space!(ScmCredentials(1));
