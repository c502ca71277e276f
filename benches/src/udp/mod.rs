//! UDP on the loopback: one socket serves on one core, a load generator of our own keeps the other one busy.

mod load;

use std::net::UdpSocket;

use crate::{
    report::Metrics,
    tcp::{Load, Place, measure_with},
};

pub(crate) use self::load::exchange;

/// Room for a datagram, in bytes.
pub(crate) const BUFFER: usize = 2048;

/// Starts the load, serves it on this thread, and prints the record from another one, which ends the process.
pub(crate) fn measure(
    load: Load,
    serve: fn(UdpSocket) -> !,
    done: impl FnOnce(Metrics) + Send + 'static,
) -> ! {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
    let place = Place::of_port(socket.local_addr().expect("a socket has an address").port());
    measure_with(load, &place, move || serve(socket), done)
}
