//! A selector that does what a test says, and remembers what it was asked.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};
use std::time::Duration;

use mio::event;
use parking_lot::Mutex;

use super::{Deregister, Event, Interest, Ready, Rearm, Selector, Source, Token, Unpark};

/// A selector that does what a test says; clones share the script.
#[derive(Clone, Default)]
pub(crate) struct Scripted(Rc<RefCell<Script>>);

#[derive(Default)]
struct Script {
    calls: Vec<Call>,
    refusals: VecDeque<io::ErrorKind>,
    turns: VecDeque<Turn>,
    forgets: bool,
    rearms: Option<Arc<Rearms>>,
}

/// What the selector was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Register(Token, Interest),
    Reregister(Token, Interest),
    Deregister(RawFd),
    Select(Option<Duration>),
}

/// What one `select` brings.
struct Turn {
    events: Vec<Event>,
    error: Option<io::ErrorKind>,
}

impl Scripted {
    pub(crate) fn new() -> Scripted {
        Scripted::default()
    }

    /// Makes closing end registrations.
    pub(crate) fn forgetful() -> Scripted {
        let selector = Scripted::default();
        selector.0.borrow_mut().forgets = true;
        selector
    }

    /// Makes it a selector of levels, which remembers what it was told of.
    pub(crate) fn of_levels() -> (Scripted, Arc<Rearms>) {
        let selector = Scripted::default();
        let rearms = Arc::new(Rearms::default());
        selector.0.borrow_mut().rearms = Some(rearms.clone());
        (selector, rearms)
    }

    /// Lets the next registration fail.
    pub(crate) fn refuse(&self, kind: io::ErrorKind) {
        self.0.borrow_mut().refusals.push_back(kind);
    }

    /// Lets a `select` bring events; without any to bring, it brings none.
    pub(crate) fn bring(&self, events: &[(Token, Ready)]) {
        self.turn(events, None);
    }

    /// Lets a `select` bring events and fail.
    pub(crate) fn fail(&self, events: &[(Token, Ready)], error: io::ErrorKind) {
        self.turn(events, Some(error));
    }

    fn turn(&self, events: &[(Token, Ready)], error: Option<io::ErrorKind>) {
        let events = events.iter().map(|&(token, ready)| Event { token, ready }).collect();
        self.0.borrow_mut().turns.push_back(Turn { events, error });
    }

    /// Returns what the selector was asked since the last time, waits aside.
    pub(crate) fn calls(&self) -> Vec<Call> {
        let mut calls = std::mem::take(&mut self.0.borrow_mut().calls);
        calls.retain(|call| !matches!(call, Call::Select(_)));
        calls
    }

    fn accept(&self, call: Call) -> io::Result<()> {
        let mut script = self.0.borrow_mut();
        script.calls.push(call);
        match script.refusals.pop_front() {
            Some(kind) => Err(kind.into()),
            None => Ok(()),
        }
    }
}

impl Selector for Scripted {
    fn register(&self, _: &mut dyn Source, token: Token, interest: Interest) -> io::Result<()> {
        self.accept(Call::Register(token, interest))
    }

    fn reregister(&self, _: &mut dyn Source, token: Token, interest: Interest) -> io::Result<()> {
        self.accept(Call::Reregister(token, interest))
    }

    fn deregister(&self, source: &mut dyn Source) -> io::Result<()> {
        self.accept(Call::Deregister(source.as_raw_fd()))
    }

    fn select(&mut self, events: &mut Vec<Event>, timeout: Option<Duration>) -> io::Result<()> {
        assert!(events.is_empty(), "`events` comes in empty");
        let mut script = self.0.borrow_mut();
        script.calls.push(Call::Select(timeout));
        let Some(turn) = script.turns.pop_front() else { return Ok(()) };
        events.extend(turn.events);
        turn.error.map_or(Ok(()), |kind| Err(kind.into()))
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        Arc::new(Nobody)
    }

    fn deregistrar(&self) -> Option<Arc<dyn Deregister>> {
        Some(Arc::new(Nobody))
    }

    fn rearmer(&self) -> Option<Arc<dyn Rearm>> {
        self.0.borrow().rearms.clone().map(|rearms| rearms as Arc<dyn Rearm>)
    }

    fn forgets_closed_sources(&self) -> bool {
        self.0.borrow().forgets
    }
}

struct Nobody;

impl Unpark for Nobody {
    fn unpark(&self) {}
}

impl Deregister for Nobody {
    fn deregister(&self, _: &mut dyn Source) -> io::Result<()> {
        Ok(())
    }
}

/// What a selector of levels was told of.
#[derive(Debug, Default)]
pub(crate) struct Rearms(Mutex<Vec<Interest>>);

impl Rearms {
    /// Returns what it was told since the last time.
    pub(crate) fn take(&self) -> Vec<Interest> {
        std::mem::take(&mut self.0.lock())
    }
}

impl Rearm for Rearms {
    fn rearm(&self, _: Token, interest: Interest) {
        self.0.lock().push(interest);
    }
}

/// A source that exists in the script only, under a number of the test's choice.
#[derive(Debug)]
pub(crate) struct Prop(pub(crate) RawFd);

impl AsRawFd for Prop {
    fn as_raw_fd(&self) -> RawFd {
        self.0
    }
}

impl event::Source for Prop {
    fn register(&mut self, _: &mio::Registry, _: mio::Token, _: mio::Interest) -> io::Result<()> {
        unreachable!("a scripted selector asks the script")
    }

    fn reregister(&mut self, _: &mio::Registry, _: mio::Token, _: mio::Interest) -> io::Result<()> {
        unreachable!("a scripted selector asks the script")
    }

    fn deregister(&mut self, _: &mio::Registry) -> io::Result<()> {
        unreachable!("a scripted selector asks the script")
    }
}

/// Counts how often its waker is called.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicUsize);

impl Counter {
    pub(crate) fn new() -> (Arc<Counter>, Waker) {
        let counter = Arc::new(Counter::default());
        (counter.clone(), counter.into())
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}
