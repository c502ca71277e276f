//! The hand-written loop.

use std::{future::Future, net::TcpListener, time::Duration};

use crate::{
    limit::{self, tcp},
    peer::Peer,
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

    #[inline]
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

    fn serve(listener: TcpListener, job: Job) -> ! {
        tcp::serve(listener, job)
    }
}
