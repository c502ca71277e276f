//! Accepting connections, whatever they are of.

use std::future::poll_fn;
use std::io;
use std::mem;
use std::task::{Context, Poll, ready};

use parking_lot::Mutex;
use runtime_core::reactor::{Direction, Interest, Registered, Source};

use crate::backoff::{Episode, Pause};
use crate::queue::Queue;
use crate::sys::{self, AcceptFailure};

/// A socket that listens.
pub(crate) trait Accept: Source {
    /// A connection as the system hands it over, and the address of the peer.
    type Accepted;

    /// The same as a source of the loop.
    type Adopted;

    /// Takes the next connection off the queue, nonblocking and not inherited by other programs.
    fn accept(&self) -> io::Result<Self::Accepted>;

    /// Whether an accept would find nobody, if that can be told for less.
    fn nobody_waits(&self) -> bool;

    /// Registers a connection with the loop; one that cannot be is closed.
    fn adopt(accepted: Self::Accepted) -> io::Result<Self::Adopted>;
}

/// A listening socket of the loop: waits for connections, and takes care of what goes wrong with them.
pub(crate) struct Acceptor<S: Accept> {
    io: Registered<S>,
    queue: Queue,
    episode: Episode,
    /// The pause of `poll_accept`, which has no future of its own to keep it in.
    pause: Mutex<Pause>,
}

impl<S: Accept> Acceptor<S> {
    pub(crate) fn register(listener: S) -> io::Result<Acceptor<S>> {
        Ok(Acceptor {
            io: Registered::closing(listener, Interest::READABLE)?,
            queue: Queue::default(),
            episode: Episode::default(),
            pause: Mutex::default(),
        })
    }

    pub(crate) fn get_ref(&self) -> &S {
        self.io.get_ref()
    }

    pub(crate) fn into_inner(self) -> io::Result<S> {
        self.io.into_inner()
    }

    /// Waits for the next connection. No connection is lost if the future is dropped.
    pub(crate) async fn accept(&self) -> io::Result<S::Adopted> {
        let mut pause = Pause::default();
        loop {
            let accepted = self.io.with_io(Interest::READABLE, |io| self.call(io)).await;
            if let Some(accepted) = self.sort(accepted, &mut pause) {
                return accepted;
            }
            poll_fn(|cx| pause.poll(cx)).await;
        }
    }

    pub(crate) fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<S::Adopted>> {
        // Taken out, because wakers are called below and no lock may be held then.
        let mut pause = mem::take(&mut *self.pause.lock());
        let accepted = self.poll_accept_pausing(cx, &mut pause);
        let former = mem::replace(&mut *self.pause.lock(), pause);
        drop(former);
        accepted
    }

    /// `poll_accept` with a pause that the caller keeps.
    pub(crate) fn poll_accept_pausing(
        &self,
        cx: &mut Context<'_>,
        pause: &mut Pause,
    ) -> Poll<io::Result<S::Adopted>> {
        loop {
            ready!(pause.poll(cx));
            let accepted = ready!(self.io.poll_io(cx, Direction::Read, |io| self.call(io)));
            if let Some(accepted) = self.sort(accepted, pause) {
                return Poll::Ready(accepted);
            }
        }
    }

    pub(crate) fn try_accept(&self) -> io::Result<S::Adopted> {
        loop {
            match self.io.try_io(Interest::READABLE, |io| self.call(io)) {
                Ok(accepted) => return S::adopt(accepted),
                Err(error) => match sys::accept_failure(&error) {
                    AcceptFailure::Connection => {}
                    AcceptFailure::Exhausted | AcceptFailure::Listener => return Err(error),
                },
            }
        }
    }

    /// Decides what the caller of an accept hears of; `None` means to try again, after the pause if one has
    /// begun.
    fn sort(
        &self,
        accepted: io::Result<S::Accepted>,
        pause: &mut Pause,
    ) -> Option<io::Result<S::Adopted>> {
        let adopted = match accepted.map(S::adopt) {
            // No fault of the listener, which the next connection may have better luck with.
            Ok(Err(error)) => return self.episode.give_up_one(error, pause).map(Err),
            Ok(Ok(adopted)) => Ok(adopted),
            Err(error) => Err(error),
        };
        self.episode.sort(adopted, pause)
    }

    /// Makes the system call (accept4 with `NONBLOCK | CLOEXEC` where there is one), and notices an empty
    /// queue.
    fn call(&self, io: &S) -> io::Result<S::Accepted> {
        let accepted = if self.queue.is_doubtful() && io.nobody_waits() {
            Err(io::ErrorKind::WouldBlock.into())
        } else {
            io.accept()
        };
        match &accepted {
            Ok(_) => self.queue.accepted(),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.queue.found_empty();
                self.episode.end();
            }
            Err(_) => {}
        }
        accepted
    }
}
