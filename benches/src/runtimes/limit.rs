//! The hand-written loop.

use std::{
    future::Future,
    net::{TcpListener, TcpStream, UdpSocket},
    os::unix::net::{UnixListener, UnixStream},
    process::{Command, Stdio},
    time::Duration,
};

use crate::{
    limit::{self, Remote, signal, tcp, udp},
    peer::Peer,
    scenarios::{
        Scenario,
        callbacks::{self, Callbacks},
        children::{self, Children},
    },
    tcp::Job,
};

pub(crate) struct Limit;

impl Peer for Limit {
    type Join<T: 'static> = limit::Join<T>;

    fn new() -> Self {
        Self
    }

    #[inline]
    fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        limit::block_on(future)
    }

    #[inline(always)]
    fn spawn<F: Future + 'static>(future: F) -> Self::Join<F::Output> {
        limit::spawn(future)
    }

    fn detach<T: 'static>(join: Self::Join<T>) {
        join.detach();
    }

    #[inline]
    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
        limit::sleep(duration)
    }

    fn spawn_blocking<T: Send + 'static>(
        function: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = T> {
        limit::spawn_blocking(function)
    }

    fn callbacks(name: &str) -> Option<Scenario> {
        callbacks::find::<Self>(name)
    }

    fn children(name: &str) -> Option<Scenario> {
        children::find::<Self>(name)
    }

    fn serve(listener: TcpListener, job: Job) -> ! {
        tcp::serve::<TcpStream>(listener, job)
    }

    fn locals() -> Option<fn(UnixListener, Job) -> !> {
        Some(tcp::serve::<UnixStream>)
    }

    fn datagrams() -> Option<fn(UdpSocket) -> !> {
        Some(udp::serve)
    }

    /// One by one as well: batches are measured against that.
    fn batches() -> Option<fn(UdpSocket) -> !> {
        Some(udp::serve)
    }
}

impl Callbacks for Limit {
    type Remote = Remote;

    #[inline]
    fn call_soon(function: impl FnOnce() + 'static) {
        limit::call_soon(function);
    }

    #[inline]
    fn call_later(delay: Duration, function: impl FnOnce() + 'static) -> impl FnOnce() {
        let armed = limit::call_later(delay, function);
        move || drop(armed)
    }

    fn remote() -> Remote {
        Remote::here()
    }

    #[inline]
    fn send(remote: &Remote, function: impl FnOnce() + Send + 'static) {
        remote.call_soon(function);
    }
}

impl Children for Limit {
    type Signals = signal::Wait;

    /// Waits in the system, so that one child after the other is waited for.
    fn start(program: &'static str, stdin: Stdio) -> impl Future<Output = ()> + 'static {
        let mut child = Command::new(program).stdin(stdin).spawn().expect("it is there");
        async move { assert!(child.wait().expect("it is ours").success()) }
    }

    fn listen() -> signal::Wait {
        signal::Wait::new()
    }

    fn round_trip(signals: &mut signal::Wait, send: fn()) -> impl Future<Output = ()> {
        async move {
            send();
            signals.next();
        }
    }
}
