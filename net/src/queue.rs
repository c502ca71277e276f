//! How to find out, at little cost, that nobody waits to be accepted.
//!
//! An accept that finds nobody is dear on Linux: it makes a socket, an inode and a file first, and throws
//! them away. That is ten times a poll(2), and as much as a quarter of what a short connection costs
//! altogether.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// After so many connections in a row it is a crowd, and the one failing call at its end costs less than
/// asking each time.
const CROWD: u32 = 8;

/// Remembers how many connections have been accepted since the queue was last found empty.
///
/// A guess that several threads spoil costs a system call and no more, hence Relaxed throughout.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    accepted: AtomicU32,
}

impl Queue {
    /// Whether to ask first if anybody waits. Not after the queue was empty: the event since then has
    /// answered that.
    #[inline]
    pub(crate) fn is_doubtful(&self) -> bool {
        (1..CROWD).contains(&self.accepted.load(Relaxed))
    }

    #[inline]
    pub(crate) fn accepted(&self) {
        self.accepted.store(self.accepted.load(Relaxed).saturating_add(1), Relaxed);
    }

    #[inline]
    pub(crate) fn found_empty(&self) {
        self.accepted.store(0, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_followers_of_a_first_connection_are_asked_for() {
        let queue = Queue::default();
        let mut doubts = Vec::new();
        for _ in 0..10 {
            doubts.push(queue.is_doubtful());
            queue.accepted();
        }
        assert_eq!(doubts, [false, true, true, true, true, true, true, true, false, false]);
        queue.found_empty();
        assert!(!queue.is_doubtful());
    }
}
