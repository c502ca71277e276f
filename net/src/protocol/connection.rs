//! A connection as its task and its transports share it.
//!
//! # What may be borrowed when
//!
//! User code runs in two places: in a callback, while `protocol` is borrowed and nothing else is; and in
//! `Transport::with_stream`, while `wire` is borrowed for sharing. Whatever a callback asks of the transport
//! is done at once, except what would call the protocol again: that sets the bit `NEWS`, and whoever borrows
//! the protocol looks at it afterwards. `wire` is borrowed exclusively only to be closed, when the last
//! callback has returned.

use std::cell::{Cell, OnceCell, RefCell};
use std::io;
use std::marker::PhantomData;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use super::Transport;
use super::kind::{AnyProtocol, Successor};
use super::outgoing::Outgoing;
use super::panics::{self, panicked};
use super::state::{
    CHOKED, CLOSING, DRIVEN, ENDED, FAILED, FINISHED, FINISHING, LOST, NEWS, PAUSED, PENDING, State,
};
use super::wire::{Received, Wire};

/// A connection as its task and its transports share it.
pub(super) struct Connection<K, W, P> {
    pub(super) state: State,
    pub(super) protocol: RefCell<Role<P>>,
    pub(super) wire: RefCell<Option<W>>,
    pub(super) outgoing: Outgoing,
    /// Wakes the task, once that has been polled.
    waker: OnceCell<Waker>,
    /// Why the connection ends, if that is an error.
    error: Cell<Option<io::Error>>,
    /// Who is to be the protocol as soon as the present one is not busy.
    pub(super) next: Cell<Option<Box<dyn Successor>>>,
    kind: PhantomData<fn(K)>,
}

/// Who hears of what happens.
pub(super) enum Role<P> {
    First(P),
    Successor(Box<dyn Successor>),
    Nobody,
}

/// What the task of a connection does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Read,
    Wait,
    End,
}

