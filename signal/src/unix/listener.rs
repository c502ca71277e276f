//! One who listens: what has arrived for it, and whom to wake.

use std::task::{Context, Poll, Waker};

use libc::c_int;
use parking_lot::Mutex;
use runtime_core::Handle;

use super::info::SignalInfo;

/// What the registry and a `Signal` share.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) signal: c_int,
    /// The loop whose station keeps it; see `station.rs`.
    pub(super) station: u64,
    /// The same loop, to be told if the handler is lost.
    pub(super) home: Handle,
    inbox: Mutex<Inbox>,
}

#[derive(Debug, Default)]
struct Inbox {
    /// About the last signal that has not been taken.
    arrived: Option<SignalInfo>,
    /// Whether nothing will arrive any more.
    closed: bool,
    waker: Option<Waker>,
}

impl Listener {
    pub(super) fn new(signal: c_int, station: u64, home: Handle) -> Listener {
        Listener { signal, station, home, inbox: Mutex::default() }
    }

    /// Notes a signal; the waker that is returned is to be called once nothing is locked.
    #[must_use]
    pub(super) fn deliver(&self, info: SignalInfo) -> Option<Waker> {
        let mut inbox = self.inbox.lock();
        inbox.arrived = Some(info);
        inbox.waker.take()
    }

    /// Notes that there will be no more signals.
    #[must_use]
    pub(super) fn close(&self) -> Option<Waker> {
        let mut inbox = self.inbox.lock();
        inbox.closed = true;
        inbox.waker.take()
    }

    /// Takes what has arrived, without waiting. `None` within if there will be no more.
    pub(super) fn take(&self) -> Poll<Option<SignalInfo>> {
        self.inbox.lock().take()
    }

    /// Takes what has arrived, or has the current task called. Nothing is cloned or dropped under the lock.
    ///
    /// `settled` is called when the task that waits is not the one that waited before.
    pub(super) fn poll(
        &self,
        cx: &mut Context<'_>,
        settled: impl FnOnce(),
    ) -> Poll<Option<SignalInfo>> {
        {
            let mut inbox = self.inbox.lock();
            let taken = inbox.take();
            let known = inbox.waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker()));
            if taken.is_ready() || known {
                return taken;
            }
        }
        let waker = cx.waker().clone();
        let (taken, _unused) = {
            let mut inbox = self.inbox.lock();
            match inbox.take() {
                Poll::Pending => (Poll::Pending, inbox.waker.replace(waker)),
                ready => (ready, Some(waker)),
            }
        };
        settled();
        taken
    }
}

impl Inbox {
    fn take(&mut self) -> Poll<Option<SignalInfo>> {
        match self.arrived.take() {
            Some(info) => Poll::Ready(Some(info)),
            None if self.closed => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}
