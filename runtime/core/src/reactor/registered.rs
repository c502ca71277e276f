//! A source of events and its registration.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use crate::current;

use super::entry::Entry;
use super::protocol::{drained, try_attempt};
use super::scope::{Scope, Snapshot};
use super::wait::{PolledWait, QueuedWait};
use super::{Direction, Interest, Ready, Source, errors};

/// A source of events and its registration with the loop it was created in.
///
/// This is what sockets, pipes and everything else that waits for the system are built on. `S` is
/// a non-blocking [`Source`]; all methods borrow it shared, so several tasks may use it at once.
/// There is no way to borrow it exclusively, which is what keeps the registration true.
///
/// # Trying first
///
/// `poll_io`, `with_io`, `try_io` and their like make the call first and wait only if it would
/// have blocked, so most operations are one system call. `ready`, `readable`, `writable`,
/// `poll_read_ready` and `poll_write_ready` wait until the system has reported something; it does
/// so once on registration. A socket that connects becomes writable when the connect has ended.
///
/// # Threads and lifetimes
///
/// A registered source is `Send` and `Sync` when `S` is. It may be used and dropped on any thread
/// and in any loop; its events always come by the loop it was created in. When that loop is
/// closed, all operations on the source fail, those that wait included.
///
/// # Examples
///
/// A UDP socket in ten lines:
///
/// ```
/// use std::io;
///
/// use runtime::reactor::{Interest, Registered};
///
/// async fn receive(socket: &Registered<mio::net::UdpSocket>) -> io::Result<Vec<u8>> {
///     let mut buffer = vec![0; 1500];
///     let length = socket.with_io(Interest::READABLE, |socket| socket.recv(&mut buffer)).await?;
///     buffer.truncate(length);
///     Ok(buffer)
/// }
///
/// # fn main() -> io::Result<()> {
/// runtime::run(async {
///     let socket = mio::net::UdpSocket::bind("127.0.0.1:0".parse().expect("an address"))?;
///     socket.connect(socket.local_addr()?)?;
///     let socket = Registered::new(socket)?;
///     socket.with_io(Interest::WRITABLE, |socket| socket.send(b"to myself")).await?;
///     assert_eq!(receive(&socket).await?, b"to myself");
///     Ok(())
/// })
/// # }
/// ```
pub struct Registered<S: Source> {
    /// None only while being taken apart.
    io: Option<S>,
    pub(super) entry: Arc<Entry>,
}

impl<S: Source> Registered<S> {
    /// Registers a source with the current loop, for reading and writing.
    ///
    /// The source has to be non-blocking.
    ///
    /// # Errors
    ///
    /// Outside of a loop ("there is no reactor running"); for what the system cannot watch, such
    /// as regular files; when a descriptor is registered twice; when the system runs out of
    /// memory or watches.
    pub fn new(io: S) -> io::Result<Registered<S>> {
        Registered::with_interest(io, Interest::READABLE | Interest::WRITABLE)
    }

    /// Registers a source with the current loop, for `interest` only.
    ///
    /// Waiting for anything else than `interest`, errors and hang-ups later may take for ever.
    ///
    /// # Errors
    ///
    /// As for [`new`](Registered::new).
    pub fn with_interest(io: S, interest: Interest) -> io::Result<Registered<S>> {
        Registered::register(io, interest, false).map_err(|(_, error)| error)
    }

    /// Registers a source that, when dropped, closes the only descriptor of its kind.
    ///
    /// Where closing ends a registration, as on Linux and the BSDs, dropping this one saves the
    /// system call that would end it explicitly. Meant for sockets that a library makes and owns.
    /// If the descriptor has a duplicate nevertheless, the loop keeps hearing, and ignoring, the
    /// events of that one.
    ///
    /// # Errors
    ///
    /// As for [`new`](Registered::new).
    pub fn closing(io: S, interest: Interest) -> io::Result<Registered<S>> {
        Registered::register(io, interest, true).map_err(|(_, error)| error)
    }

