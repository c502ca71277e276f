//! Many datagrams received by one call.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use runtime_core::reactor::Direction;
use runtime_core::task::coop;

use super::UdpSocket;
use crate::sys;

/// The longest that a datagram can be: what its length field can say (RFC 768).
const LONGEST: usize = 65_535;

/// Where [`UdpSocket::recv_batch`] puts datagrams.
///
/// The memory is allocated once, and used by every call.
///
/// # Examples
///
/// ```
/// use runtime::net::UdpSocket;
/// use runtime::net::udp::{RecvBatch, SendBatch};
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let sensors = UdpSocket::bind("127.0.0.1:0").await?;
///     let mut readings = SendBatch::new();
///     for reading in [b"21.5", b"21.6", b"21.4"] {
///         readings.push_to(reading, sensors.local_addr()?);
///     }
///     sensors.send_batch(&mut readings).await?;
///
///     let mut batch = RecvBatch::new(32, 1500);
///     assert_eq!(sensors.recv_batch(&mut batch).await?, 3);
///     for datagram in &batch {
///         println!("{} says {:?}", datagram.addr, datagram.data);
///     }
///     # assert_eq!(batch.iter().map(|datagram| datagram.data[3]).collect::<Vec<_>>(), b"564");
///     Ok(())
/// })
/// # }
/// ```
pub struct RecvBatch {
    /// A place of the same length for each slot, one after the other.
    bytes: Vec<u8>,
    /// The length of a place: of the longest datagram, and one byte that tells a longer one.
    place: usize,
    filled: Vec<Slot>,
}

/// What has been received into one place: a datagram, or several that the kernel has put together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) addr: SocketAddr,
    /// Bytes of the place that were filled.
    pub(crate) len: usize,
    /// The length of each datagram but the last one.
    pub(crate) stride: usize,
    /// Whether the last datagram was cut off.
    pub(crate) truncated: bool,
}

/// A datagram of a [`RecvBatch`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Datagram<'a> {
    /// What it says. May be empty.
    pub data: &'a [u8],
    /// Who sent it.
    pub addr: SocketAddr,
    /// Whether it was longer than there was room for. The rest of it is lost.
    pub truncated: bool,
}

impl RecvBatch {
    /// Makes room for so many datagrams, at least one, of so many bytes each, 65,535 at most.
    ///
    /// All of that memory is allocated at once. One system call receives 32 datagrams on Linux, and one
    /// elsewhere.
    ///
    /// # Panics
    ///
    /// If it is more memory than a `Vec` can have.
    pub fn new(datagrams: usize, bytes: usize) -> RecvBatch {
        let (datagrams, place) = (datagrams.max(1), bytes.min(LONGEST) + 1);
        RecvBatch {
            bytes: vec![0; datagrams.checked_mul(place).expect("capacity overflow")],
            place,
            filled: Vec::with_capacity(datagrams),
        }
    }

    /// The number of datagrams that the last call received.
    pub fn len(&self) -> usize {
        self.filled.iter().map(|slot| slot.len.div_ceil(slot.stride.max(1)).max(1)).sum()
    }

    /// Whether the last call received no datagram.
    pub fn is_empty(&self) -> bool {
        self.filled.is_empty()
    }

    /// Iterates over the datagrams in the order in which they arrived.
    pub fn iter(&self) -> Datagrams<'_> {
        Datagrams { batch: self, slot: 0, offset: 0 }
    }

    /// The number of datagrams that there is room for.
    fn places(&self) -> usize {
        self.bytes.len() / self.place
    }

    /// The places that are free, the length of each, and where to note what they were filled with.
    pub(crate) fn free(&mut self) -> (&mut [u8], usize, &mut Vec<Slot>) {
        let used = self.filled.len() * self.place;
        (&mut self.bytes[used..], self.place, &mut self.filled)
    }
}

impl fmt::Debug for RecvBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl<'a> IntoIterator for &'a RecvBatch {
    type Item = Datagram<'a>;
    type IntoIter = Datagrams<'a>;

    fn into_iter(self) -> Datagrams<'a> {
        self.iter()
    }
}

/// Iterates over the datagrams of a [`RecvBatch`].
#[derive(Clone, Debug)]
pub struct Datagrams<'a> {
    batch: &'a RecvBatch,
    slot: usize,
    offset: usize,
}

impl<'a> Iterator for Datagrams<'a> {
    type Item = Datagram<'a>;

