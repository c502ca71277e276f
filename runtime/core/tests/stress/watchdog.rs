//! Loops whose polls begin and end while the watchdog, and others, look at them: nothing dangles, and what is
//! seen is of one poll.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use runtime::task::yield_now;
use runtime::{Builder, Handle, task};

use crate::scaled;

/// So short that the watchdog never rests.
const THRESHOLD: Duration = Duration::from_micros(50);

fn look(handle: &Handle) -> usize {
    let Some(poll) = handle.current_poll() else { return 0 };
    if let Some(task) = poll.source().task() {
        // The name of a task says on which line it was spawned.
        let line = task.name().expect("each task has a name").parse();
        assert_eq!(line, Ok(task.location().line()));
    }
    1
}

#[test]
fn polls_end_while_others_look_at_them() {
    let over = Arc::new(AtomicBool::new(false));
    let tell = |report: &runtime::watchdog::BlockedReport| {
        if let Some(task) = report.task() {
            assert_eq!(task.name().unwrap().parse(), Ok(task.location().line()));
        }
    };
    let rt = Builder::new().watchdog(THRESHOLD).on_blocked(tell).build().unwrap();
    let seen = Arc::new(AtomicUsize::new(0));
    let lookers = [(); 2].map(|()| {
        let (handle, over, seen) = (rt.handle().clone(), over.clone(), seen.clone());
        thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                seen.fetch_add(look(&handle), Ordering::Relaxed);
            }
        })
    });
    rt.block_on(async {
        for round in 0..scaled(20_000) {
            let (here, line) = (task::Builder::new(), (line!() + 1).to_string());
            let first = here.name(&line).spawn(async { yield_now().await });
            let (here, line) = (task::Builder::new(), (line!() + 1).to_string());
            drop(here.name(&line).spawn(async {}));
            match round % 3 {
                0 => first.await.unwrap(),
                1 => first.abort(),
                _ => drop(first),
            }
            if round % 100 == 0 {
                let threshold = (round % 200 == 0).then_some(THRESHOLD);
                Handle::current().set_watchdog(threshold).unwrap();
            }
        }
    });
    // One that can be looked at.
    rt.handle().set_watchdog(THRESHOLD).unwrap();
    rt.turn(Some(Duration::ZERO)).unwrap();
    rt.block_on(async {
        while seen.load(Ordering::Relaxed) == 0 {
            thread::yield_now();
        }
    });
    over.store(true, Ordering::Relaxed);
    for looker in lookers {
        looker.join().unwrap();
    }
}
