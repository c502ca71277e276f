//! What does a datagram cost the server: one from each of many clients, and many from each of a few?

use std::net::UdpSocket;

use super::Done;
use crate::{
    peer::Peer,
    plan::Plan,
    tcp::{Load, Talk},
    udp,
};

/// Finds a scenario that the runtime takes part in.
pub(crate) fn find<P: Peer>(name: &str) -> Option<fn(Plan, Done) -> !> {
    match name {
        "udp-echo-64" if P::datagrams().is_some() => {
            Some(|plan, done| serve(plan, done, P::datagrams(), 64, 1))
        }
        "udp-echo-batches" if P::batches().is_some() => {
            Some(|plan, done| serve(plan, done, P::batches(), 4, 32))
        }
        _ => None,
    }
}

fn serve(
    plan: Plan,
    done: Done,
    server: Option<fn(UdpSocket) -> !>,
    connections: usize,
    window: usize,
) -> ! {
    let (messages, warm_up) = match plan.ops {
        Some(messages) => (messages, (connections * window) as u64),
        None => (200_000 / plan.share, 20_000 / plan.share),
    };
    let talk = Talk::Datagrams;
    let load = Load { talk, connections, window, bytes: 64, messages, warm_up };
    udp::measure(load, server.expect("it was there when the scenario was found"), done)
}
