//! The statuses of children that were reaped before anybody here knew them.

use std::collections::VecDeque;
use std::process::ExitStatus;

use parking_lot::Mutex;

use super::{Origin, Watched};
use crate::sys;

/// How many are kept.
const KEPT: usize = 1024;

static STRAYS: Mutex<VecDeque<(u32, ExitStatus)>> = Mutex::new(VecDeque::new());

/// Keeps the status of a child that nobody knows.
pub(super) fn keep(id: u32, status: ExitStatus) {
    let mut strays = STRAYS.lock();
    strays.retain(|(other, _)| *other != id);
    if strays.len() == KEPT {
        strays.pop_front();
    }
    strays.push_back((id, status));
}

/// Gives a child from elsewhere the status that was kept for it, if it was reaped already. One that was kept
/// under its pid for an earlier child is forgotten.
///
/// The status of an earlier child is taken for its own only if it came from elsewhere, foreign code has reaped
/// it, and we the one before: nothing tells the two apart.
pub(super) fn claim(child: &Watched, origin: Origin) {
    let kept = {
        let mut strays = STRAYS.lock();
        let position = strays.iter().position(|(id, _)| *id == child.id());
        position.and_then(|position| strays.remove(position))
    };
    let (Some((_, status)), Origin::Elsewhere) = (kept, origin) else { return };
    child.try_reap_by(|child, _| match child.try_wait() {
        Err(error) if sys::is_no_child(&error) => Ok(Some(status)),
        outcome => outcome,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that no process has: they are more than Linux allows (2^22).
    const FIRST: u32 = 1 << 30;

    #[test]
    fn the_latest_statuses_are_kept() {
        let count = KEPT as u32 + 100;
        for number in 0..count {
            keep(FIRST + number, ExitStatus::default());
        }
        // Told again, it is the latest.
        keep(FIRST + 100, ExitStatus::default());
        keep(FIRST + count, ExitStatus::default());
        let strays = STRAYS.lock();
        assert_eq!(strays.len(), KEPT);
        let is_kept = |number| strays.iter().any(|(id, _)| *id == FIRST + number);
        assert!(is_kept(count) && is_kept(100) && is_kept(count - 1));
        assert!(!is_kept(0) && !is_kept(99));
    }
}
