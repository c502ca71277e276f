//! Which types leave their thread, as the compiler sees it.

use std::cell::Cell;
use std::rc::Rc;

use runtime::context::{Context, ContextVar, Scope, Token};
use runtime::group::{GroupHandle, GroupReport, LoopReport};
use runtime::inspect::{Observation, Snapshot};
use runtime::reactor::Registered;
use runtime::task::{
    AbortHandle, AbortOnDropHandle, Cancelled, Id, JoinError, JoinHandle, JoinSet,
    RunUntilCancelled, Shield, coop,
};
use runtime::time::{Interval, Sleep, Timeout, TimeoutScope};
use runtime::{Builder, EnterGuard, Handle, LoopGroup, Runtime};

fn send<T: Send>() {}
fn sync<T: Sync>() {}
fn unpin<T: Unpin>() {}

/// Compiles for types that lack the trait only: for the others it is ambiguous which `is_not` is meant.
macro_rules! assert_not {
    ($type:ty: $trait:path) => {{
        trait Ambiguous<A> {
            fn is_not() {}
        }
        impl<T: ?Sized> Ambiguous<()> for T {}
        struct HasTheTrait;
        impl<T: ?Sized + $trait> Ambiguous<HasTheTrait> for T {}
        <$type as Ambiguous<_>>::is_not();
    }};
}

#[test]
fn what_may_leave_the_thread() {
    macro_rules! both {
        ($($type:ty),* $(,)?) => { $(send::<$type>(); sync::<$type>();)* };
    }
    both!(
        Handle,
        Observation,
        Snapshot,
        AbortHandle,
        LoopGroup,
        GroupHandle,
        GroupReport,
        LoopReport,
        Id,
        JoinError,
        JoinHandle<()>,
        // `Send` is enough of an output: a shared handle gives no access to it.
        JoinHandle<Cell<u32>>,
        AbortOnDropHandle<Cell<u32>>,
        JoinSet<Cell<u32>>,
        Sleep,
        Interval,
        Timeout<Sleep>,
        TimeoutScope,
        Cancelled,
        Shield<Cell<u32>>,
        RunUntilCancelled<Sleep>,
        Registered<mio::net::TcpStream>,
        runtime::Closed,
        runtime::TaskSource,
        runtime::CallbackSource,
        runtime::UnhandledPanic,
        runtime::TryCurrentError,
        runtime::time::Instant,
        runtime::time::Elapsed,
        runtime::ShutdownReport,
        Context,
        ContextVar<u32>,
        Scope<()>,
        Token<u32>,
    );
}

#[test]
fn a_failure_may_be_sent_but_not_shared() {
    send::<runtime::ExceptionContext>();
    // A panic's payload is `Send` and nothing more.
    assert_not!(runtime::ExceptionContext: Sync);
}

#[cfg(unix)]
#[test]
fn descriptors_may_leave_the_thread() {
    use runtime::reactor::AsyncFd;

    send::<AsyncFd<std::os::fd::OwnedFd>>();
    sync::<AsyncFd<std::os::fd::OwnedFd>>();
}

#[test]
fn what_stays_on_its_thread() {
    assert_not!(Runtime: Send);
    assert_not!(Runtime: Sync);
    assert_not!(EnterGuard<'static>: Send);
    assert_not!(EnterGuard<'static>: Sync);
    assert_not!(JoinHandle<Rc<()>>: Send);
    assert_not!(JoinHandle<Rc<()>>: Sync);
    assert_not!(AbortOnDropHandle<Rc<()>>: Send);
    assert_not!(AbortOnDropHandle<Rc<()>>: Sync);
    assert_not!(coop::Unconstrained<Rc<()>>: Send);
    assert_not!(coop::RestoreOnPending: Sync);
}

#[test]
fn what_may_be_moved_after_a_poll() {
    unpin::<JoinHandle<std::marker::PhantomPinned>>();
    unpin::<AbortOnDropHandle<std::marker::PhantomPinned>>();
    unpin::<Interval>();
    unpin::<runtime::task::YieldNow>();
    unpin::<Builder>();
}

#[test]
fn futures_that_use_the_runtime_are_as_sendable_as_what_they_hold() {
    fn check<F: Send>(_: F) {}
    check(async {
        runtime::task::yield_now().await;
        coop::consume_budget().await;
        runtime::time::sleep(runtime::time::Duration::ZERO).await;
        let task = runtime::spawn(async { 1 });
        task.await.unwrap()
    });
}
