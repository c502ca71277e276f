//! How a message from another thread finds the server that it is for.
//!
//! A server lives on the thread of its loop and is not `Send`, so a handle to it carries a number, and each
//! loop keeps a list of its servers.

use std::cell::RefCell;
use std::io;
use std::rc::{Rc, Weak};

use runtime_core::reactor::{loop_local, try_loop_local};

/// What can be asked of any server.
pub(super) trait Control {
    fn start(self: Rc<Self>) -> io::Result<()>;
    fn close(&self);
    fn close_clients(&self);
    fn abort_clients(&self);
}

/// The servers of a loop.
#[derive(Default)]
struct Servers(RefCell<Vec<(u64, Weak<dyn Control>)>>);

/// Makes a server known under its number to the current loop.
pub(super) fn enter(id: u64, server: Weak<dyn Control>) {
    loop_local(|servers: &Servers| {
        let mut servers = servers.0.borrow_mut();
        servers.retain(|(_, server)| server.strong_count() > 0);
        servers.push((id, server));
    });
}

/// Finds a server of the current loop.
pub(super) fn find(id: u64) -> Option<Rc<dyn Control>> {
    let found = try_loop_local(|servers: &Servers| {
        let servers = servers.0.borrow();
        servers.iter().find(|(other, _)| *other == id).and_then(|(_, server)| server.upgrade())
    });
    found.flatten()
}

impl Drop for Servers {
    /// The loop closes: nobody will accept any more, so whoever knocks had better be told.
    fn drop(&mut self) {
        for (_, server) in self.0.take() {
            if let Some(server) = server.upgrade() {
                server.close();
            }
        }
    }
}
