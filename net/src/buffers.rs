//! How much of a list of buffers one system call takes.
//!
//! A call that moves fewer bytes than it was given tells that the socket is drained, or full. What the system
//! would have cut off anyway must not count as given, or a socket would be taken for full that is not, and
//! waited for in vain.

use std::io::{IoSlice, IoSliceMut};

/// The system's limit to the number of buffers in one call (`IOV_MAX`), on all that have one.
const MOST_BUFFERS: usize = 1024;

/// The limit to the bytes in one call that we set, below Linux' own of 2 GiB less a page.
const MOST_BYTES: usize = 1 << 30;

/// The part of a buffer that one call writes.
#[inline]
pub(crate) fn writable(buf: &[u8]) -> &[u8] {
    &buf[..buf.len().min(MOST_BYTES)]
}

/// The buffers that one call reads into, and how many bytes they hold.
pub(crate) fn readable_list<'a, 'b>(
    bufs: &'a mut [IoSliceMut<'b>],
) -> (&'a mut [IoSliceMut<'b>], usize) {
    let count = bufs.len().min(MOST_BUFFERS);
    let bufs = &mut bufs[..count];
    let bytes = sum(bufs.iter().map(|buf| buf.len()));
    (bufs, bytes)
}

/// The buffers that one call writes, and how many bytes they hold.
pub(crate) fn writable_list<'a, 'b>(bufs: &'a [IoSlice<'b>]) -> (&'a [IoSlice<'b>], usize) {
    let bufs = &bufs[..bufs.len().min(MOST_BUFFERS)];
    (bufs, sum(bufs.iter().map(|buf| buf.len())))
}

/// Adds up; the same memory may be in a list many times, so that the sum is without a limit.
fn sum(lengths: impl Iterator<Item = usize>) -> usize {
    lengths.fold(0, usize::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_counts_as_far_as_one_call_takes_it() {
        let bufs = vec![IoSlice::new(b"ab"); MOST_BUFFERS + 500];
        let (bufs, bytes) = writable_list(&bufs);
        assert_eq!((bufs.len(), bytes), (MOST_BUFFERS, 2 * MOST_BUFFERS));
        assert_eq!(writable_list(&bufs[..3]).1, 6);
        let mut bytes = [0; 7];
        let mut list = [IoSliceMut::new(&mut bytes)];
        assert_eq!(readable_list(&mut list).1, 7);
    }
}
