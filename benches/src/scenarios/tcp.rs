//! What does a message cost the server, and how long does it take?

use super::Done;
use crate::{
    peer::Peer,
    plan::Plan,
    tcp::{self, Load, Talk},
};

/// Finds a load by the scenario's name.
pub(crate) fn find<P: Peer>(name: &str) -> Option<fn(Plan, Done) -> !> {
    Some(match name {
        "tcp-echo-1" => |plan, done| serve::<P>(plan, done, echo(1, 64, 30_000)),
        "tcp-echo-64" => |plan, done| serve::<P>(plan, done, echo(64, 64, 200_000)),
        "tcp-echo-1024" => |plan, done| serve::<P>(plan, done, echo(1024, 64, 200_000)),
        "tcp-echo-16k" => |plan, done| serve::<P>(plan, done, echo(64, 16 << 10, 100_000)),
        "tcp-connect" => |plan, done| serve::<P>(plan, done, load(Talk::Connect, 1, 64, 15_000)),
        "tcp-bulk" => |plan, done| serve::<P>(plan, done, load(Talk::Bulk, 1, 64 << 10, 50_000)),
        _ => return None,
    })
}

pub(super) fn echo(connections: usize, bytes: usize, messages: u64) -> Load {
    load(Talk::Echo, connections, bytes, messages)
}

fn load(talk: Talk, connections: usize, bytes: usize, messages: u64) -> Load {
    Load { talk, connections, window: 1, bytes, messages, warm_up: messages / 10 }
}

/// Fits a load to the plan.
pub(super) fn adjust(mut load: Load, plan: Plan) -> Load {
    load.messages /= plan.share;
    load.warm_up /= plan.share;
    if let Some(messages) = plan.ops {
        // Counting instructions: the same number of messages before the meters start, whatever the size.
        load.messages = messages;
        load.warm_up = load.connections as u64;
    }
    load
}

fn serve<P: Peer>(plan: Plan, done: Done, load: Load) -> ! {
    tcp::measure(adjust(load, plan), P::serve, done)
}
