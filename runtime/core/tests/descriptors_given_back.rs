//! A closed loop gives its descriptors back when the last of its handles is gone, whatever became of what
//! they stand for.
#![cfg(target_os = "linux")]

use std::cell::RefCell;
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use runtime::Runtime;
use runtime::callback::{TimerHandle, call_later, call_soon};

const LONG: Duration = Duration::from_secs(3600);

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Runs a part of the test, and looks whether it leaves anything open.
#[track_caller]
fn leaves_nothing(test: impl FnOnce()) {
    let before = descriptors();
    test();
    assert_eq!(descriptors(), before);
}

struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// The handle of a timer that another callback has cancelled.
fn cancelled_inside(rt: &Runtime, delay: Duration) -> TimerHandle {
    let timer = rt.call_later(delay, || ());
    let handle = timer.clone();
    rt.call_soon(move || handle.cancel());
    rt.turn(Some(Duration::ZERO)).unwrap();
    assert!(timer.is_cancelled());
    timer
}

// One test, for the others would open and close descriptors meanwhile.
#[test]
fn nothing_stays_open() {
    // Whatever the process needs once.
    drop(cancelled_inside(&Runtime::new().unwrap(), LONG));

    for delay in [Duration::ZERO, LONG] {
        leaves_nothing(|| {
            let rt = Runtime::new().unwrap();
            let timer = cancelled_inside(&rt, delay);
            drop(rt);
            drop(timer);
        });
        leaves_nothing(|| {
            let rt = Runtime::new().unwrap();
            let timer = cancelled_inside(&rt, delay);
            let copy = timer.clone();
            thread::spawn(move || drop(timer)).join().unwrap();
            drop(copy);
            rt.turn(Some(Duration::ZERO)).unwrap();
            drop(rt);
        });
        leaves_nothing(|| {
            let rt = Runtime::new().unwrap();
            let timer = cancelled_inside(&rt, delay);
            let copy = timer.clone();
            {
                let _entered = rt.enter();
                drop(copy);
            }
            drop(rt);
            thread::spawn(move || drop(timer)).join().unwrap();
        });
    }
    leaves_nothing(|| {
        let rt = Runtime::new().unwrap();
        let (soon, later) = (rt.call_soon(|| ()), rt.call_later(LONG, || ()));
        {
            let _entered = rt.enter();
            soon.cancel();
            later.cancel();
        }
        drop(rt);
        drop((soon, later));
    });
    // What is made while the loop closes.
    leaves_nothing(|| {
        let kept = Rc::new(RefCell::new(None));
        let rt = Runtime::new().unwrap();
        let slot = kept.clone();
        let late = OnDrop(move || {
            *slot.borrow_mut() = Some((call_soon(|| ()), call_later(LONG, || ())));
        });
        rt.call_soon(move || drop(late));
        drop(rt);
        let (soon, later) = kept.take().unwrap();
        assert!(soon.is_cancelled() && later.is_cancelled());
    });
    // And after that.
    leaves_nothing(|| {
        let rt = Runtime::new().unwrap();
        rt.close().unwrap();
        let handles = (rt.call_soon(|| ()), rt.call_later(LONG, || ()));
        drop(rt);
        drop(handles);
    });
    leaves_nothing(|| {
        let rt = Runtime::new().unwrap();
        let tasks = [rt.spawn(std::future::pending()), rt.spawn(async {})];
        tasks[0].abort();
        rt.turn(Some(Duration::ZERO)).unwrap();
        drop(rt);
        drop(tasks);
    });
}
