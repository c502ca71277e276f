//! Callbacks for descriptors that others own.

mod number;
mod table;
mod watcher;

use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::panic::Location;

use crate::context::Context;

use super::Direction;
use watcher::Callback;

/// Calls `callback` each time the loop finds a descriptor ready to be read.
///
/// The loop asks anew after each call, so the callback need not read everything: it is called again, in a
/// later pass of the loop, as long as something is left, and other tasks and descriptors have their turn in
/// between. It is also called when the peer has hung up or there is an error, and since that lasts, again and
/// again until it is [removed](remove_reader). Idle descriptors cost nothing.
///
/// The current loop watches the descriptor by its number and does not own it, nor need it be non-blocking;
/// but readiness is a hint that others may have used up, and a blocking read then blocks the loop. Remove
/// the callback **before** closing the descriptor: the number may come to mean another one. If it does
/// before it is removed, the callback is forgotten when the loop notices. (With a
/// [`PollSelector`](super::PollSelector) it cannot: poll(2) knows nothing but numbers, so the callback is
/// called for the new descriptor, which nobody else can register until the callback is removed.)
///
/// A second call for the same descriptor replaces the first callback, which is dropped. The callback may do
/// anything: remove or replace itself, add others, spawn tasks, stop the loop. If it panics, the loop's
/// exception handler hears of it, and it stays where it is. It runs with the [context
/// variables](crate::context) that were current when it was added, each time anew. When the loop closes, it
/// is dropped on the loop's thread.
///
/// # Errors
///
/// Outside of a loop ("there is no reactor running"), and when it closes; when there is no such descriptor;
/// [`PermissionDenied`](io::ErrorKind::PermissionDenied) for what the system cannot watch, such as regular
/// files; [`AlreadyExists`](io::ErrorKind::AlreadyExists) for a descriptor that the loop watches for
/// somebody else, such as a socket of the runtime or an [`AsyncFd`](super::AsyncFd). What was there before
/// an error stays; `callback` is dropped.
///
/// # Examples
///
/// ```
/// use std::cell::RefCell;
/// use std::io::{Read, Write};
/// use std::os::fd::AsRawFd;
/// use std::os::unix::net::UnixStream;
/// use std::rc::Rc;
///
/// use runtime::reactor::{add_reader, remove_reader};
///
/// # fn main() -> std::io::Result<()> {
/// let (mut ours, mut theirs) = UnixStream::pair()?;
/// let received = Rc::new(RefCell::new(Vec::new()));
/// runtime::run(async {
///     let (done, finished) = futures::channel::oneshot::channel();
///     let (mut done, received) = (Some(done), received.clone());
///     let number = ours.as_raw_fd();
///     add_reader(&number, move || {
///         let mut byte = [0];
///         match ours.read(&mut byte) {
///             Ok(1) => received.borrow_mut().push(byte[0]),
///             _ => {
///                 remove_reader(&number);
///                 done.take().map(|done| done.send(()));
///             }
///         }
///     })?;
///     theirs.write_all(b"abc")?;
///     drop(theirs);
///     finished.await.expect("the callback finds the end of the stream");
///     std::io::Result::Ok(())
/// })?;
/// assert_eq!(*received.borrow(), b"abc");
/// # Ok(())
/// # }
/// ```
#[track_caller]
pub fn add_reader(fd: &impl AsRawFd, callback: impl FnMut() + 'static) -> io::Result<()> {
    add(fd.as_raw_fd(), Direction::Read, Box::new(callback), Location::caller())
}

/// Calls `callback` each time the loop finds a descriptor ready to be written.
///
/// As [`add_reader`] for the other direction. A descriptor can have both. Most are writable nearly always,
/// so remove the callback when there is nothing to write.
///
/// # Errors
///
/// As for [`add_reader`].
///
/// # Examples
///
/// ```
/// use std::io::{Read, Write};
/// use std::os::fd::AsRawFd;
/// use std::os::unix::net::UnixStream;
///
/// use runtime::reactor::{add_writer, remove_writer};
///
/// # fn main() -> std::io::Result<()> {
/// let (mut ours, mut theirs) = UnixStream::pair()?;
/// runtime::run(async {
///     let (done, finished) = futures::channel::oneshot::channel();
///     let mut done = Some(done);
///     let number = ours.as_raw_fd();
///     add_writer(&number, move || {
///         remove_writer(&number);
///         let written = ours.write(b"hello");
///         done.take().map(|done| done.send(written));
///     })?;
///     assert_eq!(finished.await.expect("the socket is writable")?, 5);
///     std::io::Result::Ok(())
/// })?;
/// let mut buffer = [0; 5];
/// theirs.read_exact(&mut buffer)?;
/// assert_eq!(&buffer, b"hello");
/// # Ok(())
/// # }
/// ```
#[track_caller]
pub fn add_writer(fd: &impl AsRawFd, callback: impl FnMut() + 'static) -> io::Result<()> {
    add(fd.as_raw_fd(), Direction::Write, Box::new(callback), Location::caller())
}

/// Removes the callback that [`add_reader`] has set for a descriptor in the current loop; returns whether
/// there was one.
///
/// It is not called again, and dropped before this function returns, or, if it is the caller, when it
/// returns itself.
pub fn remove_reader(fd: &impl AsRawFd) -> bool {
    table::remove(fd.as_raw_fd(), Direction::Read)
}

/// Removes the callback that [`add_writer`] has set for a descriptor in the current loop; returns whether
/// there was one.
///
/// As [`remove_reader`] for the other direction.
pub fn remove_writer(fd: &impl AsRawFd) -> bool {
    table::remove(fd.as_raw_fd(), Direction::Write)
}

fn add(
    number: RawFd,
    direction: Direction,
    call: Box<dyn FnMut()>,
    location: &'static Location<'static>,
) -> io::Result<()> {
    let context = Context::current();
    table::add(number, direction, Callback { call, context, location })
}
