//! Many datagrams by one call: recvmmsg(2), sendmmsg(2), and runs of datagrams that pass the kernel as one.
//!
//! * rustix has sendmmsg and no recvmmsg; that is quinn-udp's, which also reads what `UDP_GRO` tells. Its
//!   state sets options on the socket it is made of, as QUIC wants them, so it is made of a socket that
//!   nobody uses. It says nothing of datagrams that were cut off: each place has a byte too much, and one
//!   that is full was too small.
//! * quinn-udp sends runs too, but with a type of service of its own. So the control message of `UDP_SEGMENT`
//!   (Linux 4.18, udp(7)) is written out here, and sent by socket2.

use std::io::{self, IoSlice, IoSliceMut};
use std::sync::OnceLock;

use mio::net::UdpSocket;
use quinn_udp::{BATCH_SIZE, RecvMeta, UdpSocketState};
use rustix::io::Errno;
use rustix::net::addr::SocketAddrArg;
use rustix::net::{MMsgHdr, SendAncillaryBuffer, SendFlags};
use socket2::{Domain, MsgHdr, SockAddr, SockRef, Socket, Type};

use crate::udp::{RecvBatch, SendBatch, Slot};

/// What quinn-udp knows of the kernel; receiving reads nothing of it.
fn state() -> io::Result<&'static UdpSocketState> {
    static STATE: OnceLock<UdpSocketState> = OnceLock::new();
    if let Some(state) = STATE.get() {
        return Ok(state);
    }
    let nobodys = Socket::new(Domain::IPV4, Type::DGRAM, None)?;
    let state = UdpSocketState::new((&nobodys).into())?;
    Ok(STATE.get_or_init(|| state))
}

/// Has the kernel put datagrams of one sender and one length together before they are received (`UDP_GRO`,
/// Linux 5.0).
///
/// quinn-udp does that among other things, which are undone as far as there are calls to do so.
pub(crate) fn coalesce(socket: &Socket, of_ipv6: bool) -> io::Result<()> {
    use rustix::net::sockopt;

    let four = sockopt::ip_mtu_discover(socket)?;
    let six = of_ipv6.then(|| sockopt::ipv6_mtu_discover(socket)).transpose()?;
    UdpSocketState::new(socket.into())?;
    sockopt::set_ip_mtu_discover(socket, four)?;
    match six {
        Some(six) => {
            sockopt::set_ipv6_mtu_discover(socket, six)?;
            socket.set_recv_tclass_v6(false)
        }
        None => socket.set_recv_tos_v4(false),
    }
}

/// Receives into the free places of a batch; false if there are surely no more datagrams.
pub(crate) fn recv(socket: &UdpSocket, batch: &mut RecvBatch) -> io::Result<bool> {
    let (bytes, place, filled) = batch.free();
    let mut places = bytes.chunks_exact_mut(place);
    let asked = places.len().min(BATCH_SIZE);
    let mut bufs: [_; BATCH_SIZE] =
        std::array::from_fn(|_| IoSliceMut::new(places.next().unwrap_or_default()));
    let mut metas = [RecvMeta::default(); BATCH_SIZE];
    let count = state()?.recv(socket.into(), &mut bufs[..asked], &mut metas[..asked])?;
    filled.extend(metas[..count].iter().map(|meta| Slot {
        addr: meta.addr,
        len: meta.len.min(place - 1),
        stride: meta.stride,
        truncated: meta.len == place,
    }));
    Ok(count == asked)
}

/// Sends the first datagrams of a batch that is not empty, and tells how many.
pub(crate) fn send(socket: &UdpSocket, batch: &mut SendBatch) -> io::Result<usize> {
    let run = batch.run(0);
    if run > 1 {
        let size = batch.datagram(0).0.len();
        match send_run(socket, batch, run, size) {
            Err(error) if is_refusal(&error) => {
                let sent = send_one_by_one(socket, batch)?;
                // It is the run, then: the datagrams do not fit the packets of the way, or its device cannot
                // do it.
                batch.refuse_runs_from(size);
                return Ok(sent);
            }
            outcome => return outcome.map(|()| run),
        }
    }
    send_one_by_one(socket, batch)
}

fn is_refusal(error: &io::Error) -> bool {
    let number = Errno::from_io_error(error);
    matches!(number, Some(Errno::INVAL | Errno::IO | Errno::MSGSIZE | Errno::OPNOTSUPP))
}

fn send_run(socket: &UdpSocket, batch: &SendBatch, run: usize, size: usize) -> io::Result<()> {
    let control = Control::segments_of(size as u16);
    let bufs = [IoSlice::new(batch.joined(run))];
    let to = batch.datagram(0).1.map(SockAddr::from);
    let message = MsgHdr::new().with_buffers(&bufs).with_control(&control.0);
    let message = match &to {
        Some(to) => message.with_addr(to),
        None => message,
    };
    SockRef::from(socket).sendmsg(&message, 0).map(drop)
}

/// Sends datagrams with one call, up to where a run begins.
fn send_one_by_one(socket: &UdpSocket, batch: &SendBatch) -> io::Result<usize> {
    let most = batch.len().min(BATCH_SIZE);
    let count = (1..most).find(|n| batch.run(*n) > 1).unwrap_or(most);
    let list: Vec<_> = (0..count)
        .map(|n| {
            let (data, to) = batch.datagram(n);
            ([IoSlice::new(data)], to.as_ref().map(SocketAddrArg::as_any))
        })
        .collect();
    let mut nothing: Vec<_> = list.iter().map(|_| SendAncillaryBuffer::default()).collect();
    let mut messages: Vec<_> = list
        .iter()
        .zip(&mut nothing)
        .map(|((data, to), nothing)| match to {
            Some(to) => MMsgHdr::new_with_addr(to, data, nothing),
            None => MMsgHdr::new(data, nothing),
        })
        .collect();
    Ok(rustix::net::sendmmsg(socket, &mut messages, SendFlags::empty())?)
}

/// A control message, as cmsg(3) lays it out.
struct Control([u8; Control::SPACE]);

impl Control {
    /// The length of all and two numbers; the content begins at a multiple of a word's length.
    const HEADER: usize = size_of::<usize>() + 2 * size_of::<libc::c_int>();
    const LEN: usize = Control::HEADER + size_of::<u16>();
    const SPACE: usize = Control::LEN.next_multiple_of(size_of::<usize>());

    /// Tells to cut a message into datagrams of so many bytes.
    fn segments_of(size: u16) -> Control {
        let mut bytes = [0; Control::SPACE];
        let content = Control::LEN.to_ne_bytes().into_iter();
        let content = content.chain(libc::SOL_UDP.to_ne_bytes());
        let content = content.chain(libc::UDP_SEGMENT.to_ne_bytes());
        for (to, from) in bytes.iter_mut().zip(content.chain(size.to_ne_bytes())) {
            *to = from;
        }
        Control(bytes)
    }
}