    fn next(&mut self) -> Option<Datagram<'a>> {
        let slot = self.batch.filled.get(self.slot)?;
        let start = self.slot * self.batch.place;
        let whole = &self.batch.bytes[start..start + slot.len];
        let end = slot.len.min(self.offset + slot.stride);
        let data = &whole[self.offset..end];
        let last = end == slot.len;
        if last {
            (self.slot, self.offset) = (self.slot + 1, 0);
        } else {
            self.offset = end;
        }
        Some(Datagram { data, addr: slot.addr, truncated: last && slot.truncated })
    }
}

/// Receiving many datagrams at once.
impl UdpSocket {
    /// Receives what has arrived, as far as there is room in `batch`, and tells how many datagrams that were.
    ///
    /// Waits for the first datagram only. What was in the batch is thrown away.
    ///
    /// # Errors
    ///
    /// As [`recv`](UdpSocket::recv). What has been received before an error is returned first, and the error
    /// by the next call for a batch.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no datagram is lost.
    pub async fn recv_batch(&self, batch: &mut RecvBatch) -> io::Result<usize> {
        coop::consume_budget().await;
        loop {
            match self.try_recv_batch(batch) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.io.readable().await?;
                }
                outcome => return outcome,
            }
        }
    }

    /// Receives what has arrived, as far as there is room in `batch`.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when nothing has arrived, else as [`recv`](UdpSocket::recv).
    pub fn try_recv_batch(&self, batch: &mut RecvBatch) -> io::Result<usize> {
        batch.filled.clear();
        // Fewer than there is room for are all, as with the bytes of a stream.
        self.io.try_read_io(batch.places(), |io| self.receive(io, batch))?;
        Ok(batch.len())
    }

    /// Polls for datagrams, as [`recv_batch`](UdpSocket::recv_batch). Only the task that polled last is
    /// woken.
    ///
    /// # Errors
    ///
    /// As [`recv`](UdpSocket::recv).
    pub fn poll_recv_batch(
        &self,
        cx: &mut Context<'_>,
        batch: &mut RecvBatch,
    ) -> Poll<io::Result<usize>> {
        batch.filled.clear();
        let received = self.io.poll_io(cx, Direction::Read, |io| self.receive(io, batch));
        received.map_ok(|_| batch.len())
    }

    /// Receives until the batch is full or nothing is left, and tells how many places are filled.
    ///
    /// After an error that comes behind datagrams, there may be more of them: it counts as if all were
    /// filled.
    fn receive(&self, io: &mio::net::UdpSocket, batch: &mut RecvBatch) -> io::Result<usize> {
        if let Some(error) = self.late.lock().take() {
            return Err(error);
        }
        while batch.filled.len() < batch.places() {
            match sys::batch::recv(io, batch) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) if batch.filled.is_empty() => return Err(error),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => {
                    *self.late.lock() = Some(error);
                    return Ok(batch.places());
                }
            }
        }
        Ok(batch.filled.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(len: usize, stride: usize, truncated: bool) -> Slot {
        Slot { addr: ([127, 0, 0, 1], 1).into(), len, stride, truncated }
    }

    #[test]
    fn no_room_is_made_for_more_than_a_datagram_can_have() {
        let batch = RecvBatch::new(0, usize::MAX);
        assert_eq!((batch.places(), batch.bytes.len()), (1, LONGEST + 1));
        assert_eq!(RecvBatch::new(2, 0).places(), 2);
    }

    #[test]
    fn an_error_that_came_late_is_that_of_its_socket() -> io::Result<()> {
        runtime_core::Runtime::new()?.block_on(async {
            let (one, other) =
                (UdpSocket::bind("127.0.0.1:0").await?, UdpSocket::bind("127.0.0.1:0").await?);
            *one.late.lock() = Some(io::ErrorKind::ConnectionRefused.into());
            let mut batch = RecvBatch::new(2, 8);
            one.send_to(b"one", other.local_addr()?).await?;
            assert_eq!(other.recv_batch(&mut batch).await?, 1);
            let error = one.recv_batch(&mut batch).await.expect_err("it came late");
            assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
            Ok(())
        })
    }

    #[test]
    fn what_the_kernel_has_put_together_is_taken_apart() {
        let mut batch = RecvBatch::new(4, 7);
        for (index, byte) in batch.bytes.iter_mut().enumerate() {
            *byte = index as u8;
        }
        batch.filled = vec![slot(0, 0, false), slot(7, 3, true), slot(4, 4, false)];
        let list: Vec<_> = batch.iter().map(|one| (one.data, one.truncated)).collect();
        let expected: [(&[u8], bool); 5] = [
            (&[], false),
            (&[8, 9, 10], false),
            (&[11, 12, 13], false),
            (&[14], true),
            (&[16, 17, 18, 19], false),
        ];
        assert_eq!(list, expected);
        assert_eq!(batch.len(), 5);
    }
}
