//! How many processors there are for this loop and those it talks to.

use std::fs;
use std::thread;

use rustix::thread::sched_getaffinity;

/// Returns how many processors there are for this loop and those it talks to.
///
/// A thread that somebody has pinned to one processor still leaves the others to its peers; a
/// quota of one does not.
pub(super) fn processors() -> usize {
    let usable = thread::available_parallelism().map_or(1, Into::into);
    let pinned = usable == 1 && sched_getaffinity(None).is_ok_and(|set| set.count() == 1);
    if pinned { online() } else { usable }
}

fn online() -> usize {
    let list = fs::read_to_string("/sys/devices/system/cpu/online");
    list.ok().and_then(|list| count(&list)).unwrap_or(1)
}

/// Counts the members of a list such as `0-3,8`.
fn count(list: &str) -> Option<usize> {
    list.trim().split(',').try_fold(0_usize, |sum, range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
        sum.checked_add(last.checked_sub(first)?.checked_add(1)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_processors_are_counted() {
        assert_eq!(count("0\n"), Some(1));
        assert_eq!(count("0-1\n"), Some(2));
        assert_eq!(count("0-3,8,10-11"), Some(7));
        for nonsense in ["", "x", "3-1", "0-", "0-18446744073709551615"] {
            assert_eq!(count(nonsense), None, "{nonsense:?}");
        }
    }

    #[test]
    fn there_is_at_least_one() {
        assert!(processors() >= 1);
    }
}
