//! One who listens: what has arrived for it, and whom to wake.

use std::collections::VecDeque;
use std::mem;
use std::task::{Context, Poll, Waker};

use libc::c_int;
use parking_lot::Mutex;
use runtime_core::Handle;

use super::info::SignalInfo;
use super::kind::SignalKind;

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
    /// About what has not been taken: the last signal, or as many as are kept apart.
    arrived: VecDeque<SignalInfo>,
    /// Whether nothing will arrive any more.
    closed: bool,
    waker: Option<Waker>,
    /// Who has waited last. It is only compared, as the task may be gone.
    waiter: Option<(usize, usize)>,
}

impl Listener {
    pub(super) fn new(signal: c_int, station: u64, home: Handle) -> Listener {
        Listener { signal, station, home, inbox: Mutex::default() }
    }

    /// Notes a signal; the waker that is returned is to be called once nothing is locked.
    #[must_use]
    pub(super) fn deliver(&self, info: SignalInfo) -> Option<(Waker, Handle)> {
        let mut inbox = self.inbox.lock();
        inbox.note(info, kept_apart(self.signal));
        self.with_home(inbox.waker.take())
    }

    /// Notes that there will be no more signals.
    #[must_use]
    pub(super) fn close(&self) -> Option<(Waker, Handle)> {
        let mut inbox = self.inbox.lock();
        inbox.closed = true;
        self.with_home(inbox.waker.take())
    }

    fn with_home(&self, waker: Option<Waker>) -> Option<(Waker, Handle)> {
        waker.map(|waker| (waker, self.home.clone()))
    }

    /// Whether there will be no more signals.
    pub(super) fn is_closed(&self) -> bool {
        self.inbox.lock().closed
    }

    /// Takes what has arrived, without waiting. `None` within if there will be no more.
    pub(super) fn take(&self) -> Poll<Option<SignalInfo>> {
        self.inbox.lock().take()
    }

    /// Takes what has arrived, or has the current task called. Nothing is cloned or dropped under the lock.
    ///
    /// `begins` is called when the task that waits is not the one that waited before.
    pub(super) fn poll(
        &self,
        cx: &mut Context<'_>,
        begins: impl FnOnce(),
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
        let waiter = Some((waker.data().addr(), std::ptr::from_ref(waker.vtable()).addr()));
        let (taken, again, _unused) = {
            let mut inbox = self.inbox.lock();
            match inbox.take() {
                Poll::Pending => {
                    let again = mem::replace(&mut inbox.waiter, waiter) == waiter;
                    (Poll::Pending, again, inbox.waker.replace(waker))
                }
                ready => (ready, true, Some(waker)),
            }
        };
        if !again {
            begins();
        }
        taken
    }
}

/// How many signals of a kind are told each by itself; the rest comes as one. The system queues real-time
/// signals, and no others.
fn kept_apart(signal: c_int) -> usize {
    if SignalKind::from_raw(signal).is_queued() { 1024 } else { 1 }
}

impl Inbox {
    fn note(&mut self, info: SignalInfo, limit: usize) {
        let full = self.arrived.len() == limit;
        if let (true, Some(last)) = (full, self.arrived.back_mut()) {
            *last = if limit == 1 { info } else { SignalInfo::UNKNOWN };
        } else {
            self.arrived.push_back(info);
        }
    }

    fn take(&mut self) -> Poll<Option<SignalInfo>> {
        match self.arrived.pop_front() {
            Some(info) => Poll::Ready(Some(info)),
            None if self.closed => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}
