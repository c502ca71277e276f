//! A socket for datagrams as its task and its transports share it.
//!
//! What may be borrowed when is as in `protocol/connection.rs`.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use super::super::panics::{contain, panicked};
use super::super::state::{CHOKED, CLOSING, DRIVEN, FAILED, LOST, NEWS, PENDING, State};
use super::{DatagramProtocol, DatagramTransport};
use crate::UdpSocket;

/// The high-water mark that a transport begins with, in bytes.
const HIGH: usize = 64 * 1024;
/// How much the protocol is told at a time; what its callbacks bring about must not keep the loop.
const TELLINGS: usize = 64;
/// What a datagram that waits counts for beside its bytes, so that empty ones have a limit, too.
const HEADER: usize = 8;

/// A socket for datagrams as its task and its transports share it.
pub(super) struct Endpoint {
    pub(super) state: State,
    protocol: RefCell<Option<Box<dyn DatagramProtocol>>>,
    pub(super) socket: RefCell<Option<UdpSocket>>,
    waiting: RefCell<VecDeque<(Box<[u8]>, Option<SocketAddr>)>>,
    /// Bytes in `waiting`.
    pub(super) size: Cell<usize>,
    /// The low- and the high-water mark.
    pub(super) limits: Cell<(usize, usize)>,
    /// What the protocol is still to be told of.
    errors: RefCell<VecDeque<io::Error>>,
    waker: OnceCell<Waker>,
    error: Cell<Option<io::Error>>,
}

impl Endpoint {
    pub(super) fn new(socket: UdpSocket, protocol: Box<dyn DatagramProtocol>) -> Rc<Endpoint> {
        Rc::new(Endpoint {
            state: State::default(),
            protocol: RefCell::new(Some(protocol)),
            socket: RefCell::new(Some(socket)),
            waiting: RefCell::default(),
            size: Cell::new(0),
            limits: Cell::new((HIGH / 4, HIGH)),
            errors: RefCell::default(),
            waker: OnceCell::new(),
            error: Cell::new(None),
        })
    }

    /// Calls `connection_made`; returns whether the endpoint stands afterwards.
    pub(super) fn make(self: &Rc<Self>) -> bool {
        let transport = DatagramTransport::new(self.clone());
        let stands = contain(
            "connection_made",
            || {
                self.call(|protocol| protocol.connection_made(transport));
            },
            || self.fail(panicked()),
        );
        if !stands {
            contain("connection_lost", || self.lose(), || {});
        }
        stands
    }

    pub(super) fn meet(&self, cx: &Context<'_>) {
        self.waker.get_or_init(|| cx.waker().clone());
    }

    /// Has the task look at the state, unless it is about to anyway.
    pub(super) fn notify(&self) {
        if !self.state.has(DRIVEN) {
            if let Some(waker) = self.waker.get() {
                waker.wake_by_ref();
            }
        }
    }

    // Sending.

    /// Sends at once if there is room, else keeps a copy for the task to send.
    pub(super) fn send(&self, data: &[u8], to: Option<SocketAddr>) {
        if self.state.has(CLOSING | FAILED | LOST) {
            return;
        }
        if !self.state.has(PENDING) {
            let sent = match (&*self.socket.borrow(), to) {
                (Some(socket), Some(to)) => socket.try_send_to(data, to),
                (Some(socket), None) => socket.try_send(data),
                (None, _) => return,
            };
            match sent {
                Ok(_) => return,
                Err(error) if is_passing(&error) => {}
                Err(error) => {
                    self.errors.borrow_mut().push_back(error);
                    return self.tell_aside();
                }
            }
        }
        self.waiting.borrow_mut().push_back((data.into(), to));
        self.size.set(self.size.get() + data.len() + HEADER);
        self.state.set(PENDING);
        self.notify();
        self.tell_aside();
    }

