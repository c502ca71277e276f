//! What a scenario may ask of a runtime.

use std::{
    fmt::Debug,
    future::Future,
    net::{TcpListener, UdpSocket},
    os::unix::net::UnixListener,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use crate::{scenarios::Scenario, tcp::Job};

/// A single-threaded runtime, spoken to in its own best idiom.
///
/// A scenario is generic over this trait, so that each runtime compiles the same code; a method here must add
/// nothing to what a user of that runtime would write.
pub(crate) trait Peer: Sized + 'static {
    /// A task's handle as a future of its output.
    type Join<T: 'static>: Future<Output = T> + 'static;

    /// Builds the runtime on this thread.
    fn new() -> Self;

    /// Runs a future and the tasks it spawns.
    fn block_on<F: Future>(&mut self, future: F) -> F::Output;

    /// Spawns a task from inside `block_on`.
    fn spawn<F: Future + 'static>(future: F) -> Self::Join<F::Output>;

    /// Lets a task run on without its handle.
    fn detach<T: 'static>(join: Self::Join<T>);

    /// Lets other tasks run, by the runtime's own function where it has one.
    fn yield_now() -> impl Future<Output = ()> + 'static {
        crate::leaf::wake_self_once()
    }

    /// Sleeps for a while.
    fn sleep(duration: Duration) -> impl Future<Output = ()> + 'static;

    /// Runs a function on a helper thread.
    fn spawn_blocking<T: Send + 'static>(
        function: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = T>;

    /// Finds a scenario with callbacks, if the runtime has any: `scenarios::callbacks::find`.
    fn callbacks(_name: &str) -> Option<Scenario> {
        None
    }

    /// Finds a scenario with child processes or signals, if the runtime has any:
    /// `scenarios::children::find`.
    fn children(_name: &str) -> Option<Scenario> {
        None
    }

    /// Finds a scenario with sets of tasks and the like, of those that the runtime has: `scenarios::sets`.
    fn sets(_name: &str) -> Option<Scenario> {
        None
    }

    /// Serves connections until the process ends: a task each, a buffer each.
    fn serve(listener: TcpListener, job: Job) -> !;

    /// What does the same over Unix sockets, if the runtime takes over their listeners.
    fn locals() -> Option<fn(UnixListener, Job) -> !> {
        None
    }

    /// What sends datagrams back one by one until the process ends, if the runtime takes over UDP sockets.
    fn datagrams() -> Option<fn(UdpSocket) -> !> {
        None
    }

    /// The same with many datagrams a call, if the runtime has that.
    fn batches() -> Option<fn(UdpSocket) -> !> {
        None
    }
}

/// A join handle of a task that is known not to panic.
pub(crate) struct Unfailing<J>(pub(crate) J);

impl<J, T, E> Future for Unfailing<J>
where
    J: Future<Output = Result<T, E>> + Unpin,
    E: Debug,
{
    type Output = T;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        Pin::new(&mut self.0).poll(cx).map(|result| result.expect("no scenario panics"))
    }
}
