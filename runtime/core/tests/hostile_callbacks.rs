//! Callbacks whose closures act when they are run, cancelled or dropped: on their own handles, their siblings
//! and their loop.

mod support;

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use runtime::callback::{CallbackHandle, TimerHandle, call_later, call_soon};
use runtime::reactor::loop_local;
use runtime::task::yield_now;
use runtime::time::sleep;
use runtime::{Builder, Runtime, UnhandledPanic};
use support::{DropLog, OnDrop};

const AT_ONCE: Option<Duration> = Some(Duration::ZERO);
const NEVER: Duration = Duration::MAX;

#[test]
fn a_callback_may_cancel_and_drop_its_own_handles() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let own: Rc<RefCell<Vec<CallbackHandle>>> = Rc::default();
    let (handles, witness) = (own.clone(), log.local_witness());
    let handle = rt.call_soon(move || {
        let mine = handles.take();
        assert_eq!(mine.len(), 2);
        mine[0].cancel();
        assert!(!mine[0].is_cancelled() && mine[1].is_finished());
        drop(mine);
        drop(witness);
    });
    own.borrow_mut().extend([handle.clone(), handle]);
    rt.turn(AT_ONCE).unwrap();
    log.assert_dropped_here(1);
}

#[test]
fn a_cancelled_closure_may_drop_the_last_handle() {
    let rt = Runtime::new().unwrap();
    let _entered = rt.enter();
    let own: Rc<RefCell<Option<TimerHandle>>> = Rc::default();
    let log = DropLog::new();
    let (kept, witness) = (own.clone(), log.local_witness());
    let at_end = OnDrop(move || {
        let handle = kept.take().unwrap();
        assert!(handle.is_cancelled());
        handle.cancel();
    });
    let timer = call_later(NEVER, move || {
        drop(at_end);
        drop(witness);
    });
    own.replace(Some(timer.clone()));
    timer.cancel();
    drop(timer);
    log.assert_dropped_here(1);
    assert!(own.take().is_none());
}

#[test]
fn a_cancelled_closure_may_close_the_loop() {
    for timer in [false, true] {
        let rt = Rc::new(Runtime::new().unwrap());
        let _entered = rt.enter();
        let log = DropLog::new();
        let (home, witness, sibling) = (rt.clone(), log.local_witness(), log.local_witness());
        let (sender, receiver) = mpsc::channel::<CallbackHandle>();
        let at_end = OnDrop(move || {
            home.close().unwrap();
            // The loop is gone, and the callback has not been told yet that it is: its handles may be
            // anywhere.
            let handles: Vec<_> = receiver.try_iter().collect();
            thread::spawn(move || drop(handles)).join().unwrap();
        });
        let closure = move || drop((at_end, witness));
        rt.call_soon(move || drop(sibling));
        if timer {
            let handle = rt.call_later(NEVER, closure);
            handle.cancel();
            assert!(handle.is_cancelled());
        } else {
            let handle = rt.call_soon(closure);
            (0..3).for_each(|_| sender.send(handle.clone()).unwrap());
            handle.cancel();
            assert!(handle.is_cancelled());
        }
        assert!(rt.is_closed());
        log.assert_dropped_here(2);
    }
}

#[test]
fn a_cancelled_closure_may_run_the_loop() {
    let rt = Rc::new(Runtime::new().unwrap());
    let order = Rc::new(RefCell::new(Vec::new()));
    let entered = rt.enter();
    let (home, log) = (rt.clone(), order.clone());
    let at_end = OnDrop(move || {
        home.block_on(yield_now());
        log.borrow_mut().push("dropped");
    });
    let first = call_soon(move || drop(at_end));
    let log = order.clone();
    call_soon(move || log.borrow_mut().push("second"));
    first.cancel();
    drop(first);
    assert_eq!(*order.borrow(), ["second", "dropped"]);
    drop(entered);
    rt.block_on(yield_now());
}

#[test]
fn a_closure_dropped_by_close_may_do_anything() {
    let rt = Rc::new(Runtime::new().unwrap());
    let log = DropLog::new();
    let handles: Rc<RefCell<Vec<TimerHandle>>> = Rc::default();
    for _ in 0..3 {
        let (home, log, kept) = (rt.clone(), log.clone(), handles.clone());
        let at_end = OnDrop(move || {
            let witnesses = [(); 4].map(|()| log.local_witness());
            let [soon, later, task, abroad] = witnesses;
            // All of them are dropped at once.
            let soon = home.call_soon(move || drop(soon));
            assert!(soon.is_cancelled());
            assert!(home.call_later(NEVER, move || drop(later)).is_cancelled());
            assert!(home.spawn(async move { drop(task) }).is_finished());
            let _ = home.handle().call_soon(|| ());
            kept.borrow().iter().for_each(TimerHandle::cancel);
            home.close().unwrap();
            assert!(catch_unwind(AssertUnwindSafe(|| home.turn(AT_ONCE))).is_err());
            drop(abroad);
            panic!("a panic that is contained");
        });
        handles.borrow_mut().push(rt.call_later(NEVER, move || drop(at_end)));
    }
    rt.close().unwrap();
    assert_eq!(log.count(), 3 * 4);
    assert!(handles.take().iter().all(TimerHandle::is_cancelled));
    assert!(rt.call_soon(|| ()).is_cancelled());
}

#[test]
fn what_a_closed_loop_refuses_may_drop_the_loop() {
    let rt = Rc::new(Runtime::new().unwrap());
    let log = DropLog::new();
    rt.close().unwrap();
    let (last, witness) = (rt.clone(), log.local_witness());
    let handle = rt.call_soon(move || drop((last, witness)));
    assert!(handle.is_cancelled());
    drop(rt);
    log.assert_dropped_here(1);
    assert!(handle.clone().is_finished());
}

