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
/// The default is [`MioSelector`](super::MioSelector); on Unix there is `PollSelector` as well.
/// Another one can be handed to the runtime's `Builder`: to record or replay events, to inject
/// faults, or to reach a system that these do not. Most often it wraps one of them, and passes on
/// what it does not care about: *every* method then, for a default that replaces an answer of the
/// inner selector may make tasks wait for ever.
///
/// # What is watched for
///
/// A source is registered under a token and with an [`Interest`]; that is what its events are to
/// tell, in the words of [`Ready`]:
///
/// | interest | is satisfied by |
/// |---|---|
/// | `READABLE` | `READABLE`, `READ_CLOSED`: data, a connection to accept, the end of the stream |
/// | `WRITABLE` | `WRITABLE`, `WRITE_CLOSED`: room, the end of a connect, a peer that reads no more |
/// | `PRIORITY` | `PRIORITY`: out-of-band data and other exceptional conditions |
/// | `ERROR` | `ERROR`: nothing else |
///
/// A hang-up and an error are reported whatever the interest was: the former as `READ_CLOSED` and
/// `WRITE_CLOSED` together, the latter as `ERROR`, which ends the wait for any interest. Interests
/// are combined, also with `ERROR` alone, which asks for none of the rest. What a system has no word
/// for is never reported.
///
/// # Edges and levels
///
/// The reactor asks for **edges**. After a registration, and after a change of it, the state at that
/// moment is reported once, and from then on every *change* towards ready. Reporting the same
/// state again is allowed and costs a needless attempt. Omitting a change makes a task wait for ever.
///
/// A system that tells **levels**, as poll(2) does, would report a socket with room to write at
/// every look. A selector for it stops watching for what it has reported, and starts again when
/// somebody waits for it anew. To learn when that is, it returns a [`Rearm`] from
/// [`rearmer`](Selector::rearmer). Loops whose selector does not, pay nothing for the possibility.
///
/// # For implementers
///
/// * Everything here is called on the loop's own thread. Other threads reach the selector through
///   its [`Unpark`], its [`Deregister`] and its [`Rearm`] only.
/// * Events of a source that has been deregistered are recognised by their tokens and ignored.
///
/// # For callers
///
/// A source is registered once, and deregistered before it is closed unless
/// [`forgets_closed_sources`](Selector::forgets_closed_sources) says otherwise. The reactor does
/// both; nobody else should.
///
/// # Examples
///
/// A selector that counts how often the loop waits:
///
/// ```
/// use std::cell::Cell;
/// use std::io;
/// use std::rc::Rc;
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use runtime::reactor::{
///     Deregister, Descriptor, Event, Interest, MioSelector, Rearm, Selector, Source, Token, Unpark,
/// };
///
/// struct Counting<S> {
///     inner: S,
///     waits: Rc<Cell<u32>>,
/// }
///
/// impl<S: Selector> Selector for Counting<S> {
///     fn select(&mut self, events: &mut Vec<Event>, timeout: Option<Duration>) -> io::Result<()> {
///         self.waits.set(self.waits.get() + 1);
///         self.inner.select(events, timeout)
///     }
///
///     // The rest is passed on.
///     fn register(&self, source: &mut dyn Source, token: Token, interest: Interest) -> io::Result<()> {
///         self.inner.register(source, token, interest)
///     }
///
///     fn reregister(&self, source: &mut dyn Source, token: Token, interest: Interest) -> io::Result<()> {
///         self.inner.reregister(source, token, interest)
///     }
///
///     fn deregister(&self, source: &mut dyn Source) -> io::Result<()> {
///         self.inner.deregister(source)
///     }
///
///     fn unparker(&self) -> Arc<dyn Unpark> {
///         self.inner.unparker()
///     }
///
///     fn deregistrar(&self) -> Option<Arc<dyn Deregister>> {
///         self.inner.deregistrar()
///     }
///
///     fn rearmer(&self) -> Option<Arc<dyn Rearm>> {
///         self.inner.rearmer()
///     }
///
///     fn descriptor(&self) -> Option<Descriptor> {
///         self.inner.descriptor()
///     }
///
///     fn forgets_closed_sources(&self) -> bool {
///         self.inner.forgets_closed_sources()
///     }
/// }
///
/// # fn main() -> io::Result<()> {
/// let waits = Rc::new(Cell::new(0));
/// let selector = Counting { inner: MioSelector::new()?, waits: waits.clone() };
/// let rt = runtime::Builder::new().selector(selector).build()?;
/// rt.block_on(runtime::time::sleep(Duration::from_millis(1)));
/// assert!(waits.get() > 0);
/// # Ok(())
/// # }
/// ```
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
    /// What the source is ready for at this moment is reported again.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) if it is not being watched; otherwise whatever the
    /// system says.
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
    /// [`NotFound`](io::ErrorKind::NotFound) if it was not being watched; otherwise whatever the
    /// system says. The source counts as deregistered nevertheless.
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

    /// Returns the object that is to be told of everything that somebody waits for.
    ///
    /// For selectors that stop watching for what they have reported. The default, for those that
    /// report edges, is that there is none. Asked once, when the loop is built.
    fn rearmer(&self) -> Option<Arc<dyn Rearm>> {
        None
    }

    /// Returns a descriptor that becomes readable when [`select`](Selector::select) would have
    /// something to report, an unpark included.
    ///
    /// By it the loop can be embedded in another one. The default is that there is none. Asked once,
    /// when the loop is built.
    fn descriptor(&self) -> Option<Descriptor> {
        None
    }

    /// Tells whether closing a descriptor for good also ends its registration, as epoll and kqueue
    /// do, which saves a system call for each connection. Asked once, when the loop is built.
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

/// Starts to watch again for what has been reported and used up.
pub trait Rearm: Send + Sync {
    /// Watches a source for `interest`, besides what it is being watched for already.
    ///
    /// Called whenever somebody waits for `interest`, or has just found that a call would block, in
    /// both cases after learning so: whatever is there at this moment, or comes later, has to be
    /// reported once more. On any thread, perhaps while the loop's own is inside of
    /// [`Selector::select`], which has to take notice. A token that is not, or no longer,
    /// registered is to be ignored, and so is what the source was not registered for, errors aside.
    fn rearm(&self, token: Token, interest: Interest);
}
