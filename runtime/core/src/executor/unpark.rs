//! How another thread ends a loop's sleep.

/// Wakes a loop that is blocked in its selector.
///
/// # Implementer notes
///
/// May be called from any thread, at any time, also when the loop is not blocked (the next wait then has to
/// return at once), and after the loop has gone.
pub trait Unpark: Send + Sync {
    /// Makes the current or else the next wait return.
    fn unpark(&self);
}
