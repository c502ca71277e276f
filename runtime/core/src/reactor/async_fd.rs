//! Readiness of any file descriptor.

mod guard;

use std::fmt;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::task::{Context, Poll, ready};

use mio::event;
use mio::unix::SourceFd;

pub use guard::{AsyncFdReadyGuard, AsyncFdReadyMutGuard, TryIoError};

use super::scope::Snapshot;
use super::{Direction, Interest, Ready, Registered};

/// Readiness of any file descriptor: sockets, pipes, terminals, timers, watches, devices.
///
/// Registers the descriptor of a `T` with the current loop, and tells when it can be read or
/// written. What the calls are is up to you; they should not block, so put the descriptor in
/// non-blocking mode first.
///
/// Readiness is a guess that only a call can confirm, and it has to be cleared when a call would
/// have blocked, for the system reports changes only. The guards do that: wait for one, and make
/// the call by its [`try_io`](AsyncFdReadyGuard::try_io). [`async_io`](AsyncFd::async_io) does all
/// of it.
///
/// The descriptor has to stay the same as long as it is registered, whatever is done to the `T`.
/// Dropping this object ends the registration and then drops the `T`.
///
/// # Examples
///
/// Waiting for a line from another process, or here from another thread:
///
/// ```
/// use std::io::{self, Read, Write};
/// use std::os::unix::net::UnixStream;
///
/// use runtime::reactor::AsyncFd;
///
/// # fn main() -> io::Result<()> {
/// runtime::run(async {
///     let (mut ours, mut theirs) = UnixStream::pair()?;
///     ours.set_nonblocking(true)?;
///     let ours = AsyncFd::new(ours)?;
///     let writer = std::thread::spawn(move || theirs.write_all(b"hello\n"));
///
///     let mut buffer = [0; 64];
///     let length = loop {
///         let mut guard = ours.readable().await?;
///         match guard.try_io(|ours| ours.get_ref().read(&mut buffer)) {
///             Ok(outcome) => break outcome?,
///             Err(_would_block) => continue,
///         }
///     };
///     assert_eq!(&buffer[..length], b"hello\n");
///     writer.join().expect("the writer does not panic")?;
///     Ok(())
/// })
/// # }
/// ```
pub struct AsyncFd<T: AsFd> {
    registered: Registered<Descriptor<T>>,
}

/// Makes a source of anything with a descriptor.
struct Descriptor<T>(T);

impl<T: AsFd> AsyncFd<T> {
    /// Registers a descriptor with the current loop, for reading and writing.
    ///
    /// # Errors
    ///
    /// Outside of a loop ("there is no reactor running");
    /// [`PermissionDenied`](io::ErrorKind::PermissionDenied) for what the system cannot watch, such
    /// as regular files; [`AlreadyExists`](io::ErrorKind::AlreadyExists) when the descriptor is
    /// registered already; when the system runs out of memory or watches.
    pub fn new(inner: T) -> io::Result<AsyncFd<T>> {
        AsyncFd::with_interest(inner, Interest::READABLE | Interest::WRITABLE)
    }

    /// Registers a descriptor with the current loop, for `interest` only.
    ///
    /// # Errors
    ///
    /// As for [`new`](AsyncFd::new).
    pub fn with_interest(inner: T, interest: Interest) -> io::Result<AsyncFd<T>> {
        let registered = Registered::with_interest(Descriptor(inner), interest)?;
        Ok(AsyncFd { registered })
    }

    /// Borrows the object.
    pub fn get_ref(&self) -> &T {
        &self.registered.get_ref().0
    }

