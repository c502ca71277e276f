//! A selector that stands between the loop and another selector, writes down what passes, and does some of
//! the harm that systems are allowed to do.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use runtime::reactor::{
    Deregister, Descriptor, Event, Interest, Ready, Rearm, Selector, Source, Token, Unpark,
};

/// What has passed, and what harm was done.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    sources: Cell<u32>,
    waits: Cell<u32>,
    events: Cell<u32>,
    interrupted: Cell<u32>,
    invented: Cell<u32>,
    delayed: Cell<u32>,
}

/// Logs what it sees, and injects faults.
pub(crate) struct Faulty<S> {
    inner: S,
    tally: Rc<Tally>,
    trace: bool,
    random: Random,
    /// The tokens that have been given out; of some of them the sources are gone.
    tokens: RefCell<Vec<Token>>,
    /// What the inner selector has reported and the loop has not been told.
    held_back: Vec<Event>,
}

impl<S> Faulty<S> {
    /// Wraps a selector. The same seed does the same harm, as far as the same happens in between.
    pub(crate) fn new(inner: S, seed: u64, trace: bool) -> Faulty<S> {
        Faulty {
            inner,
            tally: Rc::default(),
            trace,
            random: Random(seed | 1),
            tokens: RefCell::default(),
            held_back: Vec::new(),
        }
    }

    pub(crate) fn tally(&self) -> Rc<Tally> {
        self.tally.clone()
    }

    fn say(&self, line: fmt::Arguments<'_>) {
        if self.trace {
            println!("  {line}");
        }
    }

    /// A source is said to be ready though it is not. If it is gone, its token is nobody's: even that does no
    /// harm.
    fn invent(&mut self) -> Option<Event> {
        let tokens = self.tokens.borrow();
        let index = self.random.below(tokens.len().max(1) as u64) as usize;
        let event = Event { token: *tokens.get(index)?, ready: Ready::READABLE | Ready::WRITABLE };
        count(&self.tally.invented, 1);
        Some(event)
    }
}

impl<S: Selector> Selector for Faulty<S> {
    fn select(&mut self, events: &mut Vec<Event>, timeout: Option<Duration>) -> io::Result<()> {
        count(&self.tally.waits, 1);
        if self.random.one_in(10) {
            count(&self.tally.interrupted, 1);
            self.say(format_args!("wait {timeout:?}: interrupted"));
            return Err(io::ErrorKind::Interrupted.into());
        }

        // What has been held back must not wait for the next event.
        let wait = if self.held_back.is_empty() { timeout } else { Some(Duration::ZERO) };
        self.inner.select(events, wait)?;
        count(&self.tally.events, events.len() as u32);
        if self.held_back.is_empty() && !events.is_empty() && self.random.one_in(5) {
            count(&self.tally.delayed, events.len() as u32);
            self.say(format_args!("wait {timeout:?}: keeps {} event(s) to itself", events.len()));
            self.held_back.append(events);
        } else {
            events.append(&mut self.held_back);
        }
        if self.random.one_in(5) {
            events.extend(self.invent());
        }
        self.say(format_args!("wait {timeout:?}: {events:?}"));
        Ok(())
    }

    fn register(
        &self,
        source: &mut dyn Source,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        self.say(format_args!("register {token:?} for {interest:?}"));
        count(&self.tally.sources, 1);
        self.tokens.borrow_mut().push(token);
        self.inner.register(source, token, interest)
    }

    fn reregister(
        &self,
        source: &mut dyn Source,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        self.say(format_args!("reregister {token:?} for {interest:?}"));
        self.inner.reregister(source, token, interest)
    }

    fn deregister(&self, source: &mut dyn Source) -> io::Result<()> {
        self.say(format_args!("deregister"));
        self.inner.deregister(source)
    }

    // The rest is passed on. Not to pass something on would be a fault of another kind: tasks would wait for
    // ever.

    fn unparker(&self) -> Arc<dyn Unpark> {
        self.inner.unparker()
    }

    fn deregistrar(&self) -> Option<Arc<dyn Deregister>> {
        self.inner.deregistrar()
    }

    fn rearmer(&self) -> Option<Arc<dyn Rearm>> {
        self.inner.rearmer()
    }

    fn forgets_closed_sources(&self) -> bool {
        self.inner.forgets_closed_sources()
    }

    fn descriptor(&self) -> Option<Descriptor> {
        // The inner one would be silent about what is held back here.
        None
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} sources, {} waits, {} events; {} waits interrupted, {} events invented, {} delayed",
            self.sources.get(),
            self.waits.get(),
            self.events.get(),
            self.interrupted.get(),
            self.invented.get(),
            self.delayed.get(),
        )
    }
}

fn count(number: &Cell<u32>, more: u32) {
    number.set(number.get() + more);
}

/// A xorshift generator: random enough to do harm.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}
