//! A server as its tasks share it, on the thread of its loop.

use std::cell::{Cell, RefCell};
use std::io;
use std::mem;
use std::rc::Rc;
use std::sync::{Arc, Weak};
use std::task::Waker;

use runtime_core::task::JoinHandle;
use slab::Slab;

use super::Listener;
use super::accept;
use super::bind::Bound;
use super::connection::Shared;
use super::registry::Control;
use super::status::Status;

/// Runs the handler for a new connection, in a task of its own.
pub(super) type Serve<L> =
    Box<dyn Fn(&Rc<State<L>>, &L, <L as Listener>::Io, <L as Listener>::Addr)>;

/// A server as its tasks share it.
pub(super) struct State<L: Listener> {
    pub(super) status: Arc<Status>,
    pub(super) addrs: Vec<L::Addr>,
    pub(super) serve: Serve<L>,
    max_connections: usize,
    /// Shared with an accept loop while that polls, which may run code of the user's.
    listeners: RefCell<Vec<Rc<L>>>,
    /// Sockets that do not listen before `start_serving`.
    bound: RefCell<Vec<Bound<L>>>,
    acceptors: RefCell<Vec<JoinHandle<()>>>,
    clients: RefCell<Slab<Client<L>>>,
    /// The accept loops that wait for a connection to end.
    without_room: RefCell<Vec<Waker>>,
    closed: Cell<bool>,
}

/// An open connection, as the server knows it.
pub(super) struct Client<L: Listener> {
    pub(super) link: Weak<Shared<L::Io>>,
    pub(super) addr: L::Addr,
    /// Absent only until it has been spawned.
    pub(super) task: Option<JoinHandle<()>>,
}

impl<L: Listener> State<L> {
    pub(super) fn new(
        listeners: Vec<Rc<L>>,
        bound: Vec<Bound<L>>,
        addrs: Vec<L::Addr>,
        max_connections: usize,
        serve: Serve<L>,
    ) -> State<L> {
        State {
            status: Arc::new(Status::new()),
            addrs,
            serve,
            max_connections,
            listeners: RefCell::new(listeners),
            bound: RefCell::new(bound),
            acceptors: RefCell::default(),
            clients: RefCell::default(),
            without_room: RefCell::default(),
            closed: Cell::new(false),
        }
    }

    /// A listener by its number, until the server is closed.
    pub(super) fn listener(&self, index: usize) -> Option<Rc<L>> {
        self.listeners.borrow().get(index).cloned()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.get()
    }

    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.status.open() >= self.max_connections
    }

    /// Has `waker` woken when a connection has ended.
    pub(super) fn wait_for_room(&self, waker: Waker) {
        self.without_room.borrow_mut().push(waker);
    }

    /// Records a connection; returns its key.
    pub(super) fn enter(&self, client: Client<L>) -> usize {
        let mut clients = self.clients.borrow_mut();
        let key = clients.insert(client);
        let count = clients.len();
        drop(clients);
        self.status.set_open(count);
        key
    }

    /// Records the task of a connection, unless that has ended already.
    pub(super) fn entrust(&self, key: usize, task: JoinHandle<()>) {
        if let Some(client) = self.clients.borrow_mut().get_mut(key) {
            client.task = Some(task);
        }
    }

    /// Records that a connection has ended.
    pub(super) fn leave(&self, key: usize) {
        let mut clients = self.clients.borrow_mut();
        let client = clients.try_remove(key);
        let count = clients.len();
        drop(clients);
        drop(client);
        self.status.set_open(count);
        if !self.without_room.borrow().is_empty() {
            let waiting = self.without_room.take();
            waiting.into_iter().for_each(Waker::wake);
        }
    }

    /// The addresses of the peers whose connections are open.
    pub(super) fn peers(&self) -> Vec<L::Addr> {
        self.clients.borrow().iter().map(|(_, client)| client.addr.clone()).collect()
    }

    /// Asks each connection to end, and does `more` to its socket.
    fn ask_to_close(&self, more: fn(&L::Io)) {
        let clients = self.clients.borrow();
        let links: Vec<_> = clients.iter().map(|(_, client)| client.link.clone()).collect();
        drop(clients);
        for link in links {
            // What has left its handler may be gone.
            let Some(link) = link.upgrade() else { continue };
            let waiting = link.ask_to_close();
            more(&link.stream);
            drop(link);
            waiting.into_iter().for_each(Waker::wake);
        }
    }

    /// Begins to listen where that was put off, and to accept.
    pub(super) fn start_serving(self: &Rc<State<L>>) -> io::Result<()> {
        if self.is_closed() {
            return Err(io::Error::other("the server is closed, and cannot serve again"));
        }
        if self.status.is_serving() {
            return Ok(());
        }
        runtime_core::Handle::try_current().map_err(io::Error::other)?;
        for bound in self.bound.take() {
            match bound.listen() {
                Ok(listener) => self.listeners.borrow_mut().push(Rc::new(listener)),
                Err(error) => {
                    self.close();
                    return Err(error);
                }
            }
        }
        self.status.set_serving();
        let count = self.listeners.borrow().len();
        let acceptors = (0..count).map(|index| accept::start(self.clone(), index)).collect();
        *self.acceptors.borrow_mut() = acceptors;
        Ok(())
    }
}

impl<L: Listener> Control for State<L> {
    fn start(self: Rc<Self>) -> io::Result<()> {
        State::start_serving(&self)
    }

    fn close(&self) {
        if self.closed.replace(true) {
            return;
        }
        let acceptors = self.acceptors.take();
        acceptors.iter().for_each(JoinHandle::abort);
        // Moved out first: what a listener does when it is dropped is not known here.
        let (listeners, bound) = (self.listeners.take(), self.bound.take());
        drop((listeners, bound));
        let waiting = self.without_room.take();
        drop(waiting);
        self.status.set_closed();
    }

    fn close_clients(&self) {
        self.ask_to_close(L::end_input);
    }

    fn abort_clients(&self) {
        self.ask_to_close(|io| {
            L::reset_on_close(io);
            // For a stream that its handler has given away.
            L::end_input(io);
        });
        let clients = self.clients.borrow();
        for task in clients.iter().filter_map(|(_, client)| client.task.as_ref()) {
            // Only asks for it: the loop does it, later.
            task.abort();
        }
    }
}

impl<L: Listener> Drop for State<L> {
    fn drop(&mut self) {
        self.close();
        mem::take(&mut self.clients);
    }
}
