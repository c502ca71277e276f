//! A loop that was entered by a future which owns it: whatever code of the user's the loop calls may drop that
//! future, and with it the last of the loop.

mod support;

use std::cell::Cell;
use std::future::pending;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use runtime::reactor::{Direction, Registered, try_loop_local};
use runtime::time::sleep;
use runtime::{Builder, ExceptionContext, Handle};
use support::hooked_waker::{Hooks, hooked_waker};

type Owner = Pin<Box<dyn Future<Output = ()>>>;

thread_local!(static OWNER: Cell<Option<Owner>> = const { Cell::new(None) });

/// Builds a loop and enters it; `OWNER` has all that keeps it.
fn enter(builder: Builder) {
    let mut owner: Owner = Box::pin(async move {
        let rt = builder.build().unwrap();
        let _guard = rt.enter();
        pending::<()>().await;
    });
    assert!(owner.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    OWNER.set(Some(owner));
}

/// Drops the loop, and writes over its memory.
fn leave() {
    if let Some(owner) = OWNER.take() {
        drop(owner);
        assert!(Handle::try_current().is_err());
        drop(std::hint::black_box((0..64).map(|_| vec![0xAA_u8; 6000]).collect::<Vec<_>>()));
    }
}

#[test]
fn the_first_use_of_a_value_may_drop_the_loop() {
    struct Leaving;
    impl Default for Leaving {
        fn default() -> Leaving {
            leave();
            Leaving
        }
    }

    enter(Builder::new());
    assert_eq!(try_loop_local(|_: &Leaving| ()), None);
}

#[test]
fn a_task_factory_may_drop_the_loop() {
    enter(Builder::new().task_factory(|_, future| {
        leave();
        future
    }));
    let task = runtime::spawn(async {});
    assert!(runtime::run(task).unwrap_err().is_cancelled());
}

#[test]
fn a_hook_may_drop_the_loop() {
    enter(Builder::new().on_task_spawn(|_| leave()));
    let task = runtime::spawn(async {});
    assert!(runtime::run(task).unwrap_err().is_cancelled());
}

#[test]
fn an_exception_handler_may_drop_the_loop() {
    enter(Builder::new().exception_handler(|_| leave()));
    let handle = Handle::current();
    handle.call_exception_handler(ExceptionContext::new("leave")).unwrap();
    assert!(handle.is_closed());
}

#[test]
fn a_foreign_waker_may_drop_the_loop_when_a_timer_clones_it() {
    enter(Builder::new());
    let waker = hooked_waker(Hooks { on_clone: Box::new(leave), ..Hooks::default() });
    let mut sleep = Box::pin(sleep(Duration::from_secs(60)));
    let polled = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        sleep.as_mut().poll(&mut Context::from_waker(&waker))
    }));
    assert!(polled.is_err(), "there is no loop any more");
}

#[test]
fn a_foreign_waker_may_drop_the_loop_when_a_timer_drops_it() {
    enter(Builder::new());
    let waker = hooked_waker(Hooks { on_drop: Box::new(leave), ..Hooks::default() });
    let mut sleep = Box::pin(sleep(Duration::from_secs(60)));
    assert!(sleep.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let _ = sleep.as_mut().poll(&mut Context::from_waker(Waker::noop()));
}

#[test]
fn a_call_that_would_block_may_drop_the_loop() {
    enter(Builder::new());
    let socket = mio::net::UdpSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let source = Registered::new(socket).unwrap();
    for outcome in [io::ErrorKind::WouldBlock, io::ErrorKind::NotConnected] {
        let mut cx = Context::from_waker(Waker::noop());
        let polled = source.poll_io(&mut cx, Direction::Read, |_| -> io::Result<()> {
            leave();
            Err(outcome.into())
        });
        assert!(matches!(polled, Poll::Ready(Err(_))));
    }
}
