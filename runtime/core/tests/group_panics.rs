//! The panic of a loop ends that loop, and is reported; the others go on.

use std::future::pending;
use std::time::Duration;

use runtime::group::GroupHandle;
use runtime::{LoopGroup, UnhandledPanic};

/// As good as for ever.
const LONG: Duration = Duration::from_secs(600);

/// Loops that end with the first panic that nobody asks after.
fn group(loops: usize) -> LoopGroup {
    let group = LoopGroup::builder().loops(loops);
    group
        .configure(|_, builder| {
            builder.exception_handler(|_| {}).unhandled_panic(UnhandledPanic::Shutdown)
        })
        .build()
        .unwrap()
}

/// Has the loop panic, and waits until it is closed.
fn bring_down(group: &GroupHandle, index: usize) {
    let task = group.spawn_on(index, pending::<()>());
    drop(group.spawn_on(index, async { std::panic::resume_unwind(Box::new("on purpose")) }));
    assert!(runtime::run(task).unwrap_err().is_cancelled());
    // That is heard while the loop closes, which has an end.
    while !group.handle(index).is_closed() {
        std::thread::yield_now();
    }
}

#[test]
fn the_panic_of_a_loop_is_reported() {
    let group = group(2);
    bring_down(&group, 1);
    let report = group.shutdown(LONG);
    assert!(!report.ended_well());
    assert!(report.loops()[0].ended_well() && !report.loops()[0].is_panic());
    assert!(report.loops()[1].is_panic() && !report.loops()[1].ended_well());
    let text = report.to_string();
    assert!(text.contains("loop 1 on thread loop-1: panicked with message"), "{text}");
    assert!(text.contains("on purpose"), "{text}");
    let payload = report.into_loops().remove(1).into_panic().unwrap();
    assert!(payload.downcast_ref::<String>().unwrap().contains("on purpose"));
}

#[test]
fn the_other_loops_go_on() {
    let group = group(3);
    bring_down(&group, 0);
    let results = group.run(|index| async move { index });
    assert!(results[0].as_ref().unwrap_err().is_cancelled());
    assert_eq!(*results[1].as_ref().unwrap(), 1);
    assert_eq!(*results[2].as_ref().unwrap(), 2);
}

#[test]
fn what_is_sent_to_a_loop_that_has_panicked_is_an_error() {
    let group = group(1);
    bring_down(&group, 0);
    assert!(group.handle(0).is_closed());
    assert!(group.handle(0).stop().is_err());
    assert!(group.handle(0).call_soon(|| {}).is_err());
    let late = group.spawn(async {});
    assert!(runtime::run(late).unwrap_err().is_cancelled());
}

#[test]
fn a_sibling_that_waits_for_a_loop_hears_of_its_end() {
    let group = group(2);
    let waits = group.spawn_local_on(0, || async {
        let siblings = GroupHandle::try_current().unwrap();
        let task = siblings.spawn_on(1, pending::<()>());
        drop(siblings.spawn_on(1, async { std::panic::resume_unwind(Box::new("on purpose")) }));
        task.await.unwrap_err().is_cancelled()
    });
    assert!(runtime::run(waits).unwrap());
}

#[test]
fn join_returns_when_the_last_loop_has_panicked() {
    let group = group(2);
    let handle = group.group_handle().clone();
    let watch = std::thread::spawn(move || (0..2).for_each(|index| bring_down(&handle, index)));
    let report = group.join();
    watch.join().unwrap();
    assert!(report.loops().iter().all(runtime::group::LoopReport::is_panic), "{report}");
}
