//! Who listens to what in this process, and telling them.

use std::collections::BTreeMap;
use std::io;
use std::mem;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Waker;

use libc::c_int;
use parking_lot::Mutex;
use runtime_core::{ExceptionContext, Handle};
use rustix::io::Errno;

use super::action;
use super::entry::Entry;
use super::info::SignalInfo;
use super::kind::SignalKind;
use super::listener::Listener;
use super::wire;

static REGISTRY: Mutex<Registry> = Mutex::new(Registry { wire: None, signals: BTreeMap::new() });

struct Registry {
    /// What loops watch.
    wire: Option<OwnedFd>,
    /// The signals that anybody has ever listened to.
    signals: BTreeMap<c_int, Entry>,
}

/// Whom to wake, once nothing is locked, and the loop that hears if that panics.
type Wakers = Vec<(Waker, Handle)>;

/// Makes this process one whose signals are told, if it is not, and returns what loops are to watch.
pub(super) fn open() -> io::Result<RawFd> {
    REGISTRY.lock().open()
}

/// Adds a listener, and the handler if it is the first.
pub(super) fn subscribe(listener: &Arc<Listener>) -> io::Result<()> {
    // What has come so far was not meant for the new one.
    dispatch();
    let (outcome, lost) = {
        let mut registry = REGISTRY.lock();
        registry.open()?;
        registry.signals.entry(listener.signal).or_default().add(listener)
    };
    tell_of_loss(&lost);
    outcome
}

/// Removes a listener; with the last one what was there before the handler comes back.
pub(super) fn unsubscribe(listener: &Arc<Listener>) {
    let removed = REGISTRY
        .lock()
        .signals
        .get_mut(&listener.signal)
        .map(|entry| entry.remove(listener.signal, |other| Arc::ptr_eq(other, listener)));
    if let Some((_, lost)) = removed {
        tell_of_loss(&lost);
    }
}

/// Removes the listeners of a loop that closes.
pub(super) fn close(station: u64) {
    let (mut gone, mut lost) = (Vec::new(), Vec::new());
    for (&signal, entry) in &mut REGISTRY.lock().signals {
        let (removed, told) = entry.remove(signal, |listener| listener.station == station);
        gone.extend(removed);
        lost.extend(told);
    }
    tell_of_loss(&lost);
    wake(gone.iter().filter_map(|listener| listener.close()).collect());
}

/// Looks whether the handler is still ours, and has everybody concerned told, once, if it is not.
pub(super) fn check(signal: c_int) {
    let lost = REGISTRY.lock().signals.get_mut(&signal).map(|entry| entry.look(signal));
    if let Some(lost) = lost {
        tell_of_loss(&lost);
    }
}

/// Tells everybody of what has come, if anything has that this thread can know of.
///
/// What comes in other threads this instant is told by a loop.
#[inline]
pub(super) fn catch_up() {
    if action::has_records() {
        dispatch();
    }
}

/// Answers for a loop that has been called. Returns whether anybody in it listens still.
pub(super) fn answer(station: u64) -> bool {
    let (wakers, wanted) = {
        let mut registry = REGISTRY.lock();
        registry.silence();
        action::answer();
        (registry.take_all(), registry.is_wanted(station))
    };
    wake(wakers);
    wanted
}

/// Tells everybody of what has come.
fn dispatch() {
    let wakers = REGISTRY.lock().take_all();
    wake(wakers);
}

/// A waker that panics keeps none of the others from being called; the panic is one of a callback.
fn wake(wakers: Wakers) {
    for (waker, home) in wakers {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| waker.wake())) {
            let context = ExceptionContext::new("a waker panicked that was called for a signal");
            // A loop that is closed has nobody to tell.
            let _ = home.call_exception_handler(context.with_payload(payload));
        }
    }
}

/// Tells the loops of these listeners.
fn tell_of_loss(listeners: &[Arc<Listener>]) {
    for listener in listeners {
        let kind = SignalKind::from_raw(listener.signal);
        let context = ExceptionContext::new(format!(
            "other code has replaced the handler of {kind}, and its listeners may not hear it any more"
        ));
        // As above.
        let _ = listener.home.call_exception_handler(context);
    }
}

impl Registry {
    fn open(&mut self) -> io::Result<RawFd> {
        if let (Some(wire), true) = (&self.wire, action::is_home()) {
            return Ok(wire.as_raw_fd());
        }
        let (wire, sink) = wire::open()?;
        // Forked: the listeners and their loops are the parent's. What their wakers reach must be left alone,
        // and so is what the parent's loops watch, whose number some loop may know.
        for (&signal, entry) in &mut self.signals {
            mem::forget(entry.forsake());
            action::retire(signal);
        }
        mem::forget(self.wire.take());
        let number = wire.as_raw_fd();
        self.wire = Some(wire);
        action::settle(sink);
        Ok(number)
    }

    /// Reads what has been written to call the loops, where the next write would be no event otherwise.
    ///
    /// That is so for selectors that tell levels, and a call that another loop has answered is how that shows:
    /// it keeps coming. Those who tell edges are spared the call of the system.
    fn silence(&self) {
        let Some(wire) = self.wire.as_ref().filter(|_| action::is_home()) else { return };
        if wire::HAS_TO_BE_READ || !action::is_called() {
            let mut buffer = [0; 512];
            // It ends with an error when there is nothing more, and nothing else can go wrong with it.
            while matches!(rustix::io::read(wire, &mut buffer), Ok(512) | Err(Errno::INTR)) {}
        }
    }

    fn take_all(&mut self) -> Wakers {
        let mut wakers = Wakers::new();
        if self.wire.is_none() || !action::is_home() {
            return wakers;
        }
        // In a storm there is always one more, but those that were there come first.
        for record in (0..action::room()).map_while(|_| action::next_record()) {
            let (signal, info) = SignalInfo::read(&record);
            if let Some(entry) = self.signals.get(&signal) {
                entry.deliver(info, &mut wakers);
            }
        }
        for (&signal, entry) in &self.signals {
            if action::take_overflow(signal) {
                entry.deliver(SignalInfo::UNKNOWN, &mut wakers);
            }
        }
        wakers
    }

    /// Whether anybody of a loop listens.
    fn is_wanted(&self, station: u64) -> bool {
        self.signals.values().any(|entry| entry.has(station))
    }
}