    /// Registers a source, or gives it back.
    #[inline(always)]
    pub(super) fn register(
        mut io: S,
        interest: Interest,
        closing: bool,
    ) -> Result<Registered<S>, (S, io::Error)> {
        let registration =
            current::with_current_held(|local| local.reactor.register(&mut io, interest, closing));
        match registration.unwrap_or_else(|| Err(errors::no_loop())) {
            Ok(entry) => Ok(Registered { io: Some(io), entry }),
            Err(error) => Err((io, error)),
        }
    }

    /// Borrows the source.
    ///
    /// Calls made on it directly do not wait, and readiness does not learn from their outcome:
    /// after a `WouldBlock` here, the next wait may end at once. Prefer
    /// [`try_io`](Registered::try_io).
    #[inline]
    pub fn get_ref(&self) -> &S {
        self.io.as_ref().expect("the source is there until it is taken or dropped")
    }

    /// Ends the registration and gives the source back.
    ///
    /// # Errors
    ///
    /// If the system refuses, or, away from the loop's thread, if its selector cannot be reached
    /// from there; the source is dropped then.
    pub fn into_inner(self) -> io::Result<S> {
        let (io, outcome) = self.take_apart();
        outcome.map(|()| io)
    }

    pub(super) fn take_apart(mut self) -> (S, io::Result<()>) {
        let mut io = self.io.take().expect("the source is there until it is taken or dropped");
        let outcome = self.deregister(&mut io);
        (io, outcome)
    }

    /// Borrows the source for one who leaves its descriptor alone.
    #[cfg_attr(not(unix), allow(dead_code))]
    pub(super) fn source_mut(&mut self) -> &mut S {
        self.io.as_mut().expect("the source is there until it is taken or dropped")
    }

    /// As [`try_io`](Registered::try_io), for one who leaves the source's descriptor alone.
    #[cfg_attr(not(unix), allow(dead_code))]
    pub(super) fn try_io_mut<R>(
        &mut self,
        interest: Interest,
        f: impl FnOnce(&mut S) -> io::Result<R>,
    ) -> io::Result<R> {
        let io = self.io.as_mut().expect("the source is there until it is taken or dropped");
        try_attempt(&self.entry, interest, || f(io), |_, _| Ready::EMPTY)
    }

    /// Records that `over`, a scope or a part of one, is over as of `seen`.
    #[cfg_attr(not(unix), allow(dead_code))]
    pub(super) fn settle(&self, seen: Snapshot, over: Scope) {
        self.entry.settle(over, seen, Ready::ALL);
    }

    /// Fails if the loop has been closed.
    #[cfg_attr(not(unix), allow(dead_code))]
    pub(super) fn check_open(&self) -> io::Result<()> {
        if self.entry.seen(Scope::READ).is_shut() { Err(errors::closed()) } else { Ok(()) }
    }

    // Waiting as part of a poll function.

    /// Calls `f` if the source may be ready, and waits if that would have blocked.
    ///
    /// If `f` fails with [`WouldBlock`](io::ErrorKind::WouldBlock), or is not worth calling, the
    /// current task is called when `direction` is ready again. Only the last task to poll a
    /// direction is; use [`with_io`](Registered::with_io) for several. Takes part in the
    /// cooperative budget: a source that is always ready yields to other tasks now and then.
    ///
    /// # Errors
    ///
    /// Whatever `f` fails with, except `WouldBlock`; or that the loop has been closed.
    #[inline]
    pub fn poll_io<R>(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
        f: impl FnOnce(&S) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        let wait = PolledWait { entry: &self.entry, direction };
        self.operate(cx, Scope::of_direction(direction), f, |_, _| Ready::EMPTY, wait)
    }

