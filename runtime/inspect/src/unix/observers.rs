//! Which loops are measured because clients want it.
//!
//! The first client of a loop switches that on and the last one off, unless the program had it on before.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use runtime_core::Handle;

use crate::ask;
use crate::protocol::Refusal;

/// The loops that clients have wanted to be measured.
#[derive(Debug, Default)]
pub(super) struct Observers {
    loops: Mutex<BTreeMap<u64, Arc<Observed>>>,
}

/// One of them.
#[derive(Debug)]
struct Observed {
    handle: Handle,
    /// Held while the loop is asked, so that whoever else wants something of this loop waits.
    clients: Mutex<Clients>,
}

#[derive(Debug, Default)]
struct Clients {
    count: usize,
    /// Whether it was us who switched it on.
    ours: bool,
}

impl Observers {
    /// Adds a client. The loop has to answer, for nobody else knows whether it is measured already.
    pub(super) fn add(&self, id: u64, handle: &Handle, timeout: Duration) -> Result<(), Refusal> {
        let observed = self.entry(id, handle);
        let mut clients = observed.clients.lock();
        if clients.count == 0 {
            let snapshot = ask::snapshot(&observed.handle, timeout)?;
            clients.ours = !snapshot.metrics.is_inspected();
            if clients.ours {
                ask::observe(&observed.handle, true);
            }
        }
        clients.count += 1;
        Ok(())
    }

    /// Removes a client that was added.
    pub(super) fn remove(&self, id: u64) {
        let found = self.loops.lock().get(&id).cloned();
        let Some(observed) = found else { return };
        let mut clients = observed.clients.lock();
        clients.count -= 1;
        if clients.count == 0 && clients.ours {
            ask::observe(&observed.handle, false);
        }
    }

    fn entry(&self, id: u64, handle: &Handle) -> Arc<Observed> {
        let mut loops = self.loops.lock();
        // What is closed comes back under no number.
        loops.retain(|_, observed| !observed.handle.is_closed());
        let new = || Observed { handle: handle.clone(), clients: Mutex::default() };
        loops.entry(id).or_insert_with(|| Arc::new(new())).clone()
    }
}
