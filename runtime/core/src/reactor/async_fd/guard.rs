//! What a wait for a descriptor found: readiness to be confirmed or cleared.

use std::error::Error;
use std::fmt;
use std::io;
use std::os::fd::AsFd;

use super::AsyncFd;
use crate::reactor::scope::{Scope, Snapshot};
use crate::reactor::{Interest, Ready};

/// What a wait for a descriptor found; to be cleared by the call that finds it over.
///
/// Dropping the guard leaves the readiness as it is: the next wait ends at once.
#[must_use = "readiness stays until a call or `clear_ready` ends it"]
pub struct AsyncFdReadyGuard<'a, T: AsFd> {
    fd: &'a AsyncFd<T>,
    interest: Interest,
    seen: Snapshot,
}

/// As [`AsyncFdReadyGuard`], with the object borrowed exclusively.
#[must_use = "readiness stays until a call or `clear_ready` ends it"]
pub struct AsyncFdReadyMutGuard<'a, T: AsFd> {
    fd: &'a mut AsyncFd<T>,
    interest: Interest,
    seen: Snapshot,
}

/// A call would have blocked; the readiness has been cleared.
#[derive(Debug)]
pub struct TryIoError(());

impl<'a, T: AsFd> AsyncFdReadyGuard<'a, T> {
    pub(super) fn new(fd: &'a AsyncFd<T>, interest: Interest, seen: Snapshot) -> Self {
        AsyncFdReadyGuard { fd, interest, seen }
    }

    /// Returns what was found.
    #[must_use]
    pub fn ready(&self) -> Ready {
        self.seen.ready(Scope::of_interest(self.interest))
    }

    /// Makes a call, and clears the readiness if the call would have blocked.
    ///
    /// # Errors
    ///
    /// [`TryIoError`] if `f` fails with [`WouldBlock`](io::ErrorKind::WouldBlock): wait again. All
    /// other outcomes of `f` are returned as they are.
    pub fn try_io<R>(
        &mut self,
        f: impl FnOnce(&'a AsyncFd<T>) -> io::Result<R>,
    ) -> Result<io::Result<R>, TryIoError> {
        let outcome = f(self.fd);
        if would_block(&outcome) {
            self.clear_ready();
            return Err(TryIoError(()));
        }
        Ok(outcome)
    }

    /// Declares what was found to be over; without effect if something new has been reported.
    ///
    /// Only after a call that would have blocked: otherwise the next wait may take for ever, unless
    /// the mode is [level-triggered](AsyncFd::level_triggered). What others wait for is not
    /// affected: a guard for out-of-band data, say, leaves the end of the stream to the readers.
    pub fn clear_ready(&mut self) {
        self.clear_ready_matching(Ready::ALL);
    }

    /// Declares a part of what was found to be over, as [`clear_ready`](Self::clear_ready) does.
    pub fn clear_ready_matching(&mut self, ready: Ready) {
        let over = over(self.interest, ready);
        self.fd.registered.settle(self.seen, over);
        self.seen = self.seen.without(over);
    }

    /// Leaves the readiness as it is, so that the next wait ends at once; does nothing.
    pub fn retain_ready(&mut self) {}

    /// Borrows what the readiness is about.
    #[must_use]
    pub fn get_ref(&self) -> &'a AsyncFd<T> {
        self.fd
    }

    /// Borrows the object in it.
    #[must_use]
    pub fn get_inner(&self) -> &'a T {
        self.fd.get_ref()
    }
}

impl<'a, T: AsFd> AsyncFdReadyMutGuard<'a, T> {
    pub(super) fn new(fd: &'a mut AsyncFd<T>, interest: Interest, seen: Snapshot) -> Self {
        AsyncFdReadyMutGuard { fd, interest, seen }
    }

    /// Returns what was found.
    #[must_use]
    pub fn ready(&self) -> Ready {
        self.seen.ready(Scope::of_interest(self.interest))
    }

    /// Makes a call, and clears the readiness if the call would have blocked.
    ///
    /// # Errors
    ///
    /// [`TryIoError`] if `f` fails with [`WouldBlock`](io::ErrorKind::WouldBlock): wait again. All
    /// other outcomes of `f` are returned as they are.
    pub fn try_io<R>(
        &mut self,
        f: impl FnOnce(&mut AsyncFd<T>) -> io::Result<R>,
    ) -> Result<io::Result<R>, TryIoError> {
        let outcome = f(self.fd);
        if would_block(&outcome) {
            self.clear_ready();
            return Err(TryIoError(()));
        }
        Ok(outcome)
    }

    /// Declares what was found to be over; without effect if something new has been reported.
    ///
    /// Only after a call that would have blocked: otherwise the next wait may take for ever, unless
    /// the mode is [level-triggered](AsyncFd::level_triggered). What others wait for is not
    /// affected: a guard for out-of-band data, say, leaves the end of the stream to the readers.
    pub fn clear_ready(&mut self) {
        self.clear_ready_matching(Ready::ALL);
    }

    /// Declares a part of what was found to be over, as [`clear_ready`](Self::clear_ready) does.
    pub fn clear_ready_matching(&mut self, ready: Ready) {
        let over = over(self.interest, ready);
        self.fd.registered.settle(self.seen, over);
        self.seen = self.seen.without(over);
    }

    /// Leaves the readiness as it is, so that the next wait ends at once; does nothing.
    pub fn retain_ready(&mut self) {}

    /// Borrows what the readiness is about.
    #[must_use]
    pub fn get_ref(&self) -> &AsyncFd<T> {
        self.fd
    }

    /// Borrows what the readiness is about exclusively.
    #[must_use]
    pub fn get_mut(&mut self) -> &mut AsyncFd<T> {
        self.fd
    }

    /// Borrows the object in it.
    #[must_use]
    pub fn get_inner(&self) -> &T {
        self.fd.get_ref()
    }

    /// Borrows the object in it exclusively.
    #[must_use]
    pub fn get_inner_mut(&mut self) -> &mut T {
        self.fd.get_mut()
    }
}

/// Returns the part of what was waited for that is declared to be over.
fn over(interest: Interest, ready: Ready) -> Scope {
    Scope::words(ready).common(Scope::of_interest(interest))
}

fn would_block<R>(outcome: &io::Result<R>) -> bool {
    matches!(outcome, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
}

impl<T: AsFd + fmt::Debug> fmt::Debug for AsyncFdReadyGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncFdReadyGuard")
            .field("fd", &self.fd)
            .field("ready", &self.ready())
            .finish()
    }
}

impl<T: AsFd + fmt::Debug> fmt::Debug for AsyncFdReadyMutGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncFdReadyMutGuard")
            .field("fd", &self.fd)
            .field("ready", &self.ready())
            .finish()
    }
}

impl fmt::Display for TryIoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the call would have blocked")
    }
}

impl Error for TryIoError {}
