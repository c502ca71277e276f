//! tokio: the current-thread runtime with `tokio::spawn`, and `LocalRuntime` with `spawn_local`.
#![allow(unsafe_code)]

use std::{
    future::Future,
    hint::black_box,
    net,
    os::unix,
    pin::Pin,
    process::Stdio,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, UdpSocket, UnixListener},
    process::Command,
    runtime::{Builder, LocalOptions, LocalRuntime, Runtime},
    signal::unix::{Signal, SignalKind, signal},
    task::{self, JoinHandle, JoinSet},
};

use crate::{
    peer::{Peer, Unfailing},
    scenarios::{
        Scenario,
        children::{self, Children},
        sets,
    },
    tcp::Job,
    udp,
};

/// The current-thread runtime.
pub(crate) struct Current(Runtime);

/// The runtime for futures that stay on their thread.
pub(crate) struct Local(LocalRuntime);

/// Lets a future into `tokio::spawn`, which is quicker than a `LocalSet`.
struct AssertSend<F>(F);

// SAFETY: only spawned on the current-thread runtime, which never leaves the thread that made it; so neither
// does a future inside it.
unsafe impl<F> Send for AssertSend<F> {}

impl<F: Future> Future for AssertSend<F> {
    type Output = AssertSend<F::Output>;

    #[inline(always)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // SAFETY: the only field is pinned with the whole.
        unsafe { self.map_unchecked_mut(|this| &mut this.0) }.poll(cx).map(AssertSend)
    }
}

/// A handle of a future that had to pose as `Send`.
pub(crate) struct AssertedJoin<T>(JoinHandle<AssertSend<T>>);

impl<T> Future for AssertedJoin<T> {
    type Output = T;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        Pin::new(&mut self.0).poll(cx).map(|result| result.expect("no scenario panics").0)
    }
}

impl Peer for Current {
    type Join<T: 'static> = AssertedJoin<T>;

    fn new() -> Self {
        Self(Builder::new_current_thread().enable_all().build().expect("tokio starts"))
    }

    #[inline]
    fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    #[inline(always)]
    fn spawn<F: Future + 'static>(future: F) -> Self::Join<F::Output> {
        AssertedJoin(task::spawn(AssertSend(future)))
    }

    fn detach<T: 'static>(join: Self::Join<T>) {
        drop(join);
    }

    fn yield_now() -> impl Future<Output = ()> + 'static {
        task::yield_now()
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
        tokio::time::sleep(duration)
    }

    fn spawn_blocking<T: Send + 'static>(
        function: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = T> {
        Unfailing(task::spawn_blocking(function))
    }

    fn children(name: &str) -> Option<Scenario> {
        children::find::<Self>(name)
    }

    fn sets(name: &str) -> Option<Scenario> {
        (name == "join-set-1000").then_some(Scenario::Timed(|plan| {
            sets::thousand::<Self>(plan, async |children| {
                let mut set = JoinSet::new();
                for i in 0..children {
                    set.spawn(AssertSend(async move { black_box(i) }));
                }
                while let Some(output) = set.join_next().await {
                    black_box(output.expect("no task panics").0);
                }
            })
        }))
    }

    fn serve(listener: net::TcpListener, job: Job) -> ! {
        Self::new().block_on(accept::<Self>(listener, job))
    }

    fn locals() -> Option<fn(unix::net::UnixListener, Job) -> !> {
        Some(|listener, job| Self::new().block_on(accept_locals::<Self>(listener, job)))
    }

    fn datagrams() -> Option<fn(net::UdpSocket) -> !> {
        Some(|socket| Self::new().block_on(datagrams(socket)))
    }
}

impl Peer for Local {
    type Join<T: 'static> = Unfailing<JoinHandle<T>>;

    fn new() -> Self {
        let runtime =
            Builder::new_current_thread().enable_all().build_local(LocalOptions::default());
        Self(runtime.expect("tokio starts"))
    }