#[test]
fn siblings_are_cancelled_in_the_pass_in_which_they_were_to_run() {
    let rt = Runtime::new().unwrap();
    let siblings: Rc<RefCell<Vec<CallbackHandle>>> = Rc::default();
    let log = DropLog::new();
    for _ in 0..4 {
        let (all, witness) = (siblings.clone(), log.local_witness());
        let handle = rt.call_soon(move || {
            drop(witness);
            // The first one takes all the others with it, the last of the pass included.
            all.take().iter().for_each(CallbackHandle::cancel);
        });
        siblings.borrow_mut().push(handle);
    }
    let ran = Rc::new(Cell::new(0));
    let count = ran.clone();
    rt.block_on(async {
        call_soon(move || count.set(count.get() + 1));
        yield_now().await;
        yield_now().await;
    });
    log.assert_dropped_here(4);
    assert_eq!(ran.get(), 1);
}

#[test]
fn an_interrupted_pass_runs_each_callback_once_and_in_order() {
    runtime::context_var! { static FLAG: bool = false; }
    let rt = Rc::new(Builder::new().exception_handler(|_| ()).build().unwrap());
    let order = Rc::new(RefCell::new(Vec::new()));
    for number in 0..40 {
        let (order, home) = (order.clone(), rt.clone());
        rt.call_soon(move || {
            order.borrow_mut().push(number);
            let next = order.clone();
            // This pass ends before any of these.
            call_soon(move || next.borrow_mut().push(100 + number));
            match number % 5 {
                0 => drop(FLAG.set(true)),
                1 => home.set_debug(number % 2 == 0),
                2 => home.stop(),
                3 => panic!("told to the handler, which makes a pause"),
                _ => {}
            }
        });
    }
    rt.run_forever().unwrap();
    assert!(order.borrow().iter().copied().eq(0..40));
    rt.turn(AT_ONCE).unwrap();
    assert!(order.borrow().iter().copied().eq((0..40).chain(100..140)));
}

#[test]
fn a_panic_in_the_main_future_loses_no_callback() {
    let rt = Runtime::new().unwrap();
    let ran = Rc::new(Cell::new(0));
    let run = catch_unwind(AssertUnwindSafe(|| {
        rt.block_on(async {
            for _ in 0..3 {
                let ran = ran.clone();
                call_soon(move || ran.set(ran.get() + 1));
            }
            yield_now().await;
            let ran = ran.clone();
            call_soon(move || ran.set(ran.get() + 1));
            panic!("in the midst of a pass");
        })
    }));
    assert!(run.is_err());
    rt.turn(AT_ONCE).unwrap();
    assert_eq!(ran.get(), 4);
}

#[test]
fn a_loop_that_an_unhandled_panic_ends_drops_its_callbacks() {
    let rt = Rc::new(
        Builder::new()
            .exception_handler(|_| ())
            .unhandled_panic(UnhandledPanic::Shutdown)
            .build()
            .unwrap(),
    );
    let log = DropLog::new();
    rt.call_soon(|| panic!("nobody catches this"));
    let (home, witness) = (rt.clone(), log.local_witness());
    let at_end = OnDrop(move || {
        home.close().unwrap();
        assert!(catch_unwind(AssertUnwindSafe(|| home.block_on(yield_now()))).is_err());
        assert!(home.call_soon(|| ()).is_cancelled());
    });
    let timer = rt.call_later(NEVER, move || drop((at_end, witness)));
    let run = catch_unwind(AssertUnwindSafe(|| rt.run_forever()));
    assert!(run.is_err() && rt.is_closed() && !rt.is_running());
    log.assert_dropped_here(1);
    assert!(timer.is_cancelled());
}

#[test]
fn cancels_of_threads_meet_a_loop_that_closes() {
    for round in 0..20 {
        let rt = Runtime::new().unwrap();
        let log = Arc::new(Mutex::new(0));
        let handles: Vec<_> = (0..16)
            .map(|number| {
                let log = log.clone();
                let at_end = OnDrop(move || *log.lock().unwrap() += 1);
                rt.call_later(Duration::from_micros(number * 10), move || drop(at_end))
            })
            .collect();
        let clones = handles.clone();
        let other = thread::spawn(move || {
            for handle in clones {
                handle.cancel();
                let _ = handle.is_cancelled();
            }
        });
        if round % 2 == 0 {
            rt.block_on(sleep(Duration::from_micros(50)));
        }
        rt.close().unwrap();
        assert_eq!(*log.lock().unwrap(), 16);
        other.join().unwrap();
        assert!(handles.iter().all(TimerHandle::is_finished));
    }
}

#[test]
fn a_callback_that_comes_too_late_may_be_cancelled_on_the_loops_thread() {
    #[derive(Default)]
    struct AtTheEnd(RefCell<Option<Box<dyn Fn()>>>);
    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            self.0.take().expect("it was set")();
        }
    }

    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let (handle, witness) = (rt.handle().clone(), Cell::new(Some(log.witness())));
    // What is sent while the loop's own values are dropped is not taken in any more.
    let send = move || {
        let (handle, witness) = (handle.clone(), witness.take());
        let sender = thread::spawn(move || handle.call_soon(move || drop(witness)).unwrap());
        let callback = sender.join().unwrap();
        callback.cancel();
        assert!(callback.is_cancelled());
    };
    let guard = rt.enter();
    loop_local(|last: &AtTheEnd| last.0.replace(Some(Box::new(send))));
    drop(guard);
    drop(rt);
    log.assert_dropped_here(1);
}
