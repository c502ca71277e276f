//! The watchdog tells who blocks a loop, while that is going on.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use runtime::callback::call_soon;
use runtime::task::yield_now;
use runtime::watchdog::{BlockedReport, PollSource};
use runtime::{Builder, CallbackKind, Runtime};

const THRESHOLD: Duration = Duration::from_millis(20);
/// Nothing that a test does by accident takes as long.
const NEVER: Duration = Duration::from_secs(3600);

fn watched(threshold: Duration) -> (Runtime, Receiver<BlockedReport>) {
    let (send, reports) = channel();
    let builder = Builder::new().watchdog(threshold).on_blocked(send_to(send));
    (builder.build().unwrap(), reports)
}

fn send_to(send: Sender<BlockedReport>) -> impl Fn(&BlockedReport) + Send + Sync {
    move |report| drop(send.send(report.clone()))
}

#[test]
fn a_task_that_blocks_is_reported_while_it_does() {
    let (rt, reports) = watched(THRESHOLD);
    let begin = Instant::now();
    let (report, id) = rt.block_on(async {
        let task = runtime::task::Builder::new().name("sluggish");
        let task = task.spawn(async move {
            // The loop gets no further until the report is there.
            reports.recv().unwrap()
        });
        let id = task.id();
        (task.await.unwrap(), id)
    });
    let task = report.task().unwrap();
    assert_eq!(task.id(), id);
    assert_eq!(task.name(), Some("sluggish"));
    assert!(task.location().file().ends_with("watchdog_reports.rs"));
    assert!(report.elapsed() >= THRESHOLD);
    assert!(report.since() >= begin);
    assert_eq!(report.count(), 1);
    assert!(!report.is_over());
    assert_eq!(report.thread_name(), thread::current().name());
    assert!(report.to_string().contains("sluggish"), "{report}");
}

#[test]
fn the_end_of_a_poll_that_was_reported_is_reported() {
    let (rt, reports) = watched(THRESHOLD);
    rt.block_on(async {
        yield_now().await;
        let first = reports.recv().unwrap();
        yield_now().await;
        let last = reports.recv().unwrap();
        assert!(last.is_over());
        assert_eq!(last.since(), first.since());
        assert!(last.elapsed() >= first.elapsed());
        assert_eq!(last.count(), 2);
        assert!(last.stack().frames().is_empty());
    });
}

#[test]
fn the_end_is_reported_even_if_the_loop_is_closed_at_once() {
    let (rt, reports) = watched(THRESHOLD);
    rt.block_on(async { assert!(!reports.recv().unwrap().is_over()) });
    drop(rt);
    assert!(reports.recv().unwrap().is_over());
    // The loop's callback is gone, and with it the sender.
    assert!(reports.recv().is_err());
}

#[test]
fn a_poll_that_goes_on_is_reported_again_when_its_time_has_doubled() {
    let (rt, reports) = watched(THRESHOLD);
    rt.block_on(async {
        for count in 1..=2 {
            let report = reports.recv().unwrap();
            assert_eq!(report.count(), count);
            assert!(report.elapsed() >= THRESHOLD * (1 << (count - 1)));
        }
    });
}

#[test]
fn the_main_future_is_reported_in_its_first_poll() {
    let (rt, reports) = watched(THRESHOLD);
    let report = rt.block_on(async { reports.recv().unwrap() });
    assert!(matches!(report.source(), PollSource::MainFuture));
}

#[test]
fn the_main_future_is_reported_in_any_later_poll() {
    let (rt, reports) = watched(THRESHOLD);
    let report = rt.block_on(async {
        yield_now().await;
        reports.recv().unwrap()
    });
    assert!(matches!(report.source(), PollSource::MainFuture));
}

#[test]
fn the_main_future_of_run_until_is_reported() {
    let (rt, reports) = watched(THRESHOLD);
    let main = std::pin::pin!(async { reports.recv().unwrap() });
    let report = rt.run_until(main).unwrap();
    assert!(matches!(report.source(), PollSource::MainFuture));
}

#[test]
fn a_callback_that_blocks_is_reported() {
    let (rt, reports) = watched(THRESHOLD);
    let (send, report) = channel();
    rt.block_on(async {
        call_soon(move || send.send(reports.recv().unwrap()).unwrap());
        yield_now().await;
        yield_now().await;
    });
    let report = report.recv().unwrap();
    let callback = report.callback().unwrap();
    assert_eq!(callback.kind(), CallbackKind::CallSoon);
    assert!(callback.location().file().ends_with("watchdog_reports.rs"));
}

