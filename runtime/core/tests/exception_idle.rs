//! A failure that comes up while the loop does not run, or is about to sleep, is told before it sleeps.

mod support;

use std::sync::Arc;
use std::task::{Wake, Waker};

use runtime::task::{JoinHandle, yield_now};
use runtime::{Builder, Handle, Runtime};

/// Stops its loop when it hears of anything.
fn stopping() -> Runtime {
    Builder::new().exception_handler(|_| Handle::current().stop().unwrap()).build().unwrap()
}

fn failed(rt: &Runtime) -> JoinHandle<()> {
    let task = rt.spawn(async { panic!("for a reason") });
    rt.block_on(async {
        yield_now().await;
        yield_now().await;
    });
    assert!(task.is_finished());
    task
}

#[test]
fn what_is_dropped_while_the_loop_is_entered() {
    let rt = stopping();
    let task = failed(&rt);
    let entered = rt.enter();
    drop(task);
    drop(entered);
    rt.run_forever().unwrap();
}

#[test]
fn what_is_dropped_while_the_loop_is_not_entered() {
    let rt = stopping();
    drop(failed(&rt));
    rt.run_forever().unwrap();
}

#[test]
fn what_the_last_callback_drops_before_the_loop_sleeps() {
    let rt = stopping();
    let task = failed(&rt);
    rt.call_soon(move || drop(task));
    rt.run_forever().unwrap();
}

/// Drops a failed task when it is woken.
struct DropsATask(std::sync::Mutex<Option<JoinHandle<()>>>);

impl Wake for DropsATask {
    fn wake(self: Arc<DropsATask>) {
        drop(self.0.lock().unwrap().take());
    }
}

#[test]
fn what_a_timers_waker_drops() {
    let rt = stopping();
    let task = failed(&rt);
    let entered = rt.enter();
    let mut sleep = runtime::time::sleep(std::time::Duration::from_millis(1));
    let waker = Waker::from(Arc::new(DropsATask(std::sync::Mutex::new(Some(task)))));
    assert!(support::poll_with(&mut sleep, &waker).is_pending());
    drop(entered);
    rt.run_forever().unwrap();
}

#[test]
fn a_callback_that_panics_as_the_last_thing() {
    let rt = stopping();
    rt.call_soon(|| panic!("and nothing after it"));
    rt.run_forever().unwrap();
    rt.call_later(std::time::Duration::from_millis(1), || panic!("and nothing after it"));
    rt.run_forever().unwrap();
}
