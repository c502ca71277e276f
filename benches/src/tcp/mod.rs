//! Streams, over TCP on the loopback or over Unix sockets: the runtime serves on one core, a load generator
//! of our own keeps the other one busy.

mod connection;
mod load;
mod place;
mod server;

pub(crate) use self::connection::connection;
pub(crate) use self::load::{Load, Talk, report, tell_server};
pub(crate) use self::place::Place;
pub(crate) use self::server::{idle_connections, measure, measure_with};

/// What a server does with its connections.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Job {
    /// Sends back what arrives, through a buffer of so many bytes.
    Echo(usize),
    /// Throws away what arrives, through a buffer of so many bytes.
    Drain(usize),
}

impl Job {
    #[inline]
    pub(crate) fn buffer(self) -> usize {
        match self {
            Self::Echo(size) | Self::Drain(size) => size,
        }
    }

    #[inline]
    pub(crate) fn echoes(self) -> bool {
        matches!(self, Self::Echo(_))
    }
}
