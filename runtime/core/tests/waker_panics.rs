//! A waker that panics harms nobody: not the loop, not the other wakers.

mod support;

use std::future::pending;
use std::sync::Arc;
use std::task::{Wake, Waker};
use std::time::Duration;

use runtime::Runtime;
use runtime::task::yield_now;
use support::{CountingWaker, poll_with};

struct Panicking;

impl Wake for Panicking {
    fn wake(self: Arc<Self>) {
        panic!("woken on purpose");
    }
}

fn panicking() -> Waker {
    Waker::from(Arc::new(Panicking))
}

#[test]
fn a_joiners_waker_that_panics_leaves_the_output() {
    runtime::run(async {
        let mut task = runtime::spawn(async { 1 });
        assert!(poll_with(&mut task, &panicking()).is_pending());
        let other = runtime::spawn(async { 2 });
        assert_eq!(other.await.unwrap(), 2);
        assert_eq!(task.await.unwrap(), 1);
    });
}

#[test]
fn a_joiners_waker_that_panics_on_another_loop_leaves_the_output() {
    let rt = Runtime::new().unwrap();
    let mut task = rt.spawn(async { 1 });
    // Not current: as another thread would.
    assert!(poll_with(&mut task, &panicking()).is_pending());
    rt.block_on(yield_now());
    assert_eq!(rt.block_on(task).unwrap(), 1);
}

#[test]
fn a_sleepers_waker_that_panics_does_not_stop_the_others() {
    runtime::run(async {
        let deadline = runtime::time::Instant::now() + Duration::from_millis(1);
        let counting = CountingWaker::new();
        let mut sleeps: Vec<_> =
            (0..10).map(|_| Box::pin(runtime::time::sleep_until(deadline))).collect();
        for (n, sleep) in sleeps.iter_mut().enumerate() {
            let waker = if n % 2 == 0 { panicking() } else { counting.waker() };
            assert!(poll_with(sleep, &waker).is_pending());
        }
        while counting.wakes() < 5 {
            runtime::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(counting.wakes(), 5);
    });
}

#[cfg(unix)]
#[test]
fn a_readers_waker_that_panics_does_not_stop_the_others() {
    use std::io::Write;
    use std::os::unix::net::UnixStream;

    use runtime::reactor::AsyncFd;

    runtime::run(async {
        let counting = CountingWaker::new();
        let pairs: Vec<_> = (0..10)
            .map(|_| {
                let (ours, theirs) = UnixStream::pair().unwrap();
                ours.set_nonblocking(true).unwrap();
                (AsyncFd::new(ours).unwrap(), theirs)
            })
            .collect();
        let mut waits: Vec<_> = pairs.iter().map(|(ours, _)| Box::pin(ours.readable())).collect();
        for (n, wait) in waits.iter_mut().enumerate() {
            let waker = if n % 2 == 0 { panicking() } else { counting.waker() };
            assert!(poll_with(wait, &waker).is_pending());
        }
        for (_, theirs) in &pairs {
            (&*theirs).write_all(b"x").unwrap();
        }
        while counting.wakes() < 5 {
            yield_now().await;
        }
        assert_eq!(counting.wakes(), 5);
    });
}

#[test]
fn a_joiners_waker_that_panics_on_close_does_not_stop_the_others() {
    let rt = Runtime::new().unwrap();
    let counting = CountingWaker::new();
    let mut tasks: Vec<_> = (0..10).map(|_| rt.spawn(pending::<()>())).collect();
    rt.block_on(async {
        for (n, task) in tasks.iter_mut().enumerate() {
            let waker = if n % 2 == 0 { panicking() } else { counting.waker() };
            assert!(poll_with(task, &waker).is_pending());
        }
        yield_now().await;
    });
    rt.close().unwrap();
    assert_eq!(counting.wakes(), 5);
}

/// A waker that panics when it is dropped.
fn bomb() -> Waker {
    struct Bomb;

    impl Wake for Bomb {
        fn wake(self: Arc<Self>) {}
    }

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("dropped on purpose");
        }
    }

    Waker::from(Arc::new(Bomb))
}

#[test]
fn a_waker_that_panics_when_dropped_is_contained_when_its_handle_goes() {
    let rt = Runtime::new().unwrap();
    let mut here = rt.spawn(pending::<()>());
    let mut abroad = rt.spawn(pending::<()>());
    rt.block_on(async { assert!(poll_with(&mut here, &bomb()).is_pending()) });
    assert!(poll_with(&mut abroad, &bomb()).is_pending());
    let aborts = [here.abort_handle(), abroad.abort_handle()];
    std::thread::spawn(move || drop((here, abroad))).join().unwrap();
    rt.block_on(yield_now());
    drop(rt);
    assert!(aborts.iter().all(|abort| abort.is_finished()));
}

#[test]
fn a_waker_that_panics_when_dropped_is_contained_when_its_task_is_freed() {
    let rt = Runtime::new().unwrap();
    let mut task = rt.spawn(async {});
    assert!(poll_with(&mut task, &bomb()).is_pending());
    let abort = task.abort_handle();
    // Joined elsewhere; the waker left above is never used.
    assert!(rt.block_on(task).is_ok());
    drop(rt);
    drop(abort);
}

#[test]
fn a_joiners_waker_goes_with_its_handle() {
    let rt = Runtime::new().unwrap();
    let counting = CountingWaker::new();
    let mut task = rt.spawn(pending::<()>());
    assert!(poll_with(&mut task, &counting.waker()).is_pending());
    let abort = task.abort_handle();
    drop(task);
    rt.block_on(yield_now());
    assert_eq!(Arc::strong_count(&counting), 1, "though the task goes on");
    assert!(!abort.is_finished());
}
