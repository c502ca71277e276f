//! Who listens to what in this process, and telling them.

use std::collections::BTreeMap;
use std::io;
use std::mem;
use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd, RawFd};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::task::Waker;

use libc::c_int;
use parking_lot::Mutex;
use runtime_core::ExceptionContext;
use rustix::io::Errno;

use super::action::{self, Disposition, RECORD};
use super::info::SignalInfo;
use super::kind::SignalKind;
use super::listener::Listener;

static REGISTRY: Mutex<Registry> =
    Mutex::new(Registry { receiver: None, signals: BTreeMap::new() });

struct Registry {
    /// The end of the pipe that is read.
    receiver: Option<OwnedFd>,
    /// The signals that anybody has ever listened to.
    signals: BTreeMap<c_int, Entry>,
}

#[derive(Default)]
struct Entry {
    listeners: Vec<Arc<Listener>>,
    /// What was there before our handler, the last time that it was installed.
    previous: Option<Disposition>,
    /// What was found in the place of our handler.
    usurper: Option<Disposition>,
}

/// Opens the pipe if there is none, and returns the end to be watched.
pub(super) fn open() -> io::Result<RawFd> {
    REGISTRY.lock().open()
}

/// Adds a listener, and the handler if it is the first.
pub(super) fn subscribe(listener: &Arc<Listener>) -> io::Result<()> {
    // What has come so far was not meant for the new one.
    dispatch();
    let mut registry = REGISTRY.lock();
    registry.open()?;
    registry.signals.entry(listener.signal).or_default().add(listener)
}

/// Removes a listener; with the last one what was there before the handler comes back.
pub(super) fn unsubscribe(listener: &Arc<Listener>) {
    let lost = REGISTRY
        .lock()
        .signals
        .get_mut(&listener.signal)
        .is_some_and(|entry| entry.remove(|other| Arc::ptr_eq(other, listener)).1);
    if lost {
        tell_of_loss(listener);
    }
}

/// Removes the listeners of a loop that closes.
pub(super) fn close(station: u64) {
    let mut gone = Vec::new();
    for entry in REGISTRY.lock().signals.values_mut() {
        let (removed, lost) = entry.remove(|listener| listener.station == station);
        gone.extend(removed.into_iter().map(|listener| (listener, lost)));
    }
    let mut wakers = Vec::new();
    for (listener, lost) in gone {
        wakers.extend(listener.close());
        if lost {
            tell_of_loss(&listener);
        }
    }
    wake(wakers);
}

/// Whether anybody of a loop listens.
pub(super) fn is_wanted(station: u64) -> bool {
    let registry = REGISTRY.lock();
    registry
        .signals
        .values()
        .flat_map(|entry| &entry.listeners)
        .any(|listener| listener.station == station)
}

/// Looks whether the handler is still ours, and tells the listener's loop, once, if it is not.
pub(super) fn check(listener: &Arc<Listener>) {
    let lost = REGISTRY.lock().signals.get_mut(&listener.signal).is_some_and(|entry| {
        !entry.listeners.is_empty() && entry.usurper.is_none() && entry.is_usurped(listener.signal)
    });
    if lost {
        tell_of_loss(listener);
    }
}

/// Takes what is in the pipe, and tells everybody.
///
/// # Panics
///
/// If a waker does, after all the others were called.
pub(super) fn dispatch() {
    let wakers = REGISTRY.lock().dispatch();
    wake(wakers);
}

fn wake(wakers: Vec<Waker>) {
    let mut panic = None;
    for waker in wakers {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| waker.wake())) {
            panic = Some(payload);
        }
    }
    if let Some(payload) = panic {
        resume_unwind(payload);
    }
}

fn tell_of_loss(listener: &Listener) {
    let kind = SignalKind::from_raw(listener.signal);
    let context = ExceptionContext::new(format!(
        "other code has replaced the handler of {kind}, and its listeners do not hear it any more"
    ));
    // A loop that is closed has nobody to tell.
    let _ = listener.home.call_exception_handler(context);
}

