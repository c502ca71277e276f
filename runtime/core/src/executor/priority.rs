//! How urgent a task is, as users say it and as a cell keeps it: two bits of its state, both of which are
//! zero nearly always.

use crate::executor::state::{HIGH, LOW};

/// Which of the tasks that are ready the loop polls first; see
/// [`task::Builder::priority`](crate::task::Builder::priority).
///
/// The order is that of urgency: `Low < Normal < High`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Polled when nothing else is ready, but at least once in 32 polls.
    Low,
    /// What a task has unless something else is said, as the main future and callbacks always have.
    #[default]
    Normal,
    /// Polled before everything else, but for one poll in 8.
    High,
}

impl Priority {
    /// The flags that stand for it.
    pub(super) fn flags(self) -> u64 {
        match self {
            Priority::Low => LOW,
            Priority::Normal => 0,
            Priority::High => HIGH,
        }
    }

    /// What the flags of a state stand for.
    #[inline]
    pub(super) fn of(state: u64) -> Priority {
        match state & (HIGH | LOW) {
            0 => Priority::Normal,
            LOW => Priority::Low,
            _ => Priority::High,
        }
    }
}
