//! Reading into one buffer, with as little around the call as can be.

use std::io;
use std::os::unix::net::UnixStream;

use crate::stream::Got;
use crate::sys;

#[inline]
pub(super) fn read(stream: &UnixStream, buf: &mut [u8]) -> io::Result<Got> {
    let (count, cut) = sys::stream::read_noting_rights(stream, buf)?;
    Ok(Got { count, cut })
}