impl<K: 'static, W: Wire, P: AnyProtocol<K>> Connection<K, W, P> {
    pub(super) fn new(wire: W, protocol: P) -> Rc<Self> {
        Rc::new(Connection {
            state: State::default(),
            protocol: RefCell::new(Role::First(protocol)),
            wire: RefCell::new(Some(wire)),
            outgoing: Outgoing::new(),
            waker: OnceCell::new(),
            error: Cell::new(None),
            next: Cell::new(None),
            kind: PhantomData,
        })
    }

    /// Calls `connection_made`; returns whether the connection stands afterwards.
    pub(super) fn make(self: &Rc<Self>) -> bool {
        if let Some(wire) = &*self.wire.borrow() {
            wire.prepare();
        }
        let transport = Transport::new(self.clone());
        let stands = self.contain("connection_made", || {
            self.call(|protocol| protocol.made(transport), |_| {});
        });
        if !stands {
            self.contain("connection_lost", || self.lose());
        }
        stands
    }

    /// Remembers the task, so that transports can wake it.
    #[inline(always)]
    pub(super) fn meet(&self, cx: &Context<'_>) {
        if self.waker.get().is_none() {
            self.introduce(cx);
        }
    }

    #[cold]
    fn introduce(&self, cx: &Context<'_>) {
        let _ = self.waker.set(cx.waker().clone());
    }

    /// Has the task look at the state, unless it is about to anyway.
    pub(super) fn notify(&self) {
        if !self.state.has(DRIVEN) {
            if let Some(waker) = self.waker.get() {
                waker.wake_by_ref();
            }
        }
    }

    // Reading.

    /// Reads once and passes on what has come. An end of the stream is 0 bytes.
    #[inline(always)]
    pub(super) fn read(&self, cx: &mut Context<'_>) -> Poll<io::Result<Received>> {
        match &mut *self.protocol.borrow_mut() {
            Role::First(protocol) => protocol.receive(
                #[inline(always)]
                |buf| self.fill(cx, buf),
            ),
            Role::Successor(protocol) => self.read_by(&mut **protocol, cx),
            Role::Nobody => Poll::Pending,
        }
    }

    #[cold]
    #[inline(never)]
    fn read_by(
        &self,
        protocol: &mut dyn Successor,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<Received>> {
        protocol.receive(&mut |buf| self.fill(cx, buf))
    }

    #[inline(always)]
    fn fill(&self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<Received>> {
        match &*self.wire.borrow() {
            Some(wire) => wire.poll_read(cx, buf),
            None => Poll::Pending,
        }
    }

    /// Tells the protocol that the peer has ended its side.
    pub(super) fn end(&self, handles: impl FnOnce() -> bool) {
        self.state.set(ENDED);
        let keeps = self.call(P::ended, |successor| successor.ended());
        if keeps != Some(true) || !handles() {
            self.state.set(CLOSING);
        }
    }

    // All that is not reading.

    /// Attends to all that the state says, until there is nothing to be done but to read or to wait.
    #[cold]
    #[inline(never)]
    pub(super) fn attend(&self, cx: &mut Context<'_>) -> Next {
        loop {
            if self.state.has(FAILED) {
                return Next::End;
            }
            if self.state.has(PENDING) {
                match self.flush(cx) {
                    Poll::Ready(Ok(())) => self.state.clear(PENDING),
                    Poll::Ready(Err(error)) => self.fail(error),
                    Poll::Pending => {}
                }
                // What has left makes room, and a protocol that is told so may write, close, or anything
                // else.
                if self.tell_of_flow() {
                    continue;
                }
            }
            if self.state.has(NEWS) {
                self.state.clear(NEWS);
                self.take_over();
                self.tell_of_flow();
                continue;
            }
            if self.state.has(FAILED) {
                return Next::End;
            }
            if !self.state.has(PENDING) {
                if self.ends_writing() {
                    match self.shut_down(cx) {
                        Poll::Ready(Ok(())) => self.state.set(FINISHED),
                        Poll::Ready(Err(error)) => self.fail(error),
                        Poll::Pending => return self.next_step(),
                    }
                    continue;
                }
                if self.state.has(CLOSING) {
                    return Next::End;
                }
            }
            return self.next_step();
        }
    }

    fn next_step(&self) -> Next {
        if self.is_reading() { Next::Read } else { Next::Wait }
    }

    pub(super) fn is_reading(&self) -> bool {
        !self.state.has(PAUSED | ENDED | CLOSING)
    }

    /// Whether the writing side is to be ended now that everything has been sent.
    fn ends_writing(&self) -> bool {
        let farewell = || self.wire.borrow().as_ref().is_some_and(Wire::wants_farewell);
        !self.state.has(FINISHED)
            && (self.state.has(FINISHING) || self.state.has(CLOSING) && farewell())
    }

    fn flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wire = self.wire.borrow();
        let Some(wire) = &*wire else { return Poll::Pending };
        while self.outgoing.len() > 0 {
            match ready!(self.outgoing.send(|bufs| wire.poll_write_vectored(cx, bufs))) {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Ok(count) => self.outgoing.consume(count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        wire.poll_flush(cx)
    }

    fn shut_down(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &*self.wire.borrow() {
            Some(wire) => wire.poll_shutdown(cx),
            None => Poll::Ready(Ok(())),
        }
    }

    // Calling the protocol.

    /// Calls the protocol, unless that is busy or gone.
    pub(super) fn call<R>(
        &self,
        first: impl FnOnce(&mut P) -> R,
        successor: impl FnOnce(&mut dyn Successor) -> R,
    ) -> Option<R> {
        match &mut *self.protocol.try_borrow_mut().ok()? {
            Role::First(protocol) => Some(first(protocol)),
            Role::Successor(protocol) => Some(successor(&mut **protocol)),
            Role::Nobody => None,
        }
    }

    /// Tells the protocol to pause writing or to resume it, if that is due; returns whether it has told it
    /// anything.
    pub(super) fn tell_of_flow(&self) -> bool {
        let mut told = false;
        while !self.state.has(LOST | FAILED) {
            let choked = self.state.has(CHOKED);
            let due = if choked { self.outgoing.is_low() } else { self.outgoing.is_high() };
            if !due {
                break;
            }
            if self.protocol.try_borrow_mut().is_err() {
                self.state.set(NEWS);
                break;
            }
            told = true;
            if choked {
                self.state.clear(CHOKED);
                self.call(P::resume, |successor| successor.resume());
            } else {
                self.state.set(CHOKED);
                self.call(P::pause, |successor| successor.pause());
            }
        }
        told
    }

    /// Does the same for a transport: it may be called by anybody, whom a panic of the protocol does not
    /// concern.
    #[cold]
    pub(super) fn tell_of_flow_aside(&self) {
        self.contain("pause_writing or resume_writing", || {
            self.tell_of_flow();
        });
    }

    /// Ends the connection if `call` panics, and tells the exception handler; returns whether all is well.
    fn contain(&self, callback: &str, call: impl FnOnce()) -> bool {
        panics::contain(callback, call, || self.fail(panicked()))
    }

    /// Puts the next protocol in the place of the present one, unless that is busy.
    pub(super) fn take_over(&self) {
        let former = match self.protocol.try_borrow_mut() {
            Ok(mut role) if !self.state.has(LOST) => {
                let next = self.next.take();
                if next.is_some() {
                    // The successor does not know of a pause: it is told, if one is due.
                    self.state.clear(CHOKED);
                }
                next.map(|next| std::mem::replace(&mut *role, Role::Successor(next)))
            }
            _ => {
                self.state.set(NEWS);
                None
            }
        };
        // It is dropped when nothing is borrowed.
        drop(former);
    }

    // The end.

    /// Ends the connection on account of an error: what has not been sent is thrown away.
    pub(super) fn fail(&self, error: io::Error) {
        if !self.state.has(FAILED | LOST) {
            self.error.set(Some(error));
            self.abort();
        }
    }

    /// Ends the connection: what has not been sent is thrown away.
    pub(super) fn abort(&self) {
        self.state.set(FAILED | CLOSING);
        self.outgoing.clear();
        self.notify();
    }

    /// Calls `connection_lost`, then closes the stream and drops the protocol.
    pub(super) fn lose(&self) {
        if self.state.has(LOST) {
            return;
        }
        /// Closes, also if the callback panics.
        struct Close<'a, K, W, P>(&'a Connection<K, W, P>);
        impl<K, W, P> Drop for Close<'_, K, W, P> {
            fn drop(&mut self) {
                self.0.close();
            }
        }
        self.state.set(LOST | CLOSING);
        let _close = Close(self);
        // Only one of the two is called.
        let error = &self.error;
        self.call(|first| first.lost(error.take()), |successor| successor.lost(error.take()));
    }
}

impl<K, W, P> Connection<K, W, P> {
    /// Drops the stream, which closes it, and the protocol, which may hold a transport and thereby this very
    /// object.
    fn close(&self) {
        self.outgoing.clear();
        let wire = self.wire.try_borrow_mut().ok().and_then(|mut wire| wire.take());
        drop(wire);
        let next = self.next.take();
        let role = match self.protocol.try_borrow_mut() {
            Ok(mut role) => std::mem::replace(&mut *role, Role::Nobody),
            Err(_) => Role::Nobody,
        };
        // They are dropped when nothing is borrowed.
        drop((role, next));
    }
}
