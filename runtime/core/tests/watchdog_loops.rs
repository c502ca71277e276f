//! One watchdog watches any number of loops, whatever they are in, and whatever becomes of them.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use runtime::task::yield_now;
use runtime::watchdog::{BlockedReport, PollSource};
use runtime::{Builder, Handle, Runtime};

const THRESHOLD: Duration = Duration::from_millis(20);
/// Nothing that a test does by accident takes as long.
const NEVER: Duration = Duration::from_secs(3600);

fn watched() -> (Runtime, Receiver<BlockedReport>) {
    let (send, reports) = channel();
    (Builder::new().watchdog(THRESHOLD).on_blocked(send_to(send)).build().unwrap(), reports)
}

fn send_to(send: Sender<BlockedReport>) -> impl Fn(&BlockedReport) + Send + Sync {
    move |report| drop(send.send(report.clone()))
}

#[test]
fn loops_that_are_blocked_at_the_same_time_are_all_reported() {
    let both = Arc::new(Barrier::new(2));
    let threads = ["first", "second"].map(|name| {
        let both = both.clone();
        let body = move || {
            let (rt, reports) = watched();
            rt.block_on(async {
                both.wait();
                let report = reports.recv().unwrap();
                // Neither goes on before both have been reported.
                both.wait();
                report
            })
        };
        thread::Builder::new().name(name.to_owned()).spawn(body).unwrap()
    });
    let reports = threads.map(|thread| thread.join().unwrap());
    assert_eq!(reports[0].thread_name(), Some("first"));
    assert_eq!(reports[1].thread_name(), Some("second"));
}

#[test]
fn a_loop_may_close_while_it_is_being_reported() {
    let (entered, is_in_callback) = channel();
    let (go, leave) = channel::<()>();
    let leave = Mutex::new(leave);
    let tell = move |report: &BlockedReport| {
        entered.send(report.count()).unwrap();
        // Until the loop is gone.
        let _ = leave.lock().unwrap().recv();
    };
    let rt = Builder::new().watchdog(THRESHOLD).on_blocked(tell).build().unwrap();
    rt.block_on(async { assert_eq!(is_in_callback.recv(), Ok(1)) });
    drop(rt);
    drop(go);
    // The watchdog goes on.
    let (rt, reports) = watched();
    assert_eq!(rt.block_on(async { reports.recv().unwrap().count() }), 1);
}

#[test]
fn a_callback_that_panics_is_called_again() {
    let (send, reports) = channel();
    let tell = move |report: &BlockedReport| {
        send.send(report.count()).unwrap();
        std::panic::resume_unwind(Box::new("a failure"));
    };
    let rt = Builder::new().watchdog(THRESHOLD).on_blocked(tell).build().unwrap();
    rt.block_on(async {
        assert_eq!(reports.recv(), Ok(1));
        assert_eq!(reports.recv(), Ok(2));
    });
}

#[test]
fn a_callback_may_run_a_loop_that_is_watched() {
    let (send, reports) = channel();
    let tell = move |_: &BlockedReport| {
        let rt = Builder::new().watchdog(NEVER).build().unwrap();
        rt.block_on(async { yield_now().await });
        send.send(()).unwrap();
    };
    let rt = Builder::new().watchdog(THRESHOLD).on_blocked(tell).build().unwrap();
    rt.block_on(async { reports.recv().unwrap() });
}

#[test]
fn a_task_in_a_loop_inside_of_another_one_is_reported_by_both() {
    let (outer, of_outer) = watched();
    let (inner, of_inner) = watched();
    let task = inner.spawn(async move {
        // Told in any order.
        (of_outer.recv().unwrap(), of_inner.recv().unwrap())
    });
    outer.block_on(async {
        while !task.is_finished() {
            inner.turn(None).unwrap();
        }
    });
    let (of_outer, of_inner) = inner.block_on(task).unwrap();
    assert!(matches!(of_outer.source(), PollSource::MainFuture));
    assert!(of_inner.task().is_some());
    assert!(of_inner.since() >= of_outer.since());
}

#[test]
fn a_loop_that_waits_inside_of_another_one_blocks_that_one_only() {
    let (outer, of_outer) = watched();
    let (inner, of_inner) = watched();
    outer.block_on(async {
        while of_outer.try_recv().is_err() {
            inner.turn(Some(THRESHOLD)).unwrap();
        }
    });
    drop(inner);
    assert!(of_inner.recv().is_err());
}

#[test]
fn a_loop_on_a_thread_of_the_blocking_pool_is_watched_like_any() {
    let rt = Builder::new().thread_name("pool").build().unwrap();
    let report = rt.block_on(async {
        let job = runtime::spawn_blocking(|| {
            let (rt, reports) = watched();
            rt.block_on(async { reports.recv().unwrap() })
        });
        job.await.unwrap()
    });
    assert!(report.thread_name().unwrap().starts_with("pool"));
}

