//! smol: a `LocalExecutor` of async-executor, driven by async-io.

use std::{future::Future, net, os::unix::net::UnixListener, process::Stdio, time::Duration};

use async_executor::{LocalExecutor, Task};
use async_io::{Async, Timer};
use async_process::Command;
use async_signal::{Signal, Signals};
use futures::{FutureExt, StreamExt};

use crate::{
    peer::Peer,
    scenarios::{
        Scenario,
        children::{self, Children},
    },
    tcp::{Job, connection},
    udp,
};

pub(crate) struct Smol;

thread_local! {
    static EXECUTOR: LocalExecutor<'static> = const { LocalExecutor::new() };
}

impl Peer for Smol {
    type Join<T: 'static> = Task<T>;

    fn new() -> Self {
        Self
    }

    #[inline]
    fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        EXECUTOR.with(|executor| async_io::block_on(executor.run(future)))
    }

    #[inline(always)]
    fn spawn<F: Future + 'static>(future: F) -> Self::Join<F::Output> {
        EXECUTOR.with(|executor| executor.spawn(future))
    }

    fn detach<T: 'static>(join: Self::Join<T>) {
        join.detach();
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
        FutureExt::map(Timer::after(duration), drop)
    }

    fn spawn_blocking<T: Send + 'static>(
        function: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = T> {
        blocking::unblock(function)
    }

    fn children(name: &str) -> Option<Scenario> {
        children::find::<Self>(name)
    }

    fn serve(listener: net::TcpListener, job: Job) -> ! {
        Self.block_on(async {
            let listener = Async::new(listener).expect("the listener registers");
            loop {
                let (stream, _) = listener.accept().await.expect("accept");
                Self::spawn(connection(stream, job)).detach();
            }
        })
    }

    fn locals() -> Option<fn(UnixListener, Job) -> !> {
        Some(|listener, job| {
            Self.block_on(async {
                let listener = Async::new(listener).expect("the listener registers");
                loop {
                    let (stream, _) = listener.accept().await.expect("accept");
                    Self::spawn(connection(stream, job)).detach();
                }
            })
        })
    }

    fn datagrams() -> Option<fn(net::UdpSocket) -> !> {
        Some(|socket| {
            Self.block_on(async {
                let socket = Async::new(socket).expect("the socket registers");
                let mut buffer = [0; udp::BUFFER];
                loop {
                    let (count, peer) = socket.recv_from(&mut buffer).await.expect("receive");
                    socket.send_to(&buffer[..count], peer).await.expect("send");
                }
            })
        })
    }
}

impl Children for Smol {
    type Signals = Signals;

    fn start(program: &'static str, stdin: Stdio) -> impl Future<Output = ()> + 'static {
        let mut child = Command::new(program).stdin(stdin).spawn().expect("it is there");
        async move { assert!(child.status().await.expect("it is ours").success()) }
    }

    fn listen() -> Signals {
        Signals::new([Signal::Usr1]).expect("it can be listened to")
    }

    fn round_trip(signals: &mut Signals, send: fn()) -> impl Future<Output = ()> {
        async move {
            send();
            let signal = signals.next().await.expect("it goes on");
            signal.expect("a signal can be read");
        }
    }
}
