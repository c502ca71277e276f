//! `runtime`: as it comes, or with one of its features in use.

use std::{
    convert::Infallible, future::Future, hint::black_box, marker::PhantomData, net, os::unix,
    process::Stdio, time::Duration,
};

use runtime::{
    Builder, Handle, Runtime, callback,
    net::{
        Server, TcpListener, UdpSocket, UnixListener,
        protocol::{BufferedProtocol, Transport, connect_accepted_socket},
        udp::{RecvBatch, SendBatch},
    },
    process::Command,
    reactor::PollSelector,
    signal::{Signal, SignalKind, signal},
    task::{JoinHandle, JoinSet, Priority, TaskGroup},
};

use crate::{
    peer::{Peer, Unfailing},
    plan::Plan,
    report::Metrics,
    scenarios::{
        Scenario,
        callbacks::{self, Callbacks},
        cancel,
        children::{self, Children},
        sets,
    },
    tcp::{Job, connection},
    udp,
};

/// What is different from a loop as it comes.
pub(crate) trait Feature: 'static {
    /// A builder of such a loop.
    fn builder() -> Builder {
        Builder::new()
    }

    /// Calls what runs the loop.
    #[inline]
    fn around<T>(run: impl FnOnce() -> T) -> T {
        run()
    }

    /// Starts a task.
    #[inline(always)]
    fn spawn<F: Future + 'static>(future: F) -> JoinHandle<F::Output> {
        runtime::spawn(future)
    }

    /// Serves connections, in a loop of this kind.
    async fn serve(listener: net::TcpListener, job: Job) -> ! {
        let listener = TcpListener::from_std(listener).expect("the listener registers");
        loop {
            let (stream, _) = listener.accept().await.expect("accept");
            drop(runtime::spawn(connection(stream, job)));
        }
    }
}

/// Nothing: with a spin where that has paid off lately.
pub(crate) struct Default;

impl Feature for Default {}

/// Waits always in the kernel.
pub(crate) struct NoSpin;

impl Feature for NoSpin {
    fn builder() -> Builder {
        Builder::new().spin(None)
    }
}

/// Watches itself.
pub(crate) struct Debug;

impl Feature for Debug {
    fn builder() -> Builder {
        Builder::new().debug(true)
    }
}

/// Has a context variable that is set, so that all that is created takes a context along.
pub(crate) struct Context;

impl Feature for Context {
    fn around<T>(run: impl FnOnce() -> T) -> T {
        runtime::context_var! {
            static REQUEST: u64 = 0;
        }
        REQUEST.sync_scope(1, run)
    }
}

/// Has a handler of its own for what nobody asks after.
pub(crate) struct Handler;

impl Feature for Handler {
    fn builder() -> Builder {
        Builder::new().exception_handler(|context| panic!("no scenario fails: {context:?}"))
    }
}

/// Shows each task to a factory, which changes nothing.
pub(crate) struct Factory;

impl Feature for Factory {
    fn builder() -> Builder {
        Builder::new().task_factory(|_, future| future)
    }
}

/// Counts what it does.
pub(crate) struct Inspect;

impl Feature for Inspect {
    fn builder() -> Builder {
        Builder::new().inspect(true)
    }
}

/// Has hooks around the polls of tasks, which do nothing.
pub(crate) struct Hooks;

impl Feature for Hooks {
    fn builder() -> Builder {
        Builder::new().on_before_task_poll(|_| ()).on_after_task_poll(|_| ())
    }
}

/// Polls each task for the first time where it is spawned.
pub(crate) struct Eager;

impl Feature for Eager {
    #[inline(always)]
    fn spawn<F: Future + 'static>(future: F) -> JoinHandle<F::Output> {
        runtime::task::spawn_eager(future)
    }
}

/// Gives each task a priority, which has the loop run by priorities.
pub(crate) struct Priorities;

impl Feature for Priorities {
    #[inline(always)]
    fn spawn<F: Future + 'static>(future: F) -> JoinHandle<F::Output> {
        runtime::task::Builder::new().priority(Priority::High).spawn(future)
    }
}

/// Is watched by another thread.
pub(crate) struct Watchdog;

impl Feature for Watchdog {
    fn builder() -> Builder {
        Builder::new().watchdog(std::time::Duration::from_secs(1))
    }
}

/// Waits by poll(2).
pub(crate) struct Poll;

impl Feature for Poll {
    fn builder() -> Builder {
        Builder::new().selector(PollSelector::new().expect("a pipe can be made"))
    }
}

/// Serves connections by protocols that have a buffer, instead of tasks that have a stream.
pub(crate) struct Protocol;

impl Feature for Protocol {
    async fn serve(listener: net::TcpListener, job: Job) -> ! {
        let listener = TcpListener::from_std(listener).expect("the listener registers");
        loop {
            let (stream, _) = listener.accept().await.expect("accept");
            connect_accepted_socket(|| Serve::new(job), stream).expect("it stands");
        }
    }
}

/// Serves connections by a `Server`, which knows them all and can close them.
pub(crate) struct Served;

impl Feature for Served {
    async fn serve(listener: net::TcpListener, job: Job) -> ! {
        let listener = TcpListener::from_std(listener).expect("the listener registers");
        let server = Server::over(listener);
        let server = server.serve(move |stream, _| connection(stream, job)).await;
        let end = server.expect("it serves").serve_forever().await;
        unreachable!("nobody closes the server: {end:?}")
    }
}

/// A connection served by callbacks.
struct Serve {
    transport: Option<Transport>,
    buffer: Box<[u8]>,
    echoes: bool,
}

