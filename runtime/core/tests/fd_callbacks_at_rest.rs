//! A descriptor with a callback costs nothing as long as nothing happens to it.
#![cfg(unix)]

mod support;

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use runtime::Runtime;
use runtime::reactor::{
    Deregister, Event, Interest, MioSelector, Selector, Source, Token, Unpark, add_reader,
    add_writer, remove_writer,
};
use runtime::task::yield_now;
use support::fds::{Count, fill, pair, read_byte, settled};

/// What a selector was asked, and has said.
#[derive(Default)]
struct Traffic {
    events: Cell<usize>,
    changes: Cell<usize>,
}

/// The default selector with a meter.
struct Metered {
    inner: MioSelector,
    traffic: Rc<Traffic>,
}

impl Metered {
    fn change<R>(&self, outcome: R) -> R {
        self.traffic.changes.set(self.traffic.changes.get() + 1);
        outcome
    }
}

impl Selector for Metered {
    fn register(
        &self,
        source: &mut dyn Source,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        self.change(self.inner.register(source, token, interest))
    }

    fn reregister(
        &self,
        source: &mut dyn Source,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        self.change(self.inner.reregister(source, token, interest))
    }

    fn deregister(&self, source: &mut dyn Source) -> io::Result<()> {
        self.change(self.inner.deregister(source))
    }

    fn select(&mut self, events: &mut Vec<Event>, timeout: Option<Duration>) -> io::Result<()> {
        let outcome = self.inner.select(events, timeout);
        self.traffic.events.set(self.traffic.events.get() + events.len());
        outcome
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        self.inner.unparker()
    }

    fn deregistrar(&self) -> Option<Arc<dyn Deregister>> {
        self.inner.deregistrar()
    }
}

#[test]
fn after_the_last_byte_there_are_no_events_and_no_calls_of_the_system() {
    let traffic = Rc::new(Traffic::default());
    let selector = Metered { inner: MioSelector::new().unwrap(), traffic: traffic.clone() };
    let rt = Runtime::builder().selector(selector).build().unwrap();
    rt.block_on(async {
        let measure = async || {
            let (events, changes) = (traffic.events.get(), traffic.changes.get());
            settled().await;
            (traffic.events.get() - events, traffic.changes.get() - changes)
        };
        // What waiting for the loop costs by itself.
        let base = measure().await;

        let calls = Count::default();
        let pairs: Vec<_> = (0..20).map(|_| pair()).collect();
        for (ours, _theirs) in &pairs {
            let (counted, stream) = (calls.clone(), ours.try_clone().unwrap());
            add_reader(ours, move || {
                read_byte(&stream);
                counted.up();
            })
            .unwrap();
        }
        assert_eq!(measure().await, base);

        for (_ours, theirs) in &pairs {
            (&*theirs).write_all(b"ab").unwrap();
        }
        while calls.get() < 40 {
            yield_now().await;
        }
        settled().await;
        assert_eq!(measure().await, base);

        // One that can not be written, nor can the rest, whose writers are gone.
        let (full, _peer) = pair();
        fill(&full);
        add_writer(&full, || unreachable!("called though there was no room")).unwrap();
        for (ours, _theirs) in &pairs {
            add_writer(ours, || ()).unwrap();
        }
        settled().await;
        for (ours, _theirs) in &pairs {
            assert!(remove_writer(ours));
        }
        settled().await;
        assert_eq!(measure().await, base);
        assert_eq!(calls.get(), 40);
    });
}
