//! Descriptors that travel with bytes (`SCM_RIGHTS`, unix(7)).

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use runtime_core::reactor::Interest;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage,
};
use rustix::{cmsg_space, net};

use super::{UnixDatagram, UnixStream, credentials, messages};

/// The most descriptors that one message can carry (`SCM_MAX_FD` of Linux).
const MOST: usize = 253;

/// What [`UnixStream::recv_fds`] or [`UnixDatagram::recv_fds`] has received.
#[derive(Debug)]
#[non_exhaustive]
pub struct ReceivedFds {
    /// How many bytes are in the buffer.
    pub len: usize,
    /// The descriptors, in the order in which they were sent. Programs that this process executes do not
    /// inherit them.
    pub fds: Vec<OwnedFd>,
    /// Whether the datagram was longer than the buffer, and its rest is lost. Never so with streams.
    pub truncated: bool,
    /// Whether more descriptors came than were asked for, or than the process may have; these have been
    /// closed.
    pub fds_truncated: bool,
}

fn send(socket: BorrowedFd<'_>, bytes: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<usize> {
    if fds.len() > MOST {
        let message = format!("{} descriptors in a message, which takes {MOST} at most", fds.len());
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(MOST))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let fits = fds.is_empty() || control.push(SendAncillaryMessage::ScmRights(fds));
    assert!(fits, "there is room for as many descriptors as can be sent");
    Ok(net::sendmsg(socket, &[IoSlice::new(bytes)], &mut control, messages::SEND)?)
}

fn receive(socket: BorrowedFd<'_>, buf: &mut [u8], most: usize) -> io::Result<ReceivedFds> {
    let most = most.min(MOST);
    let mut space = [MaybeUninit::uninit(); credentials::ROOM + cmsg_space!(ScmRights(MOST))];
    let room = if most == 0 { 0 } else { cmsg_space!(ScmRights(most)) };
    let mut control = RecvAncillaryBuffer::new(&mut space[..credentials::ROOM + room]);
    let bufs = &mut [IoSliceMut::new(buf)];
    let received = net::recvmsg(socket, bufs, &mut control, messages::RECEIVE)?;
    let mut fds = Vec::new();
    // What this loop does not take is closed as it goes, and what is left when it fails by `control`.
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = message {
            for fd in rights {
                messages::never_inherit(&fd)?;
                fds.push(fd);
            }
        }
    }
    // The system rounds the room up, and there may be some left of that for credentials.
    let surplus = fds.len() > most;
    fds.truncate(most);
    Ok(ReceivedFds {
        len: received.bytes,
        fds,
        truncated: received.flags.contains(ReturnFlags::TRUNC),
        fds_truncated: surplus || received.flags.contains(ReturnFlags::CTRUNC),
    })
}

