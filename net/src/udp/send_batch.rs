//! Many datagrams sent by one call.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll, ready};

use runtime_core::reactor::{Direction, Interest};
use runtime_core::task::coop;

use super::{Datagram, UdpSocket};
use crate::sys;

/// The most datagrams that one call makes of one run: 64 up to Linux 6.8, more later (`UDP_MAX_SEGMENTS`).
const MOST_OF_A_RUN: usize = 64;

/// The most bytes that one run may have: those of the longest datagram of IPv4.
const MOST_BYTES_OF_A_RUN: usize = 65_507;

/// Datagrams to send, by [`UdpSocket::send_batch`].
///
/// Holds a copy of each until it has been sent, and keeps the memory for the next ones. Datagrams of one
/// length to one address are sent fastest when they come one after the other: from Linux 4.18 on they pass
/// most of the system as one (`UDP_SEGMENT`).
///
/// # Examples
///
/// An echo server, see also [`RecvBatch`](super::RecvBatch):
///
/// ```no_run
/// use runtime::net::UdpSocket;
/// use runtime::net::udp::{RecvBatch, SendBatch};
///
/// # fn main() -> std::io::Result<()> {
/// # runtime::run(async {
/// let socket = UdpSocket::bind("127.0.0.1:7").await?;
/// let (mut received, mut answers) = (RecvBatch::new(32, 1500), SendBatch::new());
/// loop {
///     socket.recv_batch(&mut received).await?;
///     answers.extend(&received);
///     socket.send_batch(&mut answers).await?;
/// }
/// # })
/// # }
/// ```
#[derive(Default)]
pub struct SendBatch {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    /// How many entries have been sent, and where the bytes of the others begin.
    sent: usize,
    start: usize,
    /// The longest datagram that a run was refused for, if one was; there are none from that length on.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    refused: Option<usize>,
}

#[derive(Clone, Copy)]
struct Entry {
    end: usize,
    to: Option<SocketAddr>,
}

impl SendBatch {
    /// Makes an empty batch.
    pub fn new() -> SendBatch {
        SendBatch::default()
    }

    /// Makes an empty batch with memory for so many datagrams, and bytes of them all together.
    pub fn with_capacity(datagrams: usize, bytes: usize) -> SendBatch {
        let (bytes, entries) = (Vec::with_capacity(bytes), Vec::with_capacity(datagrams));
        SendBatch { bytes, entries, ..SendBatch::default() }
    }

    /// Adds a datagram to the address that the socket is connected to. It may be empty.
    pub fn push(&mut self, data: &[u8]) {
        self.add(data, None);
    }

    /// Adds a datagram to an address. It may be empty.
    pub fn push_to(&mut self, data: &[u8], target: SocketAddr) {
        self.add(data, Some(target));
    }

    fn add(&mut self, data: &[u8], to: Option<SocketAddr>) {
        self.bytes.extend_from_slice(data);
        self.entries.push(Entry { end: self.bytes.len(), to });
    }

    /// The number of datagrams that have not been sent yet.
    pub fn len(&self) -> usize {
        self.entries.len() - self.sent
    }

    /// Whether everything has been sent.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes out what has not been sent.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
        (self.sent, self.start) = (0, 0);
        // The next ones may go elsewhere.
        self.refused = None;
    }

    /// The n-th datagram of those not sent yet.
    pub(crate) fn datagram(&self, n: usize) -> (&[u8], Option<SocketAddr>) {
        let start = if n == 0 { self.start } else { self.entries[self.sent + n - 1].end };
        let entry = self.entries[self.sent + n];
        (&self.bytes[start..entry.end], entry.to)
    }

    /// How many datagrams from the n-th on can go as one: they have one address and one length; the last may
    /// be shorter.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    pub(crate) fn run(&self, n: usize) -> usize {
        let (first, to) = self.datagram(n);
        let size = first.len();
        if size == 0 || self.refused.is_some_and(|refused| size >= refused) {
            return 1;
        }
        let most = MOST_OF_A_RUN.min(MOST_BYTES_OF_A_RUN / size).min(self.len() - n);
        let mut count = 1;
        while count < most {
            let (data, address) = self.datagram(n + count);
            if address != to || data.is_empty() || data.len() > size {
                break;
            }
            count += 1;
            if data.len() < size {
                break;
            }
        }
        count
    }

    /// The bytes of the next `count` datagrams, one after the other.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    pub(crate) fn joined(&self, count: usize) -> &[u8] {
        &self.bytes[self.start..self.entries[self.sent + count - 1].end]
    }

    /// Notes that the system takes no runs of such long datagrams, to this destination at least.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    pub(crate) fn refuse_runs_from(&mut self, size: usize) {
        self.refused = Some(self.refused.map_or(size, |refused| refused.min(size)));
    }

    /// Takes out the first `count` datagrams of those not sent.
    fn advance(&mut self, count: usize) {
        self.sent += count;
        match self.sent.checked_sub(1).map(|last| self.entries[last].end) {
            Some(start) if !self.is_empty() => self.start = start,
            _ => self.clear(),
        }
    }

    /// Notes what has become of a call.
    fn note(&mut self, outcome: io::Result<usize>) -> io::Result<usize> {
        match &outcome {
            Ok(count) => self.advance(*count),
            // A refusal is the answer to a datagram that was sent before: none has been tried.
            Err(error) if is_of_another(error) => {}
            Err(_) => self.advance(1),
        }
        outcome
    }
}

