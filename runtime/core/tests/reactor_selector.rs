//! The built-in selectors by themselves, and one of one's own.

#![cfg(unix)]

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mio::net::{UdpSocket, UnixStream};
use mio::unix::pipe;
use runtime_core::Builder;
use runtime_core::reactor::{
    Deregister, Descriptor, Event, Interest, MioSelector, PollSelector, Rearm, Registered,
    Selector, Source, Token, Unpark,
};

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

/// Runs a test with each of the selectors.
fn with_each(test: impl Fn(&mut dyn Selector)) {
    test(&mut MioSelector::new().unwrap());
    test(&mut PollSelector::new().unwrap());
}

/// What there is to report at this moment.
fn look(selector: &mut dyn Selector) -> Vec<Event> {
    let mut events = Vec::new();
    selector.select(&mut events, Some(Duration::ZERO)).unwrap();
    events
}

#[test]
fn a_wait_is_never_early_however_short() {
    with_each(|selector| {
        for nanoseconds in [1, 999, 1_000, 50_000, 999_999, 1_000_001, 3_000_000] {
            let timeout = Duration::from_nanos(nanoseconds);
            let begin = Instant::now();
            selector.select(&mut Vec::new(), Some(timeout)).unwrap();
            assert!(begin.elapsed() >= timeout, "{:?} of {timeout:?}", begin.elapsed());
        }
    });
}

#[test]
fn a_later_wait_is_not_cut_short_by_an_earlier_one() {
    with_each(|selector| {
        let unparker = selector.unparker();
        // Sets an alarm, and leaves before it rings.
        unparker.unpark();
        selector.select(&mut Vec::new(), Some(Duration::from_millis(1))).unwrap();
        let begin = Instant::now();
        selector.select(&mut Vec::new(), Some(Duration::from_millis(4))).unwrap();
        assert!(begin.elapsed() >= Duration::from_millis(4));
    });
}

#[test]
fn the_longest_timeout_waits_for_the_unpark() {
    with_each(|selector| {
        let unparker = selector.unparker();
        for timeout in [Some(Duration::MAX), Some(Duration::from_secs(u64::MAX / 4)), None] {
            let thread = std::thread::spawn({
                let unparker = unparker.clone();
                move || unparker.unpark()
            });
            selector.select(&mut Vec::new(), timeout).unwrap();
            thread.join().unwrap();
        }
    });
}

#[test]
fn an_unpark_before_the_wait_ends_it() {
    with_each(|selector| {
        for unparks in 1..4 {
            for _ in 0..unparks {
                selector.unparker().unpark();
            }
            selector.select(&mut Vec::new(), None).unwrap();
        }
    });
}

#[test]
fn what_a_new_source_is_ready_for_is_reported_once() {
    with_each(|selector| {
        let (mut ours, _theirs) = UnixStream::pair().unwrap();
        selector.register(&mut ours, Token(1), BOTH).unwrap();
        let events = look(selector);
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].token, Token(1));
        assert!(events[0].ready.is_writable() && !events[0].ready.is_readable());
        assert_eq!(look(selector), []);
    });
}

#[test]
fn a_change_of_interest_reports_anew_under_the_new_token() {
    with_each(|selector| {
        let (mut ours, mut theirs) = UnixStream::pair().unwrap();
        theirs.write_all(b"x").unwrap();
        selector.register(&mut ours, Token(1), Interest::WRITABLE).unwrap();
        let events = look(selector);
        assert_eq!(events.len(), 1);
        assert!(events[0].ready.is_writable() && !events[0].ready.is_readable());

        selector.reregister(&mut ours, Token(2), Interest::READABLE).unwrap();
        let events = look(selector);
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].token, Token(2));
        assert!(events[0].ready.is_readable() && !events[0].ready.is_writable());
    });
}

#[test]
fn a_hang_up_is_reported_whatever_the_interest_was() {
    with_each(|selector| {
        let (mut sender, receiver) = pipe::new().unwrap();
        selector.register(&mut sender, Token(1), Interest::ERROR).unwrap();
        assert_eq!(look(selector), []);
        drop(receiver);
        let events = look(selector);
        assert_eq!(events.len(), 1);
        assert!(events[0].ready.is_error() && events[0].ready.is_write_closed());
        assert_eq!(look(selector), []);
    });
}

