//! The seam between the reactor and the kernel.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::{Descriptor, Interest, Ready, Source, Unpark};

/// Names a registered source in the events of a [`Selector`].
///
/// The value has no meaning outside of the reactor. The eight highest values of `usize` are never
/// given out, so a selector may use them for its own descriptors.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token(pub usize);

impl Token {
    /// How many of the highest values are left to selectors.
    pub const RESERVED: usize = 8;
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({:#x})", self.0)
    }
}

/// Tells that a source has become ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// The token under which the source was registered.
    pub token: Token,
    /// What it has become ready for.
    pub ready: Ready,
}

/// Watches sources for the reactor; the only thing in the runtime that waits.
///
/// The default is [`MioSelector`](super::MioSelector). Another one can be handed to the runtime's
/// `Builder`: to record or replay events, to inject faults, or to reach a system that mio does not.
///
/// # For implementers
///
/// * Everything here is called on the loop's own thread. Other threads reach the selector through
///   its [`Unpark`] and its [`Deregister`] only.
/// * **Edges.** After a registration the state at that moment is reported once, and from then on
///   every *change* towards ready. Reporting the same state again is allowed and costs a needless
///   attempt; omitting a change makes a task wait for ever.
/// * A hang-up or an error is reported whatever the interest was.
/// * Events of a source that has been deregistered are recognised by their tokens and ignored.
///
/// # For callers
///
/// A source is registered once, and deregistered before it is closed unless
/// [`forgets_closed_sources`](Selector::forgets_closed_sources) says otherwise. The reactor does
/// both; nobody else should.
pub trait Selector {
    /// Starts to watch a source.
    ///
    /// # Errors
    ///
    /// [`AlreadyExists`](io::ErrorKind::AlreadyExists) if the source, or a forgotten duplicate of
    /// it, is being watched already; otherwise whatever the system says. Nothing is registered
    /// after an error.
    fn register(&self, source: &mut dyn Source, token: Token, interest: Interest)
    -> io::Result<()>;

    /// Changes the token and the interest of a source that is being watched.
    ///
    /// # Errors
    ///
    /// Whatever the system says.
    fn reregister(
        &self,
        source: &mut dyn Source,
        token: Token,
        interest: Interest,
    ) -> io::Result<()>;

    /// Stops watching a source.
    ///
    /// # Errors
    ///
    /// Whatever the system says; the source counts as deregistered nevertheless.
    fn deregister(&self, source: &mut dyn Source) -> io::Result<()>;

    /// Waits until a source is ready, [`Unpark::unpark`] is called, or the timeout is over.
    ///
    /// Appends what happened to `events`, which comes in empty. `None` waits without limit; zero
    /// looks without waiting. A timeout counts in nanoseconds and is never cut short by rounding;
    /// late is better than early. Returning without events and before the timeout is allowed, but
    /// costs a turn of the loop.
    ///
    /// # Errors
    ///
    /// [`Interrupted`](io::ErrorKind::Interrupted) is taken as a return without events. Any other
    /// error ends the loop.
    fn select(&mut self, events: &mut Vec<Event>, timeout: Option<Duration>) -> io::Result<()>;

    /// Returns the object by which other threads end a wait.
    fn unparker(&self) -> Arc<dyn Unpark>;

    /// Returns the object by which other threads end registrations.
    ///
    /// A source may be moved to another thread and dropped there. Without this object, the default,
    /// such a source is closed while it is being watched; the selector has to cope.
    fn deregistrar(&self) -> Option<Arc<dyn Deregister>> {
        None
    }

    /// Returns a descriptor that becomes readable when [`select`](Selector::select) would have
    /// something to report, an unpark included.
    ///
    /// By it the loop can be embedded in another one. The default is that there is none.
    fn descriptor(&self) -> Option<Descriptor> {
        None
    }

    /// Tells whether closing a descriptor for good also ends its registration, as epoll and kqueue
    /// do, which saves a system call for each connection.
    fn forgets_closed_sources(&self) -> bool {
        false
    }
}

/// Ends registrations from other threads.
pub trait Deregister: Send + Sync {
    /// Stops watching a source that is about to be closed, or given back, on this thread.
    ///
    /// Called while the loop's own thread may be inside of [`Selector::select`].
    ///
    /// # Errors
    ///
    /// Whatever the system says; the source counts as deregistered nevertheless.
    fn deregister(&self, source: &mut dyn Source) -> io::Result<()>;
}
