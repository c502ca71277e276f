//! A child that a strategy is in charge of.

use super::{Watched, orphans};

/// A child that a strategy is in charge of.
///
/// Strategies keep their children with the loop, be it in a table, a callback or a timer, all of which are
/// dropped when the loop closes. A child that is let go of in that way, or by a panic, goes to the orphans.
#[derive(Debug)]
pub(super) struct Kept(Watched);

impl Kept {
    pub(super) fn new(child: &Watched) -> Kept {
        Kept(child.clone())
    }

    pub(super) fn child(&self) -> &Watched {
        &self.0
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if !self.0.is_reaped() {
            orphans::adopt(self.0.clone());
        }
    }
}
