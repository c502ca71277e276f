//! UDP: sockets, and what to set before one is bound.

mod builder;
mod multicast;
mod options;
mod ready;
mod recv;
mod send;
mod socket;
mod vectored;

#[cfg(any(target_os = "android", target_os = "linux"))]
mod linux;
#[cfg(not(any(target_os = "dragonfly", target_os = "netbsd", target_os = "openbsd")))]
mod source_specific;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

pub use self::builder::Builder;
pub use self::recv::Received;
pub use self::socket::UdpSocket;
