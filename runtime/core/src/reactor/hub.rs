//! What the sources of one reactor share with it, on any thread.

use std::fmt;
use std::io;
use std::sync::Arc;

use crate::current::LoopId;
use crate::sync::{AtomicUsize, Ordering};

use super::{Deregister, Interest, Rearm, Source, Token, Unpark};

/// What the sources of one reactor share with it, on any thread.
pub(super) struct Hub {
    pub(super) id: LoopId,
    pub(super) unparker: Arc<dyn Unpark>,
    deregistrar: Option<Arc<dyn Deregister>>,
    rearmer: Option<Arc<dyn Rearm>>,
    /// How many sources have somebody waiting behind their lock, where the loop has to look for
    /// them after an event.
    crowded: AtomicUsize,
}

impl Hub {
    pub(super) fn new(
        id: LoopId,
        unparker: Arc<dyn Unpark>,
        deregistrar: Option<Arc<dyn Deregister>>,
        rearmer: Option<Arc<dyn Rearm>>,
    ) -> Hub {
        Hub { id, unparker, deregistrar, rearmer, crowded: AtomicUsize::new(0) }
    }

    /// Ends the registration of a source from any thread.
    pub(super) fn deregister(&self, source: &mut dyn Source) -> io::Result<()> {
        match &self.deregistrar {
            Some(deregistrar) => deregistrar.deregister(source),
            None => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// Tells whether the selector has to be told of everybody who waits.
    pub(super) fn has_rearmer(&self) -> bool {
        self.rearmer.is_some()
    }

    /// Tells the selector, if it wants to know, what somebody is about to wait for.
    pub(super) fn rearm(&self, token: Token, interest: Interest) {
        if let Some(rearmer) = &self.rearmer {
            rearmer.rearm(token, interest);
        }
    }

    /// Tells whether any source has somebody waiting behind its lock.
    #[inline]
    pub(super) fn is_crowded(&self) -> bool {
        self.crowded.load(Ordering::Relaxed) != 0
    }

    pub(super) fn add_crowded(&self) {
        self.crowded.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn remove_crowded(&self) {
        self.crowded.fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").field("id", &self.id).field("crowded", &self.crowded).finish()
    }
}
