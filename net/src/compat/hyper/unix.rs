//! Unix sockets, without an adapter.

use super::implement::implement;
use crate::unix::UnixStream;

implement!([] UnixStream);
