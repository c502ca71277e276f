//! What leaves the thread is `Send` and `Sync`, as the compiler sees it.

#![cfg(unix)]

use std::cell::Cell;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::rc::Rc;

use mio::net::TcpStream;
use runtime_core::reactor::{
    AsyncFd, AsyncFdReadyGuard, AsyncFdReadyMutGuard, Descriptor, Direction, Event, Interest,
    PollSelector, Ready, Registered, Source, Token, TryIoError,
};

fn send_sync<T: Send + Sync>() {}
fn send<T: Send>(_: &T) {}
fn unpin<T: Unpin>() {}
fn source<T: Source>() {}

#[test]
fn all_types_that_leave_the_thread_are_send_and_sync() {
    send_sync::<Registered<TcpStream>>();
    send_sync::<AsyncFd<OwnedFd>>();
    send_sync::<AsyncFdReadyGuard<'_, OwnedFd>>();
    send_sync::<AsyncFdReadyMutGuard<'_, OwnedFd>>();
    send_sync::<TryIoError>();
    send_sync::<Interest>();
    send_sync::<Ready>();
    send_sync::<Direction>();
    send_sync::<Event>();
    send_sync::<Token>();
    send_sync::<Descriptor>();
    send_sync::<PollSelector>();
    unpin::<Registered<TcpStream>>();
    unpin::<AsyncFd<OwnedFd>>();
}

#[test]
fn the_futures_are_send() {
    fn registered(io: &Registered<TcpStream>) {
        send(&io.readable());
        send(&io.writable());
        send(&io.ready(Interest::READABLE));
        send(&io.with_io(Interest::READABLE, |_| Ok(())));
    }
    fn async_fd(io: &mut AsyncFd<OwnedFd>) {
        send(&io.readable());
        send(&io.writable());
        send(&io.async_io(Interest::READABLE, |_| Ok(())));
        send(&io.readable_mut());
    }
    let _ = (registered, async_fd);
}

/// A descriptor that stays on its thread.
struct Local(OwnedFd, #[allow(dead_code)] Rc<Cell<u32>>);

impl AsFd for Local {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[test]
fn a_source_need_not_be_send() {
    fn takes(descriptor: OwnedFd) -> std::io::Result<AsyncFd<Local>> {
        AsyncFd::new(Local(descriptor, Rc::default()))
    }
    let _ = takes;
    source::<TcpStream>();
    source::<mio::net::UdpSocket>();
    source::<mio::unix::pipe::Receiver>();
}