#[test]
fn it_can_be_turned_on_and_off_while_the_loop_runs() {
    let (send, reports) = channel();
    let rt = Builder::new().on_blocked(send_to(send)).build().unwrap();
    rt.block_on(async {
        let handle = Handle::current();
        handle.set_watchdog(THRESHOLD).unwrap();
        yield_now().await;
        let first = reports.recv().unwrap();
        assert_eq!(first.count(), 1);
        yield_now().await;
        while !reports.recv().unwrap().is_over() {}
        handle.set_watchdog(None).unwrap();
        yield_now().await;
        thread::sleep(2 * THRESHOLD);
        assert!(reports.try_recv().is_err());
        assert!(handle.current_poll().is_none());
        handle.set_watchdog(THRESHOLD).unwrap();
        yield_now().await;
        assert_eq!(reports.recv().unwrap().count(), 1);
    });
}

#[test]
fn another_thread_can_turn_it_on() {
    let (send, reports) = channel();
    let rt = Builder::new().on_blocked(send_to(send)).build().unwrap();
    let handle = rt.handle().clone();
    thread::spawn(move || handle.set_watchdog(THRESHOLD).unwrap()).join().unwrap();
    rt.block_on(async {
        yield_now().await;
        reports.recv().unwrap();
    });
    let handle = rt.handle().clone();
    drop(rt);
    assert!(handle.set_watchdog(THRESHOLD).is_err());
    assert!(handle.current_poll().is_none());
}

#[test]
fn a_threshold_of_zero_is_none() {
    let (send, reports) = channel();
    let builder = Builder::new().watchdog(Duration::ZERO).on_blocked(send_to(send));
    let rt = builder.build().unwrap();
    rt.block_on(async { thread::sleep(THRESHOLD) });
    drop(rt);
    assert!(reports.recv().is_err());
}

#[test]
fn any_thread_can_ask_which_poll_a_loop_is_in() {
    for builder in [Builder::new().watchdog(NEVER), Builder::new().inspect(true)] {
        tells_which_poll_it_is_in(&builder.build().unwrap());
    }
}

fn tells_which_poll_it_is_in(rt: &Runtime) {
    let handle = rt.handle().clone();
    assert!(handle.current_poll().is_none());
    let ask = {
        let handle = handle.clone();
        move || {
            let handle = handle.clone();
            thread::spawn(move || handle.current_poll()).join().unwrap().unwrap()
        }
    };
    rt.block_on(async move {
        assert!(matches!(ask().source(), PollSource::MainFuture));
        let named = runtime::task::Builder::new().name("named");
        let task = named.spawn({
            let ask = ask.clone();
            async move {
                let first = ask();
                let second = ask();
                assert_eq!(first.since(), second.since());
                yield_now().await;
                assert!(ask().since() > first.since());
                first
            }
        });
        let id = task.id();
        let poll = task.await.unwrap();
        let source = poll.source().task().unwrap();
        assert_eq!((source.id(), source.name()), (id, Some("named")));
        assert!(poll.to_string().contains("named"), "{poll}");
        let (send, callback) = channel();
        runtime::callback::call_soon(move || send.send(ask()).unwrap());
        yield_now().await;
        yield_now().await;
        assert!(callback.recv().unwrap().source().callback().is_some());
    });
    assert!(handle.current_poll().is_none());
}

#[test]
fn a_loop_that_nobody_watches_does_not_say_which_poll_it_is_in() {
    let hooked = Builder::new().on_before_task_poll(|_| {});
    for builder in [Builder::new().watchdog(Duration::ZERO), hooked] {
        builder.build().unwrap().block_on(async {
            yield_now().await;
            assert!(Handle::current().current_poll().is_none());
        });
    }
}

#[test]
fn a_poll_in_which_the_watch_ends_is_not_told_for_ever() {
    type Switch = fn(&Handle, bool);
    let inspect: Switch = |handle, on| handle.set_inspect(on).unwrap();
    let watch: Switch = |handle, on| handle.set_watchdog(on.then_some(NEVER)).unwrap();
    for switch in [inspect, watch] {
        let rt = Runtime::new().unwrap();
        let handle = rt.handle().clone();
        let entered = rt.enter();
        switch(&handle, true);
        drop(entered);
        rt.block_on(async {
            let handle = Handle::current();
            for _ in 0..3 {
                assert!(handle.current_poll().is_some());
                switch(&handle, false);
                yield_now().await;
                assert!(handle.current_poll().is_none());
                switch(&handle, true);
                yield_now().await;
                yield_now().await;
            }
        });
        assert!(handle.current_poll().is_none());
    }
}
