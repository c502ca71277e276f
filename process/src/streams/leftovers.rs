//! Bytes of the standard input that were read ahead, and belong to whoever reads next.

use std::collections::VecDeque;

use parking_lot::Mutex;

static LEFTOVERS: Mutex<VecDeque<u8>> = Mutex::new(VecDeque::new());

/// Puts bytes back, before those that are here already.
pub(super) fn put_back(bytes: &[u8]) {
    let mut leftovers = LEFTOVERS.lock();
    leftovers.reserve(bytes.len());
    for byte in bytes.iter().rev() {
        leftovers.push_front(*byte);
    }
}

/// Adds bytes behind those that are here already.
pub(super) fn append(bytes: &[u8]) {
    LEFTOVERS.lock().extend(bytes);
}

/// Takes as many bytes as there are, and fit.
pub(super) fn take(buf: &mut [u8]) -> usize {
    let mut leftovers = LEFTOVERS.lock();
    let mut count = 0;
    while count < buf.len() && !leftovers.is_empty() {
        let (front, _) = leftovers.as_slices();
        let part = front.len().min(buf.len() - count);
        buf[count..count + part].copy_from_slice(&front[..part]);
        leftovers.drain(..part);
        count += part;
    }
    if leftovers.is_empty() && leftovers.capacity() > 0 {
        // Most programs never have any again.
        *leftovers = VecDeque::new();
    }
    count
}
