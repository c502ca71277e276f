//! Debug mode tells what kept the loop from everything else: single polls and callbacks, and passes of many
//! that are not slow.
#![cfg(feature = "tracing")]

mod support;

use std::cell::Cell;
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use runtime::task::yield_now;
use runtime::{Builder, Runtime};
use support::subscriber::{Said, listen};
use tracing::Level;

/// Nothing that a test does by accident takes as long.
const NEVER: Duration = Duration::from_secs(3600);

fn with_threshold(threshold: Duration) -> Runtime {
    Builder::new().debug(true).slow_callback_duration(threshold).build().unwrap()
}

/// Whatever takes time at all is slow.
fn pedantic() -> Runtime {
    with_threshold(Duration::ZERO)
}

fn of_task<'a>(said: &'a [Said], name: &str) -> Vec<&'a Said> {
    said.iter().filter(|said| said.field("task.name") == name).collect()
}

#[test]
fn a_slow_task_is_told_with_id_name_location_and_duration() {
    let mut id = None;
    let said = listen(|| {
        pedantic().block_on(async {
            let task = runtime::task::Builder::new().name("sluggish").spawn(async {});
            id = Some(task.id());
            task.await.unwrap();
        });
    });
    let said = of_task(&said, "sluggish");
    assert_eq!(said.len(), 1, "it was polled once");
    assert_eq!(said[0].level, Level::WARN);
    assert_eq!(said[0].field("task.id"), id.unwrap().to_string());
    assert!(said[0].field("location").contains("debug_slow.rs"), "{said:?}");
    assert!(said[0].field("duration").ends_with('s'), "{said:?}");
}

#[test]
fn the_duration_is_that_of_the_poll() {
    let said = listen(|| {
        with_threshold(Duration::from_millis(5)).block_on(async {
            let task = runtime::task::Builder::new().name("sleeper");
            task.spawn(async { thread::sleep(Duration::from_millis(10)) }).await.unwrap();
        });
    });
    let said = of_task(&said, "sleeper");
    assert!(seconds(said[0].field("duration")) >= 0.01, "{said:?}");
}

/// A duration of ten milliseconds or more, as it is printed.
fn seconds(text: &str) -> f64 {
    match text.strip_suffix("ms") {
        Some(milliseconds) => milliseconds.parse::<f64>().unwrap() / 1000.0,
        None => text.strip_suffix('s').unwrap().parse().unwrap(),
    }
}

#[test]
fn the_main_future_is_told_as_such() {
    let said = listen(|| pedantic().block_on(yield_now()));
    let main = said.iter().filter(|said| said.message().contains("the main future"));
    assert_eq!(main.count(), 2, "its first poll, and its second: {said:?}");
    assert!(said.iter().all(|said| said.field("task.id").is_empty()), "{said:?}");
}

#[test]
fn callbacks_are_told_with_where_they_were_made() {
    let said = listen(|| {
        let rt = pedantic();
        rt.call_soon(|| ());
        rt.call_later(Duration::from_nanos(1), || runtime::Handle::current().stop().unwrap());
        rt.run_forever().unwrap();
    });
    for kind in ["call_soon", "call_later"] {
        let said: Vec<_> = said.iter().filter(|said| said.field("callback") == kind).collect();
        assert_eq!(said.len(), 1, "{kind}: {said:?}");
        assert!(said[0].field("location").contains("debug_slow.rs"), "{said:?}");
        assert!(!said[0].field("duration").is_empty(), "{said:?}");
    }
}

#[test]
fn a_pass_of_many_small_callbacks_is_told_with_their_number_and_its_duration() {
    const PASS: Duration = Duration::from_millis(200);
    let said = listen(|| {
        let rt = with_threshold(PASS);
        rt.block_on(yield_now());
        let small = Rc::new(Cell::new(Duration::ZERO));
        for _ in 0..1000 {
            let small = small.clone();
            rt.call_soon(move || {
                if small.get() > 2 * PASS {
                    return;
                }
                let begin = Instant::now();
                thread::sleep(Duration::from_millis(2));
                let took = begin.elapsed();
                // One that the system has held up may be slow by itself, and does not count.
                if took < PASS / 2 {
                    small.set(small.get() + took);
                }
            });
        }
        rt.block_on(yield_now());
    });
    let pass: Vec<_> = said.iter().filter(|said| said.message().contains("one pass")).collect();
    assert_eq!(pass.len(), 1, "{said:?}");
    assert_eq!(pass[0].level, Level::WARN);
    assert!(pass[0].field("count").parse::<u64>().unwrap() >= 1000, "{said:?}");
    assert!(!pass[0].field("duration").is_empty());
}

#[test]
fn a_pass_of_which_everything_has_been_told_is_not_told_again() {
    let said = listen(|| {
        let rt = pedantic();
        for _ in 0..10 {
            rt.call_soon(|| ());
        }
        rt.block_on(yield_now());
    });
    assert!(said.len() > 10);
    assert!(said.iter().all(|said| !said.message().contains("one pass")), "{said:?}");
}

#[test]
fn what_is_fast_enough_is_not_told() {
    let said = listen(|| {
        let rt = with_threshold(NEVER);
        rt.call_soon(|| ());
        rt.block_on(rt.spawn(yield_now())).unwrap();
    });
    assert!(said.is_empty(), "{said:?}");
}

#[test]
fn without_debug_mode_nothing_is_told() {
    let said = listen(|| {
        let builder = Builder::new().debug(false).slow_callback_duration(Duration::ZERO);
        let rt = builder.build().unwrap();
        rt.call_soon(|| ());
        rt.block_on(rt.spawn(yield_now())).unwrap();
    });
    assert!(said.is_empty(), "{said:?}");
}
