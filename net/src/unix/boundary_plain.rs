//! Reading into one buffer, as into several.

use std::io::{self, IoSliceMut};
use std::os::unix::net::UnixStream;

use crate::stream::Got;

#[inline]
pub(super) fn read(stream: &UnixStream, buf: &mut [u8]) -> io::Result<Got> {
    super::socket::read_vectored(stream, &mut [IoSliceMut::new(buf)])
}