    #[inline]
    fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    #[inline(always)]
    fn spawn<F: Future + 'static>(future: F) -> Self::Join<F::Output> {
        Unfailing(task::spawn_local(future))
    }

    fn detach<T: 'static>(join: Self::Join<T>) {
        drop(join);
    }

    fn yield_now() -> impl Future<Output = ()> + 'static {
        task::yield_now()
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
        tokio::time::sleep(duration)
    }

    fn spawn_blocking<T: Send + 'static>(
        function: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = T> {
        Unfailing(task::spawn_blocking(function))
    }

    fn children(name: &str) -> Option<Scenario> {
        children::find::<Self>(name)
    }

    fn sets(name: &str) -> Option<Scenario> {
        (name == "join-set-1000").then_some(Scenario::Timed(|plan| {
            sets::thousand::<Self>(plan, async |children| {
                let mut set = JoinSet::new();
                for i in 0..children {
                    set.spawn_local(async move { black_box(i) });
                }
                while let Some(output) = set.join_next().await {
                    black_box(output.expect("no task panics"));
                }
            })
        }))
    }

    fn serve(listener: net::TcpListener, job: Job) -> ! {
        Self::new().block_on(accept::<Self>(listener, job))
    }

    fn locals() -> Option<fn(unix::net::UnixListener, Job) -> !> {
        Some(|listener, job| Self::new().block_on(accept_locals::<Self>(listener, job)))
    }

    fn datagrams() -> Option<fn(net::UdpSocket) -> !> {
        Some(|socket| Self::new().block_on(datagrams(socket)))
    }
}

async fn accept<P: Peer>(listener: net::TcpListener, job: Job) -> ! {
    listener.set_nonblocking(true).expect("a socket can be made nonblocking");
    let listener = TcpListener::from_std(listener).expect("the listener registers");
    loop {
        let (stream, _) = listener.accept().await.expect("accept");
        P::detach(P::spawn(connection(stream, job)));
    }
}

async fn accept_locals<P: Peer>(listener: unix::net::UnixListener, job: Job) -> ! {
    listener.set_nonblocking(true).expect("a socket can be made nonblocking");
    let listener = UnixListener::from_std(listener).expect("the listener registers");
    loop {
        let (stream, _) = listener.accept().await.expect("accept");
        P::detach(P::spawn(connection(stream, job)));
    }
}

async fn connection(mut stream: impl AsyncRead + AsyncWrite + Unpin, job: Job) {
    let mut buffer = vec![0; job.buffer()];
    loop {
        let Ok(count @ 1..) = stream.read(&mut buffer).await else { return };
        if job.echoes() && stream.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}

async fn datagrams(socket: net::UdpSocket) -> ! {
    socket.set_nonblocking(true).expect("a socket can be made nonblocking");
    let socket = UdpSocket::from_std(socket).expect("the socket registers");
    let mut buffer = [0; udp::BUFFER];
    loop {
        let (count, peer) = socket.recv_from(&mut buffer).await.expect("receive");
        socket.send_to(&buffer[..count], peer).await.expect("send");
    }
}

/// Either of the two: what needs no spawn is the same on both.
trait OnTokio: Peer {}

impl OnTokio for Current {}
impl OnTokio for Local {}

impl<P: OnTokio> Children for P {
    type Signals = Signal;

    fn start(program: &'static str, stdin: Stdio) -> impl Future<Output = ()> + 'static {
        let mut child = Command::new(program).stdin(stdin).spawn().expect("it is there");
        async move { assert!(child.wait().await.expect("it is ours").success()) }
    }

    fn listen() -> Signal {
        signal(SignalKind::user_defined1()).expect("it can be listened to")
    }

    fn round_trip(signals: &mut Signal, send: fn()) -> impl Future<Output = ()> {
        async move {
            send();
            signals.recv().await.expect("tokio runs");
        }
    }
}
