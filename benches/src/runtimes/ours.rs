//! `runtime`, with its adaptive spin or without.

use std::{future::Future, marker::PhantomData, net, time::Duration};

use runtime::{Builder, Runtime, net::TcpListener, task::JoinHandle};

use crate::{
    peer::{Peer, Unfailing},
    tcp::{Job, connection},
};

/// How the loop waits.
pub(crate) trait Wait: 'static {
    /// A builder of such a loop.
    fn builder() -> Builder;
}

/// As it comes: with a spin where that has paid off lately.
pub(crate) struct Default;

/// Always in the kernel.
pub(crate) struct NoSpin;

impl Wait for Default {
    fn builder() -> Builder {
        Builder::new()
    }
}

impl Wait for NoSpin {
    fn builder() -> Builder {
        Builder::new().spin(None)
    }
}

pub(crate) struct Ours<W>(Runtime, PhantomData<W>);

impl<W: Wait> Peer for Ours<W> {
    type Join<T: 'static> = Unfailing<JoinHandle<T>>;

    fn new() -> Self {
        Self(W::builder().build().expect("the runtime starts"), PhantomData)
    }

    #[inline]
    fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    #[inline]
    fn spawn<F: Future + 'static>(future: F) -> Self::Join<F::Output> {
        Unfailing(runtime::spawn(future))
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

    fn serve(listener: net::TcpListener, job: Job) -> ! {
        listener.set_nonblocking(true).expect("a socket can be made nonblocking");
        Self::new().block_on(async {
            let listener = TcpListener::from_std(listener).expect("the listener registers");
            loop {
                let (stream, _) = listener.accept().await.expect("accept");
                drop(runtime::spawn(connection(stream, job)));
            }
        })
    }
}