#[test]
fn a_task_without_an_id_is_given_one_by_the_report() {
    let (rt, reports) = watched(THRESHOLD);
    let (report, id) = rt.block_on(async {
        let task = runtime::spawn(async move { (reports.recv().unwrap(), runtime::task::id()) });
        task.await.unwrap()
    });
    assert_eq!(report.task().unwrap().id(), id);
    assert_eq!(report.task().unwrap().name(), None);
}

#[test]
fn what_takes_no_longer_than_the_threshold_is_not_reported() {
    let (rt, reports) = watched(NEVER);
    rt.block_on(async {
        for _ in 0..1000 {
            runtime::spawn(yield_now()).await.unwrap();
        }
        thread::sleep(THRESHOLD);
    });
    drop(rt);
    assert!(reports.recv().is_err());
}

#[test]
fn a_pass_of_many_short_polls_is_not_reported() {
    const LONG: Duration = Duration::from_millis(200);
    let (rt, reports) = watched(LONG);
    let mut slow = 0;
    rt.block_on(async {
        let begin = Instant::now();
        while begin.elapsed() < 2 * LONG {
            let poll = Instant::now();
            thread::sleep(Duration::from_millis(5));
            // On a machine that is busy with other things even this may take long.
            slow += usize::from(poll.elapsed() > LONG / 2);
            yield_now().await;
        }
    });
    drop(rt);
    assert!(reports.iter().count() <= 2 * slow);
}

#[test]
fn a_loop_that_waits_blocks_nobody() {
    let (rt, reports) = watched(THRESHOLD);
    rt.block_on(runtime::time::sleep(5 * THRESHOLD));
    drop(rt);
    assert!(reports.recv().is_err());
}

#[test]
fn a_turn_that_waits_blocks_nobody() {
    let (rt, reports) = watched(THRESHOLD);
    for _ in 0..2 {
        rt.turn(Some(3 * THRESHOLD)).unwrap();
    }
    drop(rt);
    assert!(reports.recv().is_err());
}

#[test]
fn a_task_that_blocks_a_turn_is_reported() {
    let (rt, reports) = watched(THRESHOLD);
    let task = rt.spawn(async move { reports.recv().unwrap() });
    while !task.is_finished() {
        rt.turn(None).unwrap();
    }
    assert!(rt.block_on(task).unwrap().task().is_some());
}

#[test]
fn nothing_is_left_of_a_poll_that_panicked() {
    let (rt, reports) = watched(THRESHOLD);
    for later in [false, true] {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            rt.block_on(async {
                if later {
                    yield_now().await;
                }
                std::panic::resume_unwind(Box::new("a failure"));
            })
        }));
        assert!(outcome.is_err());
        assert!(rt.handle().current_poll().is_none());
        thread::sleep(2 * THRESHOLD);
    }
    drop(rt);
    assert!(reports.recv().is_err());
}

#[test]
fn polls_that_block_one_after_the_other_are_told_in_order_however_slow_the_callback_is() {
    let (send, reports) = channel();
    let (entered, first_is_told) = channel();
    let (begun, second_has_begun) = channel();
    let waits = std::sync::Mutex::new(Some(second_has_begun));
    let tell = move |report: &BlockedReport| {
        send.send(report.clone()).unwrap();
        let waits = waits.lock().unwrap().take();
        if let Some(second_has_begun) = waits {
            entered.send(()).unwrap();
            second_has_begun.recv().unwrap();
            // Until that, too, has taken too long.
            thread::sleep(2 * THRESHOLD);
        }
    };
    let rt = Builder::new().watchdog(THRESHOLD).on_blocked(tell).build().unwrap();
    let told = rt.block_on(async {
        let first = runtime::task::Builder::new().name("first");
        first.spawn(async move { first_is_told.recv().unwrap() }).await.unwrap();
        let second = runtime::task::Builder::new().name("second");
        let second = second.spawn(async move {
            begun.send(()).unwrap();
            [(); 3].map(|()| reports.recv().unwrap())
        });
        second.await.unwrap()
    });
    let told = told.map(|report| {
        (report.task().unwrap().name().unwrap().to_owned(), report.count(), report.is_over())
    });
    let expected = [("first", 1, false), ("first", 2, true), ("second", 1, false)];
    assert_eq!(told, expected.map(|(name, count, over)| (name.to_owned(), count, over)));
}
