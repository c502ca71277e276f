//! The exception handler is called with the context variables of what failed.

use std::cell::RefCell;
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use runtime::callback::{call_later, call_soon};
use runtime::task::yield_now;
use runtime::{Builder, ExceptionContext, Handle, Runtime};

runtime::context_var! {
    static REQUEST: u32 = 0;
}

type Seen = Rc<RefCell<Vec<u32>>>;

/// A loop whose handler notes the variable, and sets it.
fn noting() -> (Runtime, Seen) {
    let seen = Seen::default();
    let noted = seen.clone();
    let builder = Builder::new().exception_handler(move |_| {
        noted.borrow_mut().push(REQUEST.get());
        REQUEST.set(1000);
    });
    (builder.build().unwrap(), seen)
}

async fn passes() {
    for _ in 0..4 {
        yield_now().await;
    }
}

#[test]
fn of_a_task_as_it_has_left_them() {
    let (rt, seen) = noting();
    rt.block_on(async {
        REQUEST.set(1);
        drop(runtime::spawn(async { panic!("inherited") }));
        drop(runtime::spawn(async {
            yield_now().await;
            REQUEST.set(2);
            panic!("set");
        }));
        passes().await;
        assert_eq!(REQUEST.get(), 1, "what the handler sets is gone");
    });
    assert_eq!(*seen.borrow(), [1, 2]);
}

#[test]
fn of_a_task_whose_outcome_is_dropped_later() {
    let (rt, seen) = noting();
    rt.block_on(async {
        let failed = runtime::spawn(async {
            REQUEST.set(3);
            panic!("kept for a while");
        });
        passes().await;
        REQUEST.set(4);
        drop::<runtime::task::JoinHandle<()>>(failed);
        passes().await;
    });
    assert_eq!(*seen.borrow(), [3]);
}

#[test]
fn of_a_callback_and_of_a_timer() {
    let (rt, seen) = noting();
    rt.block_on(async {
        REQUEST.set(5);
        call_soon(|| panic!("inherited"));
        call_soon(|| {
            REQUEST.set(6);
            panic!("set");
        });
        passes().await;
        let (fired, fires) = futures::channel::oneshot::channel::<()>();
        call_later(Duration::ZERO, move || {
            let _dropped_last = fired;
            panic!("inherited");
        });
        REQUEST.set(7);
        fires.await.unwrap_err();
        passes().await;
    });
    assert_eq!(*seen.borrow(), [5, 6, 5]);
}

#[test]
fn of_a_blocking_job() {
    let (rt, seen) = noting();
    rt.block_on(async {
        REQUEST.set(8);
        let (ended, ends) = futures::channel::oneshot::channel::<()>();
        let job = runtime::spawn_blocking(move || {
            let _dropped_last = ended;
            panic!("inherited");
        });
        REQUEST.set(9);
        ends.await.unwrap_err();
        while !job.is_finished() {
            yield_now().await;
        }
        drop::<runtime::task::JoinHandle<()>>(job);
        passes().await;
    });
    assert_eq!(*seen.borrow(), [8]);
}

#[test]
fn of_the_place_where_a_program_describes_a_failure() {
    let (rt, seen) = noting();
    let handle = rt.handle().clone();
    let elsewhere = thread::spawn(move || {
        REQUEST.set(10);
        handle.call_exception_handler(ExceptionContext::new("from another thread")).unwrap();
    });
    elsewhere.join().unwrap();
    rt.block_on(async {
        REQUEST.set(11);
        passes().await;
        let context = ExceptionContext::new("here");
        REQUEST.set(12);
        Handle::current().call_exception_handler(context).unwrap();
        assert_eq!(REQUEST.get(), 12, "what the handler sets is gone");
    });
    assert_eq!(*seen.borrow(), [10, 11]);
}

#[test]
fn of_nobody_else_if_it_had_none() {
    let (rt, seen) = noting();
    let task = rt.spawn(async { panic!("spawned before any was set") });
    REQUEST.set(13);
    drop::<runtime::task::JoinHandle<()>>(task);
    rt.block_on(passes());
    assert_eq!(*seen.borrow(), [0]);
    assert_eq!(REQUEST.get(), 13);
}

#[test]
fn what_the_handler_spawns_inherits_them() {
    let seen = Seen::default();
    let noted = seen.clone();
    let builder = Builder::new().exception_handler(move |_| {
        let noted = noted.clone();
        drop(runtime::spawn(async move { noted.borrow_mut().push(REQUEST.get()) }));
    });
    let rt = builder.build().unwrap();
    rt.block_on(async {
        drop(runtime::spawn(async {
            REQUEST.set(14);
            panic!("set");
        }));
        passes().await;
    });
    assert_eq!(*seen.borrow(), [14]);
}

#[test]
fn when_the_loop_closes_too() {
    let (rt, seen) = noting();
    let failed = rt.block_on(async {
        let failed = runtime::spawn(async {
            REQUEST.set(15);
            panic!("heard of at the end");
        });
        passes().await;
        failed
    });
    drop::<runtime::task::JoinHandle<()>>(failed);
    drop(rt);
    assert_eq!(*seen.borrow(), [15]);
    assert_eq!(REQUEST.get(), 0);
}

#[cfg(unix)]
#[test]
fn of_a_callback_of_a_descriptor() -> std::io::Result<()> {
    use runtime::reactor::{add_reader, remove_reader};
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;

    let (rt, seen) = noting();
    let (ours, theirs) = UnixStream::pair()?;
    drop(theirs);
    rt.block_on(async {
        let number = ours.as_raw_fd();
        let (called, calls) = futures::channel::oneshot::channel::<()>();
        let mut called = Some(called);
        REQUEST.set(16);
        add_reader(&number, move || {
            remove_reader(&number);
            let _dropped_last = called.take();
            panic!("the peer has gone");
        })?;
        REQUEST.set(17);
        calls.await.unwrap_err();
        passes().await;
        std::io::Result::Ok(())
    })?;
    assert_eq!(*seen.borrow(), [16]);
    Ok(())
}
