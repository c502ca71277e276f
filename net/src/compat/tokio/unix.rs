//! Unix sockets and pipes, without an adapter. The halves of a socket are those of TCP.

use super::implement::{implement_read, implement_write};
use crate::unix::UnixStream;
use crate::unix::pipe::{Receiver, Sender};

implement_read!([] UnixStream);
implement_write!([] UnixStream);
implement_read!(['a] &'a UnixStream);
implement_write!(['a] &'a UnixStream);
implement_read!([] Receiver);
implement_write!([] Sender);
implement_read!(['a] &'a Receiver);
implement_write!(['a] &'a Sender);
