//! glommio.
#![allow(unsafe_code)]

use std::{
    future::Future,
    net,
    os::fd::{FromRawFd, IntoRawFd},
    time::Duration,
};

use glommio::{LocalExecutor, LocalExecutorBuilder, Task, net::TcpListener};

use crate::{
    peer::Peer,
    tcp::{Job, connection},
};

pub(crate) struct Glommio(LocalExecutor);

impl Peer for Glommio {
    type Join<T: 'static> = Task<T>;

    fn new() -> Self {
        Self(LocalExecutorBuilder::default().make().expect("glommio starts"))
    }

    #[inline]
    fn block_on<F: Future>(&mut self, future: F) -> F::Output {
        self.0.run(future)
    }

    #[inline(always)]
    fn spawn<F: Future + 'static>(future: F) -> Self::Join<F::Output> {
        glommio::spawn_local(future)
    }

    fn detach<T: 'static>(join: Self::Join<T>) {
        drop(join.detach());
    }

    async fn yield_now() {
        glommio::executor().yield_now().await;
    }

    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static {
        glommio::timer::sleep(duration)
    }

    fn spawn_blocking<T: Send + 'static>(
        function: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = T> {
        glommio::executor().spawn_blocking(function)
    }

    fn serve(listener: net::TcpListener, job: Job) -> ! {
        Self::new().block_on(async {
            // SAFETY: the descriptor is open and handed over.
            let listener = unsafe { TcpListener::from_raw_fd(listener.into_raw_fd()) };
            loop {
                let stream = listener.accept().await.expect("accept");
                drop(glommio::spawn_local(connection(stream, job)).detach());
            }
        })
    }
}
