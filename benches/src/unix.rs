//! Unix sockets: the streams of [`tcp`](crate::tcp) by another way.

use std::os::{
    linux::net::SocketAddrExt,
    unix::net::{SocketAddr, UnixListener},
};

use crate::{
    clock,
    report::Metrics,
    tcp::{Job, Load, Place, measure_with},
};

/// Starts the load, serves it on this thread, and prints the record from another one, which ends the process.
pub(crate) fn measure(
    load: Load,
    serve: fn(UnixListener, Job) -> !,
    done: impl FnOnce(Metrics) + Send + 'static,
) -> ! {
    clock::raise_file_limit();
    let name = format!("benches-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("it is short");
    let listener = UnixListener::bind_addr(&address).expect("nobody has the name of this process");
    measure_with(load, &Place::of_name(name), move || serve(listener, load.job()), done)
}