    /// Borrows the object exclusively; its descriptor has to stay the same.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.registered.source_mut().0
    }

    /// Ends the registration and gives the object back.
    pub fn into_inner(self) -> T {
        // A registration that cannot be ended is harmless: its events are recognised and ignored.
        let (descriptor, _) = self.registered.take_apart();
        descriptor.0
    }

    /// Waits until there is something to read.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    pub async fn readable(&self) -> io::Result<AsyncFdReadyGuard<'_, T>> {
        self.ready(Interest::READABLE).await
    }

    /// Waits until there is something to read, for a guard that borrows exclusively.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    pub async fn readable_mut(&mut self) -> io::Result<AsyncFdReadyMutGuard<'_, T>> {
        self.ready_mut(Interest::READABLE).await
    }

    /// Waits until there is room to write.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    pub async fn writable(&self) -> io::Result<AsyncFdReadyGuard<'_, T>> {
        self.ready(Interest::WRITABLE).await
    }

    /// Waits until there is room to write, for a guard that borrows exclusively.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    pub async fn writable_mut(&mut self) -> io::Result<AsyncFdReadyMutGuard<'_, T>> {
        self.ready_mut(Interest::WRITABLE).await
    }

    /// Waits until the system has reported something of `interest`, an error, or a hang-up.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    pub async fn ready(&self, interest: Interest) -> io::Result<AsyncFdReadyGuard<'_, T>> {
        let seen = self.registered.snapshot(interest).await?;
        Ok(AsyncFdReadyGuard::new(self, interest, seen))
    }

    /// Waits until the system has reported something of `interest`, for a guard that borrows
    /// exclusively.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost.
    pub async fn ready_mut(
        &mut self,
        interest: Interest,
    ) -> io::Result<AsyncFdReadyMutGuard<'_, T>> {
        let seen = self.registered.snapshot(interest).await?;
        Ok(AsyncFdReadyMutGuard::new(self, interest, seen))
    }

    /// Waits until there is something to read; only the last task to poll is called.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    pub fn poll_read_ready<'a>(
        &'a self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyGuard<'a, T>>> {
        let seen = ready!(self.registered.poll_direction_snapshot(cx, Direction::Read))?;
        Poll::Ready(Ok(AsyncFdReadyGuard::new(self, Interest::READABLE, seen)))
    }

    /// Waits until there is something to read; only the last task to poll is called.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    pub fn poll_read_ready_mut<'a>(
        &'a mut self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyMutGuard<'a, T>>> {
        let seen = ready!(self.registered.poll_direction_snapshot(cx, Direction::Read))?;
        Poll::Ready(Ok(AsyncFdReadyMutGuard::new(self, Interest::READABLE, seen)))
    }

    /// Waits until there is room to write; only the last task to poll is called.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    pub fn poll_write_ready<'a>(
        &'a self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyGuard<'a, T>>> {
        let seen = ready!(self.registered.poll_direction_snapshot(cx, Direction::Write))?;
        Poll::Ready(Ok(AsyncFdReadyGuard::new(self, Interest::WRITABLE, seen)))
    }

    /// Waits until there is room to write; only the last task to poll is called.
    ///
    /// # Errors
    ///
    /// If the loop has been closed.
    pub fn poll_write_ready_mut<'a>(
        &'a mut self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<AsyncFdReadyMutGuard<'a, T>>> {
        let seen = ready!(self.registered.poll_direction_snapshot(cx, Direction::Write))?;
        Poll::Ready(Ok(AsyncFdReadyMutGuard::new(self, Interest::WRITABLE, seen)))
    }

    /// Calls `f` until it gets something, and waits for the descriptor to become ready in between.
    ///
    /// The first call is made at once.
    ///
    /// # Errors
    ///
    /// Whatever `f` fails with, except [`WouldBlock`](io::ErrorKind::WouldBlock); or that the loop
    /// has been closed.
    ///
    /// # Cancel safety
    ///
    /// `f` has not succeeded when the future is dropped before its end.
    pub async fn async_io<R>(
        &self,
        interest: Interest,
        mut f: impl FnMut(&T) -> io::Result<R>,
    ) -> io::Result<R> {
        self.registered.with_io(interest, |descriptor| f(&descriptor.0)).await
    }

    /// Calls `f` if the descriptor may be ready, and learns from a `WouldBlock`.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if the descriptor is known not to be ready, in
    /// which case `f` is not called, or if `f` fails so; whatever else `f` fails with; or that the
    /// loop has been closed.
    pub fn try_io<R>(
        &self,
        interest: Interest,
        f: impl FnOnce(&T) -> io::Result<R>,
    ) -> io::Result<R> {
        self.registered.try_io(interest, |descriptor| f(&descriptor.0))
    }

    fn settle(&self, interest: Interest, seen: Snapshot, ready: Ready) {
        self.registered.settle(interest, seen, ready);
    }
}

impl<T: AsFd> AsFd for AsyncFd<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.get_ref().as_fd()
    }
}

impl<T: AsFd> AsRawFd for AsyncFd<T> {
    fn as_raw_fd(&self) -> RawFd {
        self.as_fd().as_raw_fd()
    }
}

impl<T: AsFd + fmt::Debug> fmt::Debug for AsyncFd<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncFd").field("inner", self.get_ref()).finish()
    }
}

impl<T: AsFd> AsRawFd for Descriptor<T> {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_fd().as_raw_fd()
    }
}

impl<T: AsFd> event::Source for Descriptor<T> {
    fn register(
        &mut self,
        registry: &mio::Registry,
        token: mio::Token,
        interests: mio::Interest,
    ) -> io::Result<()> {
        SourceFd(&self.as_raw_fd()).register(registry, token, interests)
    }

    fn reregister(
        &mut self,
        registry: &mio::Registry,
        token: mio::Token,
        interests: mio::Interest,
    ) -> io::Result<()> {
        SourceFd(&self.as_raw_fd()).reregister(registry, token, interests)
    }

    fn deregister(&mut self, registry: &mio::Registry) -> io::Result<()> {
        SourceFd(&self.as_raw_fd()).deregister(registry)
    }
}
