//! A child that has to be reaped, shared by those who signal it, wait for it, and watch it.
//!
//! A pid belongs to a child until it is reaped, and to nobody, or to a stranger, afterwards. So there is one
//! place where children are reaped and one where they are signalled, [`Watched::try_reap`] and
//! [`Watched::kill`] with its kin, and both hold the same lock for as long as their system call takes. None
//! of these calls waits. Watchers only find out when to try.

use std::fmt;
use std::io;
use std::mem;
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;

use super::{children, gate, orphans};
use crate::sys::{self, PidFd};

/// A child process that has to be reaped; what a [`ChildWatcher`](super::ChildWatcher) is given.
///
/// Clones stand for the same child. If the last clone of one that has not been reaped is dropped, a thread of
/// this crate takes care of the child.
#[derive(Clone)]
pub struct Watched {
    shared: Arc<Shared>,
}

struct Shared {
    id: u32,
    state: Mutex<State>,
}

enum State {
    /// The pid is the child's, be it running or a zombie.
    Ours { child: Child, pidfd: Option<PidFd>, waiter: Option<Waker> },
    /// The child has been reaped here.
    Reaped(ExitStatus),
    /// The child cannot be waited for: most likely it has been reaped by others. The number of the error, if
    /// it has one.
    Lost(Option<i32>),
}

impl State {
    /// Sets the outcome, and returns who is to be told.
    fn end(&mut self, outcome: State) -> Option<Waker> {
        match mem::replace(self, outcome) {
            State::Ours { waiter, .. } => waiter,
            _ => None,
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let state = mem::replace(self.state.get_mut(), State::Lost(None));
        if let State::Ours { .. } = state {
            let shared = Arc::new(Shared { id: self.id, state: Mutex::new(state) });
            let child = Watched { shared };
            children::enter_again(std::ptr::from_ref(self).cast(), &child);
            orphans::adopt(child);
        }
    }
}

/// A child that may have been forgotten already.
pub(super) struct WeakWatched(Weak<Shared>);

impl WeakWatched {
    pub(super) fn upgrade(&self) -> Option<Watched> {
        self.0.upgrade().map(|shared| Watched { shared })
    }

    pub(super) fn is(&self, child: &Watched) -> bool {
        self.0.as_ptr() == Arc::as_ptr(&child.shared)
    }

    /// Whether it is of what was at an address, where nothing else can be as long as this exists.
    pub(super) fn was(&self, address: *const ()) -> bool {
        self.0.as_ptr().cast() == address
    }
}

impl Watched {
    pub(crate) fn new(child: Child) -> Watched {
        let id = child.id();
        Watched {
            shared: Arc::new(Shared {
                id,
                state: Mutex::new(State::Ours { child, pidfd: None, waiter: None }),
            }),
        }
    }

    /// The pid that the child has, or had until it was reaped.
    pub fn id(&self) -> u32 {
        self.shared.id
    }

    /// Reaps the child if it has ended, and tells whether there is nothing left to watch.
    ///
    /// It never waits. If the child has been reaped, now, earlier or by foreign code (`ECHILD`), it wakes who
    /// waits for the child, and returns true: the watcher is done with this child. May be called from any
    /// thread and any number of times.
    pub fn try_reap(&self) -> bool {
        self.try_reap_by(|child, pidfd| match pidfd {
            Some(pidfd) => pidfd.reap(child),
            None => child.try_wait(),
        })
    }

    /// As [`try_reap`](Watched::try_reap), with another call that reaps without waiting.
    pub(super) fn try_reap_by(
        &self,
        wait: impl FnOnce(&mut Child, Option<&PidFd>) -> io::Result<Option<ExitStatus>>,
    ) -> bool {
        let _hold = gate::hold();
        let waiter = {
            let mut state = self.shared.state.lock();
            let State::Ours { child, pidfd, .. } = &mut *state else { return true };
            let outcome = match wait(child, pidfd.as_ref()) {
                Ok(None) => return false,
                Ok(Some(status)) => State::Reaped(status),
                Err(error) => State::Lost(error.raw_os_error()),
            };
            state.end(outcome)
        };
        self.ended(waiter);
        true
    }