#[test]
fn a_source_is_registered_once() {
    with_each(|selector| {
        let (mut receiver, _sender) = UnixStream::pair().unwrap();
        selector.register(&mut receiver, Token(1), BOTH).unwrap();
        let error = selector.register(&mut receiver, Token(2), BOTH).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        selector.deregister(&mut receiver).unwrap();
        let error = selector.deregister(&mut receiver).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        let error = selector.reregister(&mut receiver, Token(2), BOTH).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert_eq!(look(selector), []);
    });
}

#[test]
fn another_thread_ends_a_registration() {
    with_each(|selector| {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        selector.register(&mut ours, Token(1), Interest::READABLE).unwrap();
        let deregistrar = selector.deregistrar().unwrap();
        let unparker = selector.unparker();
        let thread = std::thread::spawn(move || {
            deregistrar.deregister(&mut ours).unwrap();
            unparker.unpark();
            ours
        });
        let mut events = Vec::new();
        selector.select(&mut events, None).unwrap();
        let mut ours = thread.join().unwrap();
        (&theirs).write_all(b"x").unwrap();
        assert_eq!(look(selector), []);
        assert_eq!(ours.read(&mut [0; 2]).unwrap(), 1);
    });
}

/// Counts what passes through to the selector it wraps.
struct Counting<S> {
    inner: S,
    registrations: Rc<Cell<usize>>,
    waits: Rc<Cell<usize>>,
}

impl<S: Selector> Selector for Counting<S> {
    fn register(
        &self,
        source: &mut dyn Source,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        self.registrations.set(self.registrations.get() + 1);
        self.inner.register(source, token, interest)
    }

    fn reregister(
        &self,
        source: &mut dyn Source,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        self.inner.reregister(source, token, interest)
    }

    fn deregister(&self, source: &mut dyn Source) -> io::Result<()> {
        self.registrations.set(self.registrations.get() - 1);
        self.inner.deregister(source)
    }

    fn select(&mut self, events: &mut Vec<Event>, timeout: Option<Duration>) -> io::Result<()> {
        self.waits.set(self.waits.get() + 1);
        self.inner.select(events, timeout)
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        self.inner.unparker()
    }

    fn deregistrar(&self) -> Option<Arc<dyn Deregister>> {
        self.inner.deregistrar()
    }

    fn rearmer(&self) -> Option<Arc<dyn Rearm>> {
        self.inner.rearmer()
    }

    fn descriptor(&self) -> Option<Descriptor> {
        self.inner.descriptor()
    }
}

fn serves_the_loop(inner: impl Selector + 'static) {
    let registrations = Rc::new(Cell::new(0));
    let waits = Rc::new(Cell::new(0));
    let selector = Counting { inner, registrations: registrations.clone(), waits: waits.clone() };
    let rt = Builder::new().selector(selector).build().unwrap();
    rt.block_on(async {
        let socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = socket.local_addr().unwrap();
        // It does not forget closed sources, so this one is deregistered all the same.
        let socket = Registered::closing(socket, BOTH).unwrap();
        assert_eq!(registrations.get(), 1);
        let receiver = async {
            let mut buffer = [0; 16];
            socket.with_io(Interest::READABLE, |socket| socket.recv(&mut buffer)).await.unwrap()
        };
        let mut receiver = std::pin::pin!(receiver);
        let pending = std::future::poll_fn(|cx| {
            std::task::Poll::Ready(receiver.as_mut().poll(cx).is_pending())
        });
        assert!(pending.await);
        socket
            .with_io(Interest::WRITABLE, |socket| socket.send_to(b"four", address))
            .await
            .unwrap();
        assert_eq!(receiver.await, 4);
    });
    assert_eq!(registrations.get(), 0);
    assert!(waits.get() > 0);
}

#[test]
fn a_selector_of_ones_own_serves_the_loop() {
    serves_the_loop(MioSelector::new().unwrap());
    serves_the_loop(PollSelector::new().unwrap());
}
