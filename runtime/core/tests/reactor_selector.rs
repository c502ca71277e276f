//! The default selector by itself, and a selector of one's own.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use runtime_core::Builder;
use runtime_core::reactor::{
    Deregister, Event, Interest, MioSelector, Registered, Selector, Source, Token, Unpark,
};

#[test]
fn a_wait_is_never_early_however_short() {
    let mut selector = MioSelector::new().unwrap();
    for nanoseconds in [1, 999, 1_000, 50_000, 999_999, 1_000_001, 3_000_000] {
        let timeout = Duration::from_nanos(nanoseconds);
        let begin = Instant::now();
        selector.select(&mut Vec::new(), Some(timeout)).unwrap();
        assert!(begin.elapsed() >= timeout, "{:?} of {timeout:?}", begin.elapsed());
    }
}

#[test]
fn a_later_wait_is_not_cut_short_by_an_earlier_one() {
    let mut selector = MioSelector::new().unwrap();
    let unparker = selector.unparker();
    // Sets an alarm, and leaves before it rings.
    unparker.unpark();
    selector.select(&mut Vec::new(), Some(Duration::from_millis(1))).unwrap();
    let begin = Instant::now();
    selector.select(&mut Vec::new(), Some(Duration::from_millis(4))).unwrap();
    assert!(begin.elapsed() >= Duration::from_millis(4));
}

#[test]
fn the_longest_timeout_waits_for_the_unpark() {
    let mut selector = MioSelector::new().unwrap();
    let unparker = selector.unparker();
    for timeout in [Some(Duration::MAX), Some(Duration::from_secs(u64::MAX / 4)), None] {
        let thread = std::thread::spawn({
            let unparker = unparker.clone();
            move || unparker.unpark()
        });
        selector.select(&mut Vec::new(), timeout).unwrap();
        thread.join().unwrap();
    }
}

#[test]
fn an_unpark_before_the_wait_ends_it() {
    let mut selector = MioSelector::new().unwrap();
    for _ in 0..3 {
        selector.unparker().unpark();
        selector.select(&mut Vec::new(), None).unwrap();
    }
}

/// Counts what passes through to the selector it wraps.
struct Counting {
    inner: MioSelector,
    registrations: Rc<Cell<usize>>,
    waits: Rc<Cell<usize>>,
}

impl Selector for Counting {
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
}

#[test]
fn a_selector_of_ones_own_serves_the_loop() {
    let registrations = Rc::new(Cell::new(0));
    let waits = Rc::new(Cell::new(0));
    let selector = Counting {
        inner: MioSelector::new().unwrap(),
        registrations: registrations.clone(),
        waits: waits.clone(),
    };
    let rt = Builder::new().selector(selector).build().unwrap();
    rt.block_on(async {
        let socket = mio::net::UdpSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = socket.local_addr().unwrap();
        // It does not forget closed sources, so this one is deregistered all the same.
        let socket = Registered::closing(socket, Interest::READABLE | Interest::WRITABLE).unwrap();
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
