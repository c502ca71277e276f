//! UDP: sockets, and what to set before one is bound.

mod builder;
mod multicast;
mod options;
mod ready;
mod recv;
mod recv_batch;
mod send;
mod send_batch;
mod socket;
mod vectored;

#[cfg(any(target_os = "android", target_os = "linux"))]
mod linux;
#[cfg(target_os = "linux")]
mod offload;
#[cfg(not(any(target_os = "dragonfly", target_os = "netbsd", target_os = "openbsd")))]
mod source_specific;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

pub use self::builder::Builder;
pub use self::recv::Received;
pub(crate) use self::recv_batch::Slot;
pub use self::recv_batch::{Datagram, Datagrams, RecvBatch};
pub use self::send_batch::SendBatch;
pub use self::socket::UdpSocket;