impl Serve {
    fn new(job: Job) -> Self {
        let buffer = vec![0; job.buffer()].into_boxed_slice();
        Self { transport: None, buffer, echoes: job.echoes() }
    }
}

impl BufferedProtocol for Serve {
    fn connection_made(&mut self, transport: Transport) {
        self.transport = Some(transport);
    }

    #[inline]
    fn get_buffer(&mut self, _: usize) -> &mut [u8] {
        &mut self.buffer
    }

    #[inline]
    fn buffer_updated(&mut self, count: usize) {
        if let (Some(transport), true) = (&self.transport, self.echoes) {
            transport.write(&self.buffer[..count]);
        }
    }
}

/// A group with so many children.
async fn group_of(children: u64) {
    let group = TaskGroup::<Infallible>::run(async |group| {
        for i in 0..children {
            group.spawn(async move { Ok(black_box(i)) });
        }
        Ok(())
    });
    group.await.expect("no task fails");
}

pub(crate) struct Ours<F>(Runtime, PhantomData<F>);

impl<W: Feature> Peer for Ours<W> {
    type Join<T: 'static> = Unfailing<JoinHandle<T>>;

    fn new() -> Self {
        Self(W::builder().build().expect("the runtime starts"), PhantomData)
    }

    #[inline]
    fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        W::around(|| self.0.block_on(future))
    }

    #[inline(always)]
    fn spawn<F: Future + 'static>(future: F) -> Self::Join<F::Output> {
        Unfailing(W::spawn(future))
    }

    fn detach<T: 'static>(join: Self::Join<T>) {
        drop(join);
    }

    fn yield_now() -> impl Future<Output = ()> + 'static {
        runtime::task::yield_now()
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
        runtime::time::sleep(duration)
    }

    fn spawn_blocking<T: Send + 'static>(
        function: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = T> {
        Unfailing(runtime::spawn_blocking(function))
    }

    fn callbacks(name: &str) -> Option<Scenario> {
        callbacks::find::<Self>(name).or_else(|| cancel::find::<Self>(name))
    }

    fn children(name: &str) -> Option<Scenario> {
        children::find::<Self>(name)
    }

    fn sets(name: &str) -> Option<Scenario> {
        let scenario: fn(Plan) -> Metrics = match name {
            "join-set-1000" => |plan| {
                sets::thousand::<Self>(plan, async |children| {
                    let mut set = JoinSet::new();
                    for i in 0..children {
                        set.spawn(async move { black_box(i) });
                    }
                    while let Some(output) = set.join_next().await {
                        black_box(output.expect("no task panics"));
                    }
                })
            },
            "task-group-1" => |plan| sets::repeatedly::<Self>(plan, 1, group_of),
            "task-group-1000" => |plan| sets::thousand::<Self>(plan, group_of),
            "scope-1000" => |plan| {
                sets::thousand::<Self>(plan, async |children| {
                    runtime::task::scope(async |scope| {
                        for i in 0..children {
                            scope.spawn(async move { black_box(i) });
                        }
                    })
                    .await;
                })
            },
            _ => return None,
        };
        Some(Scenario::Timed(scenario))
    }

    fn serve(listener: net::TcpListener, job: Job) -> ! {
        listener.set_nonblocking(true).expect("a socket can be made nonblocking");
        Self::new().block_on(W::serve(listener, job))
    }

    fn locals() -> Option<fn(unix::net::UnixListener, Job) -> !> {
        Some(|listener, job| {
            Self::new().block_on(async {
                let listener = UnixListener::from_std(listener).expect("the listener registers");
                loop {
                    let (stream, _) = listener.accept().await.expect("accept");
                    drop(runtime::spawn(connection(stream, job)));
                }
            })
        })
    }

    fn datagrams() -> Option<fn(net::UdpSocket) -> !> {
        Some(|socket| {
            Self::new().block_on(async {
                let socket = UdpSocket::from_std(socket).expect("the socket registers");
                let mut buffer = [0; udp::BUFFER];
                loop {
                    let (count, peer) = socket.recv_from(&mut buffer).await.expect("receive");
                    socket.send_to(&buffer[..count], peer).await.expect("send");
                }
            })
        })
    }

    fn batches() -> Option<fn(net::UdpSocket) -> !> {
        Some(|socket| {
            Self::new().block_on(async {
                let socket = UdpSocket::from_std(socket).expect("the socket registers");
                let mut received = RecvBatch::new(32, udp::BUFFER);
                let mut answers = SendBatch::new();
                loop {
                    socket.recv_batch(&mut received).await.expect("receive");
                    answers.extend(&received);
                    socket.send_batch(&mut answers).await.expect("send");
                }
            })
        })
    }
}

impl<W: Feature> Callbacks for Ours<W> {
    type Remote = Handle;

    #[inline]
    fn call_soon(function: impl FnOnce() + 'static) {
        callback::call_soon(function);
    }

    #[inline]
    fn call_later(delay: Duration, function: impl FnOnce() + 'static) -> impl FnOnce() {
        let timer = callback::call_later(delay, function);
        move || timer.cancel()
    }

    fn remote() -> Handle {
        Handle::current()
    }

    #[inline]
    fn send(remote: &Handle, function: impl FnOnce() + Send + 'static) {
        remote.call_soon(function).expect("the loop waits for it");
    }
}

impl<W: Feature> Children for Ours<W> {
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
            signals.recv().await.expect("the loop is open");
        }
    }
}
