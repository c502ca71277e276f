//! What does a message over a Unix socket cost the server, and how long does it take?

use super::{
    Done,
    tcp::{adjust, echo},
};
use crate::{peer::Peer, plan::Plan, tcp::Load, unix};

/// Finds a scenario that the runtime takes part in.
pub(crate) fn find<P: Peer>(name: &str) -> Option<fn(Plan, Done) -> !> {
    P::locals()?;
    Some(match name {
        "unix-echo-1" => |plan, done| serve::<P>(plan, done, echo(1, 64, 30_000)),
        "unix-echo-64" => |plan, done| serve::<P>(plan, done, echo(64, 64, 200_000)),
        _ => return None,
    })
}

fn serve<P: Peer>(plan: Plan, done: Done, load: Load) -> ! {
    let server = P::locals().expect("it was there when the scenario was found");
    unix::measure(adjust(load, plan), server, done)
}
