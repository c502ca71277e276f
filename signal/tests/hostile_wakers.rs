//! Wakers that do what wakers should not.

#![cfg(unix)]

mod common;

use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use common::sys::{disposition, raise};
use common::turn;
use runtime::signal::{Signal, SignalKind, signal};

const USR1: SignalKind = SignalKind::user_defined1();

struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        panic!("on purpose");
    }
}

/// Drops a listener when it is called: the lock of the registry had better be free.
struct Drops {
    listener: Mutex<Option<Signal>>,
    calls: AtomicUsize,
}

impl Wake for Drops {
    fn wake(self: Arc<Self>) {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let listener = self.listener.lock().expect("nobody panics").take();
        drop(listener);
    }
}

fn wait(listener: &mut Signal, waker: &Waker) {
    assert!(matches!(listener.poll_recv(&mut Context::from_waker(waker)), Poll::Pending));
}

#[test]
fn a_waker_that_panics_keeps_nobody_from_hearing() -> io::Result<()> {
    let _turn = turn();
    let failures = Arc::new(AtomicUsize::new(0));
    let counted = failures.clone();
    let rt = runtime::Builder::new()
        .exception_handler(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
        })
        .build()?;
    rt.block_on(async {
        let mut first = signal(USR1)?;
        let mut second = signal(USR1)?;
        let mut third = signal(USR1)?;
        wait(&mut first, &Waker::from(Arc::new(Panics)));
        wait(&mut third, &Waker::from(Arc::new(Panics)));
        raise(USR1);
        assert_eq!(second.recv().await, Some(()));
        assert_eq!(first.recv().await, Some(()));
        assert_eq!(third.recv().await, Some(()));
        // And the loop goes on listening.
        raise(USR1);
        assert_eq!(second.recv().await, Some(()));
        io::Result::Ok(())
    })?;
    assert_eq!(failures.load(Ordering::SeqCst), 2);
    Ok(())
}

#[test]
fn a_waker_may_drop_listeners() -> io::Result<()> {
    let _turn = turn();
    let before = disposition(USR1);
    runtime::run(async {
        let mut one = signal(USR1)?;
        let mut window = signal(SignalKind::window_change())?;
        let drops = Arc::new(Drops {
            listener: Mutex::new(Some(signal(USR1)?)),
            calls: AtomicUsize::new(0),
        });
        wait(&mut one, &Waker::from(drops.clone()));
        raise(USR1);
        raise(SignalKind::window_change());
        assert_eq!(window.recv().await, Some(()));
        assert_eq!(drops.calls.load(Ordering::SeqCst), 1);
        assert!(drops.listener.lock().expect("nobody panics").is_none());
        drop(one);
        assert_eq!(disposition(USR1), before);
        Ok(())
    })
}