    /// Reads from a stream of bytes, or waits until there is something to read.
    ///
    /// As [`poll_io`](Registered::poll_io); `f` returns how many bytes it got of the `wanted` that
    /// fit the buffer, or all buffers together. If it got fewer, the source counts as drained, and
    /// the next read waits without another call. That holds for TCP and pipes. It does not hold for
    /// datagrams, nor for Unix sockets with ancillary data, where a read stops at a boundary: use
    /// `poll_io` for them. A stream of which the peer sends out-of-band data has such boundaries, too,
    /// but is known by it if it is registered for [`PRIORITY`](Interest::PRIORITY) as well.
    ///
    /// # Errors
    ///
    /// As for [`poll_io`](Registered::poll_io).
    #[inline]
    pub fn poll_read_io(
        &self,
        cx: &mut Context<'_>,
        wanted: usize,
        f: impl FnOnce(&S) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        let wait = PolledWait { entry: &self.entry, direction: Direction::Read };
        let over = |count: &usize, seen: Snapshot| drained(*count, wanted, seen.read.ready());
        self.operate(cx, Scope::READ, f, over, wait)
    }

    /// Reads from a stream of bytes, and waits for more at once if that has drained it.
    ///
    /// As [`poll_read_io`](Registered::poll_read_io); what comes with the number of bytes is whether the
    /// current task will be called when there is more to read. If so it need not read again only to be told
    /// to wait. It is never so for a task that waits here for the first time, nor on systems that do not tell
    /// readiness by its edges.
    ///
    /// # Errors
    ///
    /// As for [`poll_io`](Registered::poll_io).
    #[inline(always)]
    pub fn poll_read_io_ahead(
        &self,
        cx: &mut Context<'_>,
        wanted: usize,
        f: impl FnOnce(&S) -> io::Result<usize>,
    ) -> Poll<io::Result<(usize, bool)>> {
        let wait = PolledWait { entry: &self.entry, direction: Direction::Read };
        let over = |count: &usize, seen: Snapshot| drained(*count, wanted, seen.read.ready());
        self.operate_ahead(cx, Scope::READ, f, over, wait)
    }

    /// Writes to a stream of bytes, or waits until there is room.
    ///
    /// As [`poll_io`](Registered::poll_io); `f` returns how many of the `wanted` bytes it wrote. If
    /// fewer, the source counts as full, and the next write waits without another call. Not for
    /// datagrams.
    ///
    /// # Errors
    ///
    /// As for [`poll_io`](Registered::poll_io).
    #[inline]
    pub fn poll_write_io(
        &self,
        cx: &mut Context<'_>,
        wanted: usize,
        f: impl FnOnce(&S) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        let wait = PolledWait { entry: &self.entry, direction: Direction::Write };
        let over =
            |count: &usize, seen: Snapshot| drained(*count, wanted, seen.ready(Scope::WRITE));
        self.operate(cx, Scope::WRITE, f, over, wait)
    }

