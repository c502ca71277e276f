//! compio on io_uring.

use std::{future::Future, net, os::unix, pin::pin, process::Stdio, time::Duration};

use compio_io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use compio_net::{TcpListener, UdpSocket, UnixListener};
use compio_process::Command;
use compio_runtime::{JoinHandle, Runtime};
use futures::poll;

use crate::{
    peer::{Peer, Unfailing},
    scenarios::{
        Scenario,
        children::{self, Children},
    },
    tcp::Job,
    udp,
};

pub(crate) struct Compio(Runtime);

impl Peer for Compio {
    type Join<T: 'static> = Unfailing<JoinHandle<T>>;

    fn new() -> Self {
        let runtime = Runtime::new().expect("compio starts");
        assert!(!runtime.driver_type().is_polling(), "compio has no io_uring here");
        Self(runtime)
    }

    #[inline]
    fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    #[inline(always)]
    fn spawn<F: Future + 'static>(future: F) -> Self::Join<F::Output> {
        Unfailing(compio_runtime::spawn(future))
    }

    fn detach<T: 'static>(join: Self::Join<T>) {
        join.0.detach();
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
        compio_runtime::time::sleep(duration)
    }

    fn spawn_blocking<T: Send + 'static>(
        function: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = T> {
        Unfailing(compio_runtime::spawn_blocking(function))
    }

    fn children(name: &str) -> Option<Scenario> {
        children::find::<Self>(name)
    }

    fn serve(listener: net::TcpListener, job: Job) -> ! {
        Self::new().block_on(async {
            let listener = TcpListener::from_std(listener).expect("the listener registers");
            loop {
                let (stream, _) = listener.accept().await.expect("accept");
                compio_runtime::spawn(connection(stream, job)).detach();
            }
        })
    }

    fn locals() -> Option<fn(unix::net::UnixListener, Job) -> !> {
        Some(|listener, job| {
            Self::new().block_on(async {
                let listener = UnixListener::from_std(listener).expect("the listener registers");
                loop {
                    let (stream, _) = listener.accept().await.expect("accept");
                    compio_runtime::spawn(connection(stream, job)).detach();
                }
            })
        })
    }

    fn datagrams() -> Option<fn(net::UdpSocket) -> !> {
        Some(|socket| {
            Self::new().block_on(async {
                let socket = UdpSocket::from_std(socket).expect("the socket registers");
                let mut buffer = Vec::with_capacity(udp::BUFFER);
                loop {
                    let (result, filled) = socket.recv_from(buffer).await.into();
                    let (_, peer) = result.expect("receive");
                    let (result, sent) = socket.send_to(filled, peer).await.into();
                    result.expect("send");
                    buffer = sent;
                }
            })
        })
    }
}

async fn connection(mut stream: impl AsyncRead + AsyncWrite, job: Job) {
    let mut buffer = Vec::with_capacity(job.buffer());
    loop {
        let (result, filled) = stream.read(buffer).await.into();
        let Ok(1..) = result else { return };
        buffer = filled;
        if job.echoes() {
            let (result, written) = stream.write_all(buffer).await.into();
            if result.is_err() {
                return;
            }
            buffer = written;
        }
    }
}

impl Children for Compio {
    type Signals = ();

    fn start(program: &'static str, stdin: Stdio) -> impl Future<Output = ()> + 'static {
        let mut command = Command::new(program);
        command.stdin(stdin).expect("it is a standard stream");
        let child = command.spawn().expect("it is there");
        async move { assert!(child.wait().await.expect("it is ours").success()) }
    }

    fn listen() {}

    /// It has to be listened to anew each time, which begins with the first poll.
    fn round_trip((): &mut (), send: fn()) -> impl Future<Output = ()> {
        async move {
            let mut signal = pin!(compio_signal::unix::signal(libc::SIGUSR1));
            assert!(poll!(&mut signal).is_pending());
            send();
            signal.await.expect("it can be listened to");
        }
    }
}