    /// The descriptor that stands for the child, by which it is reaped and signalled from now on. It is opened
    /// if there is none yet, and goes when the child is reaped and nobody else has it.
    ///
    /// Fails for a child that has been reaped, and when the system refuses.
    #[cfg_attr(
        not(any(target_os = "linux", target_os = "android")),
        allow(dead_code, unreachable_code)
    )]
    pub(crate) fn pidfd(&self) -> io::Result<PidFd> {
        let _hold = gate::hold();
        match &mut *self.shared.state.lock() {
            State::Ours { pidfd: Some(pidfd), .. } => Ok(pidfd.clone()),
            State::Ours { child, pidfd, .. } => Ok(pidfd.insert(PidFd::open(child.id())?).clone()),
            State::Reaped(_) | State::Lost(_) => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// Gives the child a status that it has been reaped with by whoever keeps the gate closed. The waker is
    /// to be called once that is open again.
    #[must_use]
    #[cfg_attr(not(unix), allow(dead_code))]
    pub(super) fn settle(&self, status: ExitStatus) -> Option<Waker> {
        let mut state = self.shared.state.lock();
        let waiter = state.end(State::Reaped(status));
        drop(state);
        children::remove(self);
        waiter
    }

    /// Notes that the child has been reaped by foreign code.
    pub(super) fn lose(&self) {
        let waiter = {
            let mut state = self.shared.state.lock();
            match &*state {
                State::Ours { .. } => state.end(State::Lost(None)),
                _ => None,
            }
        };
        self.ended(waiter);
    }

    fn ended(&self, waiter: Option<Waker>) {
        children::remove(self);
        if let Some(waiter) = waiter {
            waiter.wake();
        }
    }

    pub(super) fn downgrade(&self) -> WeakWatched {
        WeakWatched(Arc::downgrade(&self.shared))
    }

    /// Whether the child has been reaped, or is known to be out of reach.
    pub fn is_reaped(&self) -> bool {
        !matches!(*self.shared.state.lock(), State::Ours { .. })
    }

    /// Whether two of these stand for the same child.
    pub fn is(&self, other: &Watched) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// The outcome, if there is one.
    pub(crate) fn outcome(&self) -> Option<io::Result<ExitStatus>> {
        match &*self.shared.state.lock() {
            State::Ours { .. } => None,
            State::Reaped(status) => Some(Ok(*status)),
            State::Lost(code) => Some(Err(lost(self.shared.id, *code))),
        }
    }

    /// Waits for the outcome. Only the task that polled last is woken.
    pub(crate) fn poll_outcome(&self, cx: &mut Context<'_>) -> Poll<io::Result<ExitStatus>> {
        if let Some(outcome) = self.outcome() {
            return Poll::Ready(outcome);
        }
        // Wakers are cloned and dropped outside of the lock.
        let fresh = cx.waker().clone();
        let old = match &mut *self.shared.state.lock() {
            State::Ours { waiter, .. } => waiter.replace(fresh),
            _ => Some(fresh),
        };
        drop(old);
        // It may have ended in between.
        self.outcome().map_or(Poll::Pending, Poll::Ready)
    }

    /// Kills the child. One that has ended is left alone, which is a success.
    pub(crate) fn kill(&self) -> io::Result<()> {
        self.signal(sys::kill)
    }

    /// Sends a signal. A child that has ended is left alone, which is a success.
    pub(crate) fn send_signal(&self, signal: i32) -> io::Result<()> {
        self.signal(|child, pidfd| sys::send_signal(child.id(), pidfd, signal))
    }

    /// Sends a signal to the group that the child leads. As long as it is not reaped, there is no other group
    /// of that number.
    pub(crate) fn send_signal_to_group(&self, signal: i32) -> io::Result<()> {
        self.signal(|child, _| sys::send_signal_to_group(child.id(), signal))
    }

    /// Signals the child while nobody can reap it.
    ///
    /// It is looked at first, so that one which foreign code has reaped is found out instead of a stranger
    /// being hit.
    fn signal(
        &self,
        send: impl FnOnce(&mut Child, Option<&PidFd>) -> io::Result<()>,
    ) -> io::Result<()> {
        if self.try_reap() {
            return Ok(());
        }
        let _hold = gate::hold();
        match &mut *self.shared.state.lock() {
            State::Ours { child, pidfd, .. } => send(child, pidfd.as_ref()),
            State::Reaped(_) | State::Lost(_) => Ok(()),
        }
    }
}

#[cold]
fn lost(id: u32, code: Option<i32>) -> io::Error {
    match code.map(io::Error::from_raw_os_error) {
        Some(cause) => io::Error::new(
            cause.kind(),
            format!(
                "the exit status of process {id} is lost, it may have been reaped by other code: {cause}"
            ),
        ),
        None => io::Error::other(format!("the exit status of process {id} is lost")),
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").field("id", &self.id()).field("outcome", &self.outcome()).finish()
    }
}