/// Bytes with descriptors.
impl UnixStream {
    /// Sends bytes and descriptors along with the first of them; tells how many bytes were sent.
    ///
    /// The receiver gets duplicates, and the descriptors here stay open. If fewer bytes than all were sent,
    /// the descriptors are on their way all the same: send the rest without them.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for descriptors without a byte to go with, or more than
    /// 253 of them; else those of sendmsg(2), such as `ETOOMANYREFS` while too many are under way.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing has been sent when the future is dropped before its end.
    ///
    /// # Examples
    ///
    /// A connection handed over to another process:
    ///
    /// ```
    /// use std::os::fd::AsFd;
    /// use futures::{AsyncReadExt, AsyncWriteExt};
    /// use runtime::net::UnixStream;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let (front, worker) = UnixStream::pair()?;
    ///     let (mut client, connection) = UnixStream::pair()?;
    ///
    ///     front.send_fds(b"serve this", &[connection.as_fd()]).await?;
    ///     drop(connection);
    ///
    ///     let mut order = [0; 64];
    ///     let mut received = worker.recv_fds(&mut order, 1).await?;
    ///     let fd = received.fds.pop().ok_or(std::io::ErrorKind::InvalidData)?;
    ///     UnixStream::try_from(fd)?.write_all(b"done").await?;
    ///
    ///     let mut answer = String::new();
    ///     client.read_to_string(&mut answer).await?;
    ///     assert_eq!(answer, "done");
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub async fn send_fds(&self, bytes: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<usize> {
        demand_a_byte(bytes, fds)?;
        self.io.with_io(Interest::WRITABLE, |io| send(io.as_fd(), bytes, fds)).await
    }

    /// Sends bytes and descriptors if there is room.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no room, else as
    /// [`send_fds`](UnixStream::send_fds).
    pub fn try_send_fds(&self, bytes: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<usize> {
        demand_a_byte(bytes, fds)?;
        self.io.try_io(Interest::WRITABLE, |io| send(io.as_fd(), bytes, fds))
    }

    /// Receives bytes, and up to `most` descriptors that came with them; 0 bytes mean the end of the stream.
    ///
    /// One call receives the descriptors of one `send_fds`, and no bytes from beyond those. With an empty
    /// buffer it receives nothing, at once.
    ///
    /// # Errors
    ///
    /// Those of recvmsg(2).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing has been received when the future is dropped before its end.
    pub async fn recv_fds(&self, buf: &mut [u8], most: usize) -> io::Result<ReceivedFds> {
        if buf.is_empty() {
            return Ok(NOTHING);
        }
        self.io.with_io(Interest::READABLE, |io| receive(io.as_fd(), buf, most)).await
    }

    /// Receives bytes and descriptors if there are any.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when nothing has arrived, else as
    /// [`recv_fds`](UnixStream::recv_fds).
    pub fn try_recv_fds(&self, buf: &mut [u8], most: usize) -> io::Result<ReceivedFds> {
        if buf.is_empty() {
            return Ok(NOTHING);
        }
        self.io.try_io(Interest::READABLE, |io| receive(io.as_fd(), buf, most))
    }
}

const NOTHING: ReceivedFds =
    ReceivedFds { len: 0, fds: Vec::new(), truncated: false, fds_truncated: false };

/// On a stream, descriptors without a byte would vanish without a word.
fn demand_a_byte(bytes: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<()> {
    if bytes.is_empty() && !fds.is_empty() {
        let message = "descriptors on a stream need at least one byte to go with";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    Ok(())
}

/// Datagrams with descriptors.
impl UnixDatagram {
    /// Sends a datagram with descriptors to the peer it is connected to.
    ///
    /// The receiver gets duplicates, and the descriptors here stay open. The datagram may be empty.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for more than 253 descriptors; else those of sendmsg(2).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing has been sent when the future is dropped before its end.
    pub async fn send_fds(&self, bytes: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<usize> {
        self.io.with_io(Interest::WRITABLE, |io| send(io.as_fd(), bytes, fds)).await
    }

    /// Sends a datagram with descriptors if there is room.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no room, else as
    /// [`send_fds`](UnixDatagram::send_fds).
    pub fn try_send_fds(&self, bytes: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<usize> {
        self.io.try_io(Interest::WRITABLE, |io| send(io.as_fd(), bytes, fds))
    }

    /// Receives a datagram, and up to `most` descriptors that came with it.
    ///
    /// # Errors
    ///
    /// Those of recvmsg(2).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing has been received when the future is dropped before its end.
    pub async fn recv_fds(&self, buf: &mut [u8], most: usize) -> io::Result<ReceivedFds> {
        self.io.with_io(Interest::READABLE, |io| receive(io.as_fd(), buf, most)).await
    }

    /// Receives a datagram and descriptors if there is one.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when nothing has arrived, else as
    /// [`recv_fds`](UnixDatagram::recv_fds).
    pub fn try_recv_fds(&self, buf: &mut [u8], most: usize) -> io::Result<ReceivedFds> {
        self.io.try_io(Interest::READABLE, |io| receive(io.as_fd(), buf, most))
    }
}