    /// Waits until the system has reported that there is something to read.
    ///
    /// Stays ready until a call by way of this object would have blocked. Only the last task to
    /// poll a direction is called.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    pub fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        self.poll_direction_ready(cx, Direction::Read)
    }

    /// Waits until the system has reported that there is room to write.
    ///
    /// Stays ready until a call by way of this object would have blocked. Only the last task to
    /// poll a direction is called.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    pub fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<Ready>> {
        self.poll_direction_ready(cx, Direction::Write)
    }

    fn poll_direction_ready(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
    ) -> Poll<io::Result<Ready>> {
        let seen = ready!(self.poll_direction_snapshot(cx, direction))?;
        Poll::Ready(Ok(seen.ready(Scope::of_direction(direction))))
    }

    // Waiting as a future.

    /// Waits until the system has reported something of `interest`, an error, or a hang-up.
    ///
    /// Any number of tasks may wait. Readiness stays until a call by way of
    /// [`try_io`](Registered::try_io) or the like would have blocked; to wait again without having
    /// made one ends at once.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    pub async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        let seen = self.snapshot(interest).await?;
        Ok(seen.ready(Scope::of_interest(interest)))
    }

    /// Waits until the system has reported that there is something to read.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    pub async fn readable(&self) -> io::Result<()> {
        self.ready(Interest::READABLE).await.map(drop)
    }

    /// Waits until the system has reported that there is room to write.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    pub async fn writable(&self) -> io::Result<()> {
        self.ready(Interest::WRITABLE).await.map(drop)
    }

    /// Calls `f` until it gets something, and waits for the source to become ready in between.
    ///
    /// Any number of tasks may do so at once. Takes part in the cooperative budget.
    ///
    /// # Errors
    ///
    /// Whatever `f` fails with, except `WouldBlock`; or that the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// `f` has not succeeded when the future is dropped before its end, so nothing is lost unless
    /// `f` does something before it fails.
    pub async fn with_io<R>(
        &self,
        interest: Interest,
        mut f: impl FnMut(&S) -> io::Result<R>,
    ) -> io::Result<R> {
        let scope = Scope::of_interest(interest);
        let mut wait = QueuedWait::new(&self.entry, interest);
        std::future::poll_fn(|cx| {
            self.operate(cx, scope, |io| f(io), |_, _| Ready::EMPTY, &mut wait)
        })
        .await
    }

    // Not waiting at all.

    /// Calls `f` if the source may be ready, and learns from a `WouldBlock`.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if the source is known not to be ready, in which
    /// case `f` is not called, or if `f` fails so; whatever else `f` fails with; or that the loop
    /// has been closed.
    pub fn try_io<R>(
        &self,
        interest: Interest,
        f: impl FnOnce(&S) -> io::Result<R>,
    ) -> io::Result<R> {
        self.try_operate(interest, f, |_, _| Ready::EMPTY)
    }

    /// Reads from a stream of bytes if there may be something to read.
    ///
    /// The parameters are those of [`poll_read_io`](Registered::poll_read_io).
    ///
    /// # Errors
    ///
    /// As for [`try_io`](Registered::try_io).
    pub fn try_read_io(
        &self,
        wanted: usize,
        f: impl FnOnce(&S) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let over = |count: &usize, seen: Snapshot| drained(*count, wanted, seen.read.ready());
        self.try_operate(Interest::READABLE, f, over)
    }

    /// Writes to a stream of bytes if there may be room.
    ///
    /// The parameters are those of [`poll_write_io`](Registered::poll_write_io).
    ///
    /// # Errors
    ///
    /// As for [`try_io`](Registered::try_io).
    pub fn try_write_io(
        &self,
        wanted: usize,
        f: impl FnOnce(&S) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let over =
            |count: &usize, seen: Snapshot| drained(*count, wanted, seen.ready(Scope::WRITE));
        self.try_operate(Interest::WRITABLE, f, over)
    }

    // The end.

    /// Ends the registration and gives the slot back, on whatever thread this is.
    fn deregister(&self, io: &mut S) -> io::Result<()> {
        self.entry.forget_number();
        let here = current::with_current_held(|local| {
            let ours = local.reactor.owns(&self.entry);
            ours.then(|| local.reactor.deregister(io, self.entry.token()))
        });
        match here.flatten() {
            Some(outcome) => outcome,
            None => {
                let outcome = self.entry.hub().deregister(io);
                self.release_remotely();
                outcome
            }
        }
    }

    /// Gives the slot back, the registration having ended or being about to by itself.
    fn release(&self) {
        self.entry.forget_number();
        let here = current::with_current(|local| {
            let ours = local.reactor.owns(&self.entry);
            if ours {
                local.reactor.release(self.entry.token());
            }
            ours
        });
        if here != Some(true) {
            self.release_remotely();
        }
    }

    #[cold]
    fn release_remotely(&self) {
        let token = self.entry.token();
        // If the loop has been closed, there is no slot any more.
        current::post_to(self.entry.hub().id, move |local| local.reactor.release(token));
    }
}

impl<S: Source> Drop for Registered<S> {
    fn drop(&mut self) {
        let Some(mut io) = self.io.take() else { return };
        if self.entry.is_closing() {
            self.release();
        } else {
            // What is gone already need not be ended.
            let _ = self.deregister(&mut io);
        }
    }
}

impl<S: Source + fmt::Debug> fmt::Debug for Registered<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registered")
            .field("io", &self.io)
            .field("token", &self.entry.token())
            .finish_non_exhaustive()
    }
}
