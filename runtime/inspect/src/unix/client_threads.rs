//! Who is connected, so that the idlest can be hung up on, and all of them in the end.

use std::collections::BTreeMap;
use std::io;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use parking_lot::Mutex;

/// The clients of a server.
#[derive(Debug)]
pub(super) struct Clients {
    most: usize,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    closed: bool,
    /// Grows by one with each client and each request, so it tells who has asked last.
    clock: u64,
    next: u64,
    seated: BTreeMap<u64, Seated>,
}

#[derive(Debug)]
struct Seated {
    stream: UnixStream,
    last_asked: u64,
}

impl Clients {
    pub(super) fn new(most: usize) -> Clients {
        Clients { most, table: Mutex::new(Table::default()) }
    }

    /// Counts a client, if need be in place of the one that has been silent for the longest time.
    pub(super) fn seat(self: &Arc<Clients>, stream: &UnixStream) -> io::Result<Seat> {
        let stream = stream.try_clone()?;
        let mut table = self.table.lock();
        if table.closed {
            return Err(io::ErrorKind::NotConnected.into());
        }
        if table.seated.len() >= self.most {
            table.hang_up_on_the_idlest();
        }
        table.clock += 1;
        table.next += 1;
        let (id, last_asked) = (table.next, table.clock);
        table.seated.insert(id, Seated { stream, last_asked });
        Ok(Seat { clients: self.clone(), id })
    }

    /// Hangs up on everybody, for good.
    pub(super) fn close(&self) {
        let mut table = self.table.lock();
        table.closed = true;
        for seated in std::mem::take(&mut table.seated).into_values() {
            seated.hang_up();
        }
    }
}

impl Table {
    fn hang_up_on_the_idlest(&mut self) {
        let idlest = self.seated.iter().min_by_key(|(_, seated)| seated.last_asked);
        if let Some((&id, _)) = idlest {
            if let Some(seated) = self.seated.remove(&id) {
                seated.hang_up();
            }
        }
    }
}

impl Seated {
    fn hang_up(self) {
        // Its thread sees the end of the stream.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

/// A client's place among the others, while its thread runs.
#[derive(Debug)]
pub(super) struct Seat {
    clients: Arc<Clients>,
    id: u64,
}

impl Seat {
    /// Notes that the client has asked something.
    pub(super) fn asked(&self) {
        let mut table = self.clients.table.lock();
        table.clock += 1;
        let now = table.clock;
        if let Some(seated) = table.seated.get_mut(&self.id) {
            seated.last_asked = now;
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let gone = self.clients.table.lock().seated.remove(&self.id);
        drop(gone);
    }
}
