//! A protocol that writes down what it is told, and does as a test says.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::{Poll, Waker};

use runtime::net::protocol::{BufferedProtocol, Protocol, Transport};

/// What was heard, and what is to be done about it.
#[derive(Clone, Default)]
pub struct Log(Rc<Inner>);

#[derive(Default)]
struct Inner {
    events: RefCell<Vec<String>>,
    received: RefCell<Vec<u8>>,
    transport: RefCell<Option<Transport>>,
    waker: RefCell<Option<Waker>>,
    keeps_open: Cell<bool>,
    reaction: RefCell<Option<Rc<dyn Fn(&str, &Transport)>>>,
}

impl Log {
    pub fn new() -> Log {
        Log::default()
    }

    /// Has the protocol keep its side open when the peer ends its own.
    pub fn keeping_open(self) -> Log {
        self.0.keeps_open.set(true);
        self
    }

    /// Has the protocol do something in each callback, of which it is told the name.
    pub fn reacting(self, reaction: impl Fn(&str, &Transport) + 'static) -> Log {
        *self.0.reaction.borrow_mut() = Some(Rc::new(reaction));
        self
    }

    pub fn plain(&self) -> Plain {
        Plain(self.clone())
    }

    pub fn buffered(&self) -> Buffer {
        Buffer { log: self.clone(), buffer: vec![0; 4096] }
    }

    /// The names of the callbacks so far, calls that follow one of the same kind with data left out.
    pub fn events(&self) -> Vec<String> {
        self.0.events.borrow().clone()
    }

    pub fn count(&self, event: &str) -> usize {
        self.0.events.borrow().iter().filter(|other| *other == event).count()
    }

    pub fn received(&self) -> Vec<u8> {
        self.0.received.borrow().clone()
    }

    pub fn transport(&self) -> Transport {
        self.0.transport.borrow().clone().expect("the connection was made")
    }

    /// Lets go of the transport.
    pub fn forget_transport(&self) {
        let transport = self.0.transport.take();
        drop(transport);
    }

    /// Waits until `condition` holds after some callback.
    pub async fn until(&self, condition: impl Fn(&Log) -> bool) {
        poll_fn(|cx| {
            if condition(self) {
                return Poll::Ready(());
            }
            *self.0.waker.borrow_mut() = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    pub async fn heard(&self, event: &str) {
        self.until(|log| log.count(event) > 0).await;
    }

    /// Waits for the end, and returns how it came about.
    pub async fn end(&self) -> String {
        let last = || self.events().last().cloned().unwrap_or_default();
        self.until(|log| log.events().last().is_some_and(|last| last.starts_with("lost"))).await;
        last()
    }

    fn note(&self, event: &str) {
        let repeated = self.0.events.borrow().last().is_some_and(|last| last == event);
        if !(repeated && event == "data") {
            self.0.events.borrow_mut().push(event.to_owned());
        }
        let transport = self.0.transport.borrow().clone();
        let reaction = self.0.reaction.borrow().clone();
        if let (Some(transport), Some(reaction)) = (transport, reaction) {
            reaction(event, &transport);
        }
        let waker = self.0.waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn made(&self, transport: Transport) {
        let former = self.0.transport.replace(Some(transport));
        assert!(former.is_none(), "a connection is made once");
        self.note("made");
    }

    fn data(&self, data: &[u8]) {
        assert!(!data.is_empty(), "there is always something");
        self.0.received.borrow_mut().extend_from_slice(data);
        self.note("data");
    }

    fn eof(&self) -> bool {
        self.note("eof");
        self.0.keeps_open.get()
    }

    fn lost(&self, error: Option<io::Error>) {
        self.note(&match error {
            None => "lost".to_owned(),
            Some(error) => format!("lost: {:?}", error.kind()),
        });
    }
}

/// With data handed over.
pub struct Plain(Log);

/// With a buffer of its own.
pub struct Buffer {
    log: Log,
    buffer: Vec<u8>,
}

impl Protocol for Plain {
    fn connection_made(&mut self, transport: Transport) {
        self.0.made(transport);
    }

    fn data_received(&mut self, data: &[u8]) {
        self.0.data(data);
    }

    fn eof_received(&mut self) -> bool {
        self.0.eof()
    }

    fn pause_writing(&mut self) {
        self.0.note("pause");
    }

    fn resume_writing(&mut self) {
        self.0.note("resume");
    }

    fn connection_lost(&mut self, error: Option<io::Error>) {
        self.0.lost(error);
    }
}

impl BufferedProtocol for Buffer {
    fn connection_made(&mut self, transport: Transport) {
        self.log.made(transport);
    }

    fn get_buffer(&mut self, size_hint: usize) -> &mut [u8] {
        assert!(size_hint > 0);
        &mut self.buffer
    }

    fn buffer_updated(&mut self, count: usize) {
        self.log.data(&self.buffer[..count]);
    }

    fn eof_received(&mut self) -> bool {
        self.log.eof()
    }

    fn pause_writing(&mut self) {
        self.log.note("pause");
    }

    fn resume_writing(&mut self) {
        self.log.note("resume");
    }

    fn connection_lost(&mut self, error: Option<io::Error>) {
        self.log.lost(error);
    }
}