    /// Sends what waits, until nothing does.
    pub(super) fn flush(&self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let sent = {
                let (waiting, socket) = (self.waiting.borrow(), self.socket.borrow());
                let (Some((data, to)), Some(socket)) = (waiting.front(), &*socket) else {
                    self.state.clear(PENDING);
                    return Poll::Ready(());
                };
                ready!(match to {
                    Some(to) => socket.poll_send_to(cx, data, *to),
                    None => socket.poll_send(cx, data),
                })
            };
            match sent {
                Err(error) if is_passing(&error) => continue,
                Err(error) => self.errors.borrow_mut().push_back(error),
                Ok(_) => {}
            }
            // One that the system refuses is not tried again.
            let sent = self.waiting.borrow_mut().pop_front();
            let size = sent.map_or(0, |(data, _)| data.len() + HEADER);
            self.size.set(self.size.get() - size);
            self.tell();
            if self.state.has(FAILED) {
                return Poll::Ready(());
            }
        }
    }

    // Calling the protocol.

    /// Calls the protocol, unless that is busy or gone.
    pub(super) fn call<R>(&self, f: impl FnOnce(&mut dyn DatagramProtocol) -> R) -> Option<R> {
        let mut protocol = self.protocol.try_borrow_mut().ok()?;
        Some(f(&mut **protocol.as_mut()?))
    }

    /// Tells the protocol of errors and of the flow; if it is busy, whoever keeps it so does that afterwards,
    /// as the task does if there is much.
    pub(super) fn tell(&self) {
        let mut told = 0;
        while !self.state.has(LOST | FAILED) {
            let choked = self.state.has(CHOKED);
            let (low, high) = self.limits.get();
            let size = self.size.get();
            let turns = if choked { size <= low } else { size > high };
            let has_error = !self.errors.borrow().is_empty();
            if !turns && !has_error {
                break;
            }
            if self.protocol.try_borrow_mut().is_err() {
                self.state.set(NEWS);
                break;
            }
            if told == TELLINGS {
                self.state.set(NEWS);
                self.notify();
                break;
            }
            told += 1;
            let error = self.errors.borrow_mut().pop_front();
            if let Some(error) = error {
                self.call(|protocol| protocol.error_received(error));
            } else if choked {
                self.state.clear(CHOKED);
                self.call(|protocol| protocol.resume_writing());
            } else {
                self.state.set(CHOKED);
                self.call(|protocol| protocol.pause_writing());
            }
        }
    }

    /// Does the same for a transport, whose caller a panic of the protocol does not concern.
    pub(super) fn tell_aside(&self) {
        let callback = "error_received, pause_writing or resume_writing";
        contain(callback, || self.tell(), || self.fail(panicked()));
    }

    // The end.

    /// Ends the endpoint on account of an error.
    pub(super) fn fail(&self, error: io::Error) {
        if !self.state.has(FAILED | LOST) {
            self.error.set(Some(error));
            self.abort();
        }
    }

    /// Ends the endpoint: what has not been sent is thrown away.
    pub(super) fn abort(&self) {
        if !self.state.has(FAILED | LOST) {
            self.state.set(FAILED | CLOSING);
            self.waiting.take();
            self.size.set(0);
            self.notify();
        }
    }

    /// Calls `connection_lost`, then closes the socket and drops the protocol.
    pub(super) fn lose(&self) {
        /// Closes, also if the callback panics.
        struct Close<'a>(&'a Endpoint);
        impl Drop for Close<'_> {
            fn drop(&mut self) {
                let socket =
                    self.0.socket.try_borrow_mut().ok().and_then(|mut socket| socket.take());
                let protocol =
                    self.0.protocol.try_borrow_mut().ok().and_then(|mut protocol| protocol.take());
                // They are dropped when nothing is borrowed: the protocol may hold a transport, and thereby
                // all this.
                drop((socket, protocol));
            }
        }
        if !self.state.has(LOST) {
            self.state.set(LOST | CLOSING);
            let _close = Close(self);
            let error = self.error.take();
            self.call(|protocol| protocol.connection_lost(error));
        }
    }
}

/// Whether an error means no more than to try again.
fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
