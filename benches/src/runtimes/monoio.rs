//! monoio, with its epoll driver or with io_uring.

use std::{future::Future, marker::PhantomData, net, os::unix, time::Duration};

use monoio::{
    FusionRuntime, IoUringDriver, LegacyDriver, RuntimeBuilder,
    blocking::DefaultThreadPool,
    io::{AsyncReadRent, AsyncWriteRent, AsyncWriteRentExt},
    net::{TcpListener, UnixListener, udp::UdpSocket},
    task::JoinHandle,
    time::TimeDriver,
};

use crate::{peer::Peer, tcp::Job, udp};

type Runtime = FusionRuntime<TimeDriver<IoUringDriver>, TimeDriver<LegacyDriver>>;

/// Chooses a driver.
pub(crate) trait Driver: 'static {
    /// A runtime with timers and a helper thread.
    fn runtime() -> Runtime;

    /// Whether its sockets have to be nonblocking.
    const NONBLOCKING: bool;
}

/// epoll.
pub(crate) struct Epoll;

/// io_uring.
pub(crate) struct Uring;

impl Driver for Epoll {
    const NONBLOCKING: bool = true;

    fn runtime() -> Runtime {
        let builder = RuntimeBuilder::<LegacyDriver>::new().enable_timer();
        builder.attach_thread_pool(pool()).build().expect("monoio starts with epoll").into()
    }
}

impl Driver for Uring {
    const NONBLOCKING: bool = false;

    fn runtime() -> Runtime {
        let builder = RuntimeBuilder::<IoUringDriver>::new().enable_timer();
        builder.attach_thread_pool(pool()).build().expect("monoio starts with io_uring").into()
    }
}

fn pool() -> Box<DefaultThreadPool> {
    Box::new(DefaultThreadPool::new(1))
}

pub(crate) struct Monoio<D>(Runtime, PhantomData<D>);

impl<D: Driver> Peer for Monoio<D> {
    type Join<T: 'static> = JoinHandle<T>;

    fn new() -> Self {
        Self(D::runtime(), PhantomData)
    }

    #[inline]
    fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    #[inline(always)]
    fn spawn<F: Future + 'static>(future: F) -> Self::Join<F::Output> {
        monoio::spawn(future)
    }

    fn detach<T: 'static>(join: Self::Join<T>) {
        drop(join);
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
        monoio::time::sleep(duration)
    }

    fn spawn_blocking<T: Send + 'static>(
        function: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = T> {
        let join = monoio::spawn_blocking(function);
        async { join.await.unwrap_or_else(|_| panic!("no scenario panics")) }
    }

    fn serve(listener: net::TcpListener, job: Job) -> ! {
        listener.set_nonblocking(D::NONBLOCKING).expect("a socket can be made nonblocking");
        Self::new().block_on(async {
            let listener = TcpListener::from_std(listener).expect("the listener registers");
            loop {
                let (stream, _) = listener.accept().await.expect("accept");
                drop(monoio::spawn(connection(stream, job)));
            }
        })
    }

    fn locals() -> Option<fn(unix::net::UnixListener, Job) -> !> {
        Some(|listener, job| {
            listener.set_nonblocking(D::NONBLOCKING).expect("a socket can be made nonblocking");
            Self::new().block_on(async {
                let listener = UnixListener::from_std(listener).expect("the listener registers");
                loop {
                    let (stream, _) = listener.accept().await.expect("accept");
                    drop(monoio::spawn(connection(stream, job)));
                }
            })
        })
    }

    fn datagrams() -> Option<fn(net::UdpSocket) -> !> {
        Some(|socket| {
            socket.set_nonblocking(D::NONBLOCKING).expect("a socket can be made nonblocking");
            Self::new().block_on(async {
                let socket = UdpSocket::from_std(socket).expect("the socket registers");
                let mut buffer = Vec::with_capacity(udp::BUFFER);
                loop {
                    let (result, filled) = socket.recv_from(buffer).await;
                    let (_, peer) = result.expect("receive");
                    let (result, sent) = socket.send_to(filled, peer).await;
                    result.expect("send");
                    buffer = sent;
                }
            })
        })
    }
}

async fn connection(mut stream: impl AsyncReadRent + AsyncWriteRent, job: Job) {
    let mut buffer = Vec::with_capacity(job.buffer());
    loop {
        let (result, filled) = stream.read(buffer).await;
        let Ok(1..) = result else { return };
        buffer = filled;
        if job.echoes() {
            let (result, written) = stream.write_all(buffer).await;
            if result.is_err() {
                return;
            }
            buffer = written;
        }
    }
}
