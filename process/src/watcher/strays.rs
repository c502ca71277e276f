//! The statuses of children that were reaped before anybody here knew them.

use std::collections::VecDeque;
use std::process::ExitStatus;

use parking_lot::Mutex;

use super::Watched;
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

/// Gives a new child the status that was kept for it, if it was reaped already; one that was kept under its
/// pid for an earlier child is forgotten.
pub(super) fn claim(child: &Watched) {
    let kept = {
        let mut strays = STRAYS.lock();
        let position = strays.iter().position(|(id, _)| *id == child.id());
        position.and_then(|position| strays.remove(position))
    };
    let Some((_, status)) = kept else { return };
    child.try_reap_by(|child| match child.try_wait() {
        Err(error) if sys::is_no_child(&error) => Ok(Some(status)),
        outcome => outcome,
    });
}