/// Whether an error is not about the datagram that was to be sent.
fn is_of_another(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::ConnectionRefused)
}

impl<'a> Extend<Datagram<'a>> for SendBatch {
    /// Adds datagrams to those whom they came from.
    fn extend<I: IntoIterator<Item = Datagram<'a>>>(&mut self, datagrams: I) {
        for datagram in datagrams {
            self.push_to(datagram.data, datagram.addr);
        }
    }
}

impl fmt::Debug for SendBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries((0..self.len()).map(|n| self.datagram(n))).finish()
    }
}

/// Sending many datagrams at once.
impl UdpSocket {
    /// Sends the datagrams of a batch, and tells how many this call has sent, which is all of them.
    ///
    /// # Errors
    ///
    /// As [`send`](UdpSocket::send) and [`send_to`](UdpSocket::send_to). The datagram that the error is about
    /// is taken out of the batch, those before it have been sent, and those behind it are still there: to
    /// call this again sends them. [`ConnectionRefused`](io::ErrorKind::ConnectionRefused) is about a
    /// datagram that was sent before, and takes out none.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what is in the batch has not been sent, what has been sent is not in it.
    pub async fn send_batch(&self, batch: &mut SendBatch) -> io::Result<usize> {
        let mut total = 0;
        while !batch.is_empty() {
            coop::consume_budget().await;
            match self.try_send_batch(batch) {
                Ok(count) => total += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.io.writable().await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(total)
    }

    /// Sends the datagrams of a batch as far as there is room, and tells how many.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) when there is no room at all, else as
    /// [`send_batch`](UdpSocket::send_batch).
    pub fn try_send_batch(&self, batch: &mut SendBatch) -> io::Result<usize> {
        let mut total = 0;
        while !batch.is_empty() {
            let outcome = self.io.try_io(Interest::WRITABLE, |io| sys::batch::send(io, batch));
            match batch.note(outcome) {
                Ok(count) => total += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && total > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(total)
    }

    /// Polls to send all datagrams of a batch. Only the task that polled last is woken.
    ///
    /// # Errors
    ///
    /// As [`send_batch`](UdpSocket::send_batch).
    pub fn poll_send_batch(
        &self,
        cx: &mut Context<'_>,
        batch: &mut SendBatch,
    ) -> Poll<io::Result<()>> {
        while !batch.is_empty() {
            let sent = self.io.poll_io(cx, Direction::Write, |io| sys::batch::send(io, batch));
            batch.note(ready!(sent))?;
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(lengths: &[usize]) -> SendBatch {
        let mut batch = SendBatch::new();
        for length in lengths {
            batch.push(&vec![0; *length]);
        }
        batch
    }

    #[test]
    fn a_run_is_of_one_length_and_its_last_may_be_shorter() {
        assert_eq!(batch(&[8]).run(0), 1);
        assert_eq!(batch(&[8, 8, 8]).run(0), 3);
        assert_eq!(batch(&[8, 8, 3, 3]).run(0), 3);
        assert_eq!(batch(&[8, 9]).run(0), 1);
        assert_eq!(batch(&[8, 0]).run(0), 1, "an empty end would not be seen");
        assert_eq!(batch(&[0, 0]).run(0), 1);
        assert_eq!(batch(&[4, 8, 8]).run(1), 2);
        assert_eq!(batch(&[8; 100]).run(0), MOST_OF_A_RUN);
        assert_eq!(batch(&[30_000; 3]).run(0), 2);
        assert_eq!(batch(&[70_000; 2]).run(0), 1);
    }

    #[test]
    fn a_run_has_one_address() {
        let mut batch = batch(&[8]);
        batch.push_to(&[0; 8], ([127, 0, 0, 1], 1).into());
        batch.push_to(&[0; 8], ([127, 0, 0, 1], 1).into());
        batch.push_to(&[0; 8], ([127, 0, 0, 1], 2).into());
        assert_eq!((batch.run(0), batch.run(1), batch.run(3)), (1, 2, 1));
    }

    #[test]
    fn lengths_that_were_refused_are_not_tried_again_until_the_batch_is_empty() {
        let mut batch = batch(&[8, 8, 4, 4]);
        batch.refuse_runs_from(8);
        assert_eq!((batch.run(0), batch.run(2)), (1, 2));
        batch.advance(4);
        batch.push(&[0; 8]);
        batch.push(&[0; 8]);
        assert_eq!(batch.run(0), 2);
    }

    #[test]
    fn what_is_sent_is_taken_out() {
        let mut batch = batch(&[1, 2, 0, 3]);
        batch.advance(1);
        assert_eq!((batch.len(), batch.datagram(0).0.len(), batch.joined(2).len()), (3, 2, 2));
        batch.advance(2);
        batch.push(b"four");
        assert_eq!((batch.datagram(0).0.len(), batch.datagram(1).0), (3, &b"four"[..]));
        batch.advance(2);
        assert!(batch.is_empty() && batch.bytes.is_empty() && batch.entries.is_empty());
    }
}