impl Registry {
    fn open(&mut self) -> io::Result<RawFd> {
        if let (Some(receiver), true) = (&self.receiver, action::is_home()) {
            return Ok(receiver.as_raw_fd());
        }
        let (sender, receiver) = mio::unix::pipe::new()?;
        // Forked: the listeners and their loops are the parent's. What their wakers reach must be left alone,
        // and so is the parent's end of the pipe, whose number some loop may know.
        for (&signal, entry) in &mut self.signals {
            mem::forget(mem::take(&mut entry.listeners));
            action::retire(signal);
        }
        mem::forget(self.receiver.take());
        let receiver = OwnedFd::from(receiver);
        let number = receiver.as_raw_fd();
        self.receiver = Some(receiver);
        action::set_sink(sender.into_raw_fd());
        Ok(number)
    }

    fn dispatch(&mut self) -> Vec<Waker> {
        let mut arrived: BTreeMap<c_int, SignalInfo> = BTreeMap::new();
        let mut wakers = Vec::new();
        let Some(receiver) = self.receiver.as_ref().filter(|_| action::is_home()) else {
            return wakers;
        };
        let mut buffer = [0; 128 * RECORD];
        loop {
            let count = match rustix::io::read(receiver, &mut buffer) {
                Ok(count) => count,
                Err(Errno::INTR) => continue,
                // There is nothing more. (Nor can anything else go wrong with a pipe of our own.)
                Err(_) => break,
            };
            for record in buffer[..count].chunks_exact(RECORD) {
                let (signal, info) = SignalInfo::read(record.try_into().expect("of that size"));
                arrived.insert(signal, info);
            }
            if count < buffer.len() {
                break;
            }
        }
        // After the pipe: see `action.rs`.
        for (&signal, entry) in &self.signals {
            if action::take_overflow(signal) {
                arrived.insert(signal, SignalInfo::UNKNOWN);
            }
            if let Some(info) = arrived.get(&signal) {
                wakers
                    .extend(entry.listeners.iter().filter_map(|listener| listener.deliver(*info)));
            }
        }
        wakers
    }
}

impl Entry {
    fn add(&mut self, listener: &Arc<Listener>) -> io::Result<()> {
        let signal = listener.signal;
        if self.is_usurped(signal) {
            return Err(io::Error::new(
                io::ErrorKind::ResourceBusy,
                format!("other code has replaced the handler of {}", SignalKind::from_raw(signal)),
            ));
        }
        if self.listeners.is_empty() {
            self.previous = Some(action::install(signal, self.previous)?);
        }
        self.listeners.push(listener.clone());
        Ok(())
    }

    /// Removes listeners; with the last one goes the handler. Tells whether that was found to be lost only
    /// now.
    fn remove(&mut self, of: impl Fn(&Arc<Listener>) -> bool) -> (Vec<Arc<Listener>>, bool) {
        let Some(signal) = self.listeners.first().map(|listener| listener.signal) else {
            return (Vec::new(), false);
        };
        let last = self.listeners.iter().all(&of);
        let lost = last && self.usurper.is_none() && self.is_usurped(signal);
        let (removed, rest) = mem::take(&mut self.listeners).into_iter().partition(of);
        self.listeners = rest;
        if let (true, Some(previous)) = (last, &self.previous) {
            // sigaction(2) fails for signals that it does not know, and it has known this one.
            let _ = action::restore(signal, previous);
        }
        (removed, lost)
    }

    /// Whether somebody else's handler is in the place of ours.
    ///
    /// Without listeners it is if that is the handler that took the place while there were some: it may call
    /// ours, which had better not call it.
    fn is_usurped(&mut self, signal: c_int) -> bool {
        let Ok(now) = Disposition::of(signal) else { return false };
        let usurped = match &self.usurper {
            _ if now.is_ours() => false,
            Some(usurper) if self.listeners.is_empty() => now.is_function() && now.is(usurper),
            _ => !self.listeners.is_empty(),
        };
        self.usurper = usurped.then_some(now);
        usurped
    }
}
