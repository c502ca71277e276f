//! One signal that somebody listens to, or did: its listeners, and whether the handler is ours.

use std::io;
use std::mem;
use std::sync::Arc;
use std::task::Waker;

use libc::c_int;
use runtime_core::Handle;

use super::action::{self, Disposition};
use super::info::SignalInfo;
use super::kind::SignalKind;
use super::listener::Listener;

/// Listeners, some of which may have to be told something.
pub(super) type Listeners = Vec<Arc<Listener>>;

#[derive(Default)]
pub(super) struct Entry {
    listeners: Listeners,
    /// What was there before our handler, the last time that it was installed.
    previous: Option<Disposition>,
    /// Whether, when somebody last looked, other code's handler was in the place of ours.
    usurped: bool,
}

impl Entry {
    /// Adds a listener, and our handler if it is the first. Who is to be told of a loss comes with the outcome.
    pub(super) fn add(&mut self, listener: &Arc<Listener>) -> (io::Result<()>, Listeners) {
        let signal = listener.signal;
        let lost = self.look(signal);
        if self.usurped {
            let error = io::Error::new(
                io::ErrorKind::ResourceBusy,
                format!("other code has replaced the handler of {}", SignalKind::from_raw(signal)),
            );
            return (Err(error), lost);
        }
        if self.listeners.is_empty() {
            match action::install(signal, self.previous) {
                Ok(previous) => self.previous = Some(previous),
                Err(error) => return (Err(error), lost),
            }
        }
        self.listeners.push(listener.clone());
        (Ok(()), lost)
    }

    /// Removes listeners; with the last one goes the handler. Returns them, and who is to be told of a loss.
    pub(super) fn remove(
        &mut self,
        signal: c_int,
        of: impl Fn(&Arc<Listener>) -> bool,
    ) -> (Listeners, Listeners) {
        if self.listeners.is_empty() || !self.listeners.iter().all(&of) {
            let (removed, rest) = mem::take(&mut self.listeners).into_iter().partition(of);
            self.listeners = rest;
            return (removed, Listeners::new());
        }
        let mut lost = self.look(signal);
        // sigaction(2) fails for signals that it does not know, and it has known this one.
        let restored = self.previous.map(|previous| action::restore(signal, &previous));
        if let (Some(Ok(false)), false) = (restored, self.usurped) {
            lost = self.lose();
        }
        (mem::take(&mut self.listeners), lost)
    }

    /// Looks whether the handler is ours. Returns who is to be told that it is not any more: one listener of
    /// each loop, whoever finds out, and once.
    ///
    /// Without listeners it need not be ours. But if other code's had taken its place while there were some,
    /// then any function that is there now may call ours, which had better not call it. Only the one that was
    /// there before ours does not.
    pub(super) fn look(&mut self, signal: c_int) -> Listeners {
        let Ok(now) = Disposition::of(signal) else { return Listeners::new() };
        if now.is_ours() {
            self.usurped = false;
        } else if !self.listeners.is_empty() {
            return self.lose();
        } else if self.usurped {
            let harmless = self.previous.is_some_and(|previous| now.is(&previous));
            self.usurped = now.is_function() && !harmless;
        }
        Listeners::new()
    }

    fn lose(&mut self) -> Listeners {
        let mut told = Listeners::new();
        if !mem::replace(&mut self.usurped, true) {
            for listener in &self.listeners {
                if !told.iter().any(|other| other.station == listener.station) {
                    told.push(listener.clone());
                }
            }
        }
        told
    }

    /// Notes a signal for all listeners; the wakers are to be called once nothing is locked.
    pub(super) fn deliver(&self, info: SignalInfo, wakers: &mut Vec<(Waker, Handle)>) {
        wakers.extend(self.listeners.iter().filter_map(|listener| listener.deliver(info)));
    }

    pub(super) fn has(&self, station: u64) -> bool {
        self.listeners.iter().any(|listener| listener.station == station)
    }

    /// Takes out the listeners, of whom nobody is to hear again.
    pub(super) fn forsake(&mut self) -> Listeners {
        mem::take(&mut self.listeners)
    }
}
