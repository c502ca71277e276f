//! User code that does its worst: wakers, outputs and futures that close, drop or enter loops from inside.
#![allow(unsafe_code)]
// What is only there to be dropped.
#![allow(dead_code)]

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use rt::Runtime;
use rt::task::JoinHandle;
use runtime_core as rt;

/// `close` from a future's Drop while `close` is dropping it.
#[test]
fn closing_while_closing_drops_each_future_once() {
    struct Closer {
        rt: Rc<Runtime>,
        drops: Rc<Cell<u32>>,
        data: Box<u64>,
    }
    impl Drop for Closer {
        fn drop(&mut self) {
            self.drops.set(self.drops.get() + 1);
            if self.drops.get() == 1 {
                self.rt.close().unwrap();
            }
        }
    }
    let rt = Rc::new(Runtime::new().unwrap());
    let drops = Rc::new(Cell::new(0));
    let c = Closer { rt: rt.clone(), drops: drops.clone(), data: Box::new(42) };
    let _h = rt.spawn(async move {
        let _c = &c;
        pending::<()>().await;
    });
    rt.close().unwrap();
    assert_eq!(drops.get(), 1);
}

/// Block_on from a future's Drop during close; the future woke its own task.
#[test]
fn block_on_while_closing_is_refused() {
    struct Nest {
        rt: Rc<Runtime>,
        drops: Rc<Cell<u32>>,
        waker: Rc<RefCell<Option<Waker>>>,
        data: Box<u64>,
    }
    impl Drop for Nest {
        fn drop(&mut self) {
            self.drops.set(self.drops.get() + 1);
            if self.drops.get() == 1 {
                self.waker.borrow().as_ref().unwrap().wake_by_ref();
                self.rt.block_on(rt::task::yield_now());
            }
        }
    }
    let rt = Rc::new(Runtime::new().unwrap());
    let drops = Rc::new(Cell::new(0));
    let waker = Rc::new(RefCell::new(None));
    let n = Nest { rt: rt.clone(), drops: drops.clone(), waker: waker.clone(), data: Box::new(42) };
    let _h = rt.spawn(async move {
        let n = n;
        poll_fn(|cx| {
            *n.waker.borrow_mut() = Some(cx.waker().clone());
            Poll::<()>::Pending
        })
        .await;
    });
    rt.block_on(rt::task::yield_now());
    assert!(waker.borrow().is_some());
    rt.close().unwrap();
    assert_eq!(drops.get(), 1);
}

/// A joiner's waker that drops the join handle on the owner's thread, from `receive`.
#[test]
fn a_waker_may_drop_the_handle_it_waits_for() {
    struct W {
        handle: Mutex<Option<JoinHandle<Box<u64>>>>,
    }
    impl Wake for W {
        fn wake(self: Arc<Self>) {
            drop(self.handle.lock().unwrap().take());
        }
    }
    let rt = Runtime::new().unwrap();
    rt.block_on(async {
        let b = rt::spawn(async {
            // Spawned after: runs in the same pass, behind us.
            let target = rt::spawn(async { Box::new(7u64) });
            std::thread::spawn(move || {
                let w = Arc::new(W { handle: Mutex::new(None) });
                let waker = Waker::from(w.clone());
                let mut h = target;
                assert!(Pin::new(&mut h).poll(&mut Context::from_waker(&waker)).is_pending());
                *w.handle.lock().unwrap() = Some(h);
            })
            .join()
            .unwrap();
            // let target complete before the next drain
        });
        b.await.unwrap();
        for _ in 0..5 {
            rt::task::yield_now().await;
        }
    });
}
/// F3 variant: same pass, certain.
#[test]
fn a_waker_may_drop_the_handle_it_waited_for_abroad() {
    struct W {
        handle: Mutex<Option<JoinHandle<Box<u64>>>>,
    }
    impl Wake for W {
        fn wake(self: Arc<Self>) {
            drop(self.handle.lock().unwrap().take());
        }
    }
    let rt = Runtime::new().unwrap();
    let slot: Rc<RefCell<Option<JoinHandle<Box<u64>>>>> = Rc::default();
    let s2 = slot.clone();
    // first in the queue: hands the handle of the second abroad
    let _a = rt.spawn(async move {
        let mut h = s2.borrow_mut().take().unwrap();
        std::thread::spawn(move || {
            let w = Arc::new(W { handle: Mutex::new(None) });
            let waker = Waker::from(w.clone());
            assert!(Pin::new(&mut h).poll(&mut Context::from_waker(&waker)).is_pending());
            *w.handle.lock().unwrap() = Some(h);
        })
        .join()
        .unwrap();
    });
    *slot.borrow_mut() = Some(rt.spawn(async { Box::new(7u64) }));
    rt.block_on(async {
        for _ in 0..5 {
            rt::task::yield_now().await;
        }
    });
}

/// An output whose drop drops the runtime, with a forgotten guard.
#[test]
fn an_output_may_drop_a_runtime_whose_guard_was_forgotten() {
    thread_local!(static RT: RefCell<Option<Runtime>> = const { RefCell::new(None) });
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            let rt = RT.take();
            drop(rt);
        }
    }
    let rt = Runtime::new().unwrap();
    let h = rt.spawn(async { Bomb });
    rt.block_on(rt::task::yield_now());
    assert!(h.is_finished());
    std::mem::forget(rt.enter());
    RT.set(Some(rt));
    drop(h);
}
/// No forgotten guard, close() in the output's drop: Core leaks.
#[test]
fn an_output_may_close_the_loop() {
    struct Bomb(Rc<Runtime>);
    impl Drop for Bomb {
        fn drop(&mut self) {
            let _ = self.0.close();
        }
    }
    let rt = Rc::new(Runtime::new().unwrap());
    let r2 = rt.clone();
    let h = rt.spawn(async { Bomb(r2) });
    rt.block_on(rt::task::yield_now());
    let g = rt.enter();
    drop(h);
    drop(g);
}

/// A closed loop's cells are settled by whoever comes by, but this output is not theirs to drop.
#[test]
fn an_output_that_is_not_send_stays_on_its_thread() {
    static WRONG: AtomicUsize = AtomicUsize::new(0);
    struct NotSend(std::thread::ThreadId, Rc<()>);
    impl Drop for NotSend {
        fn drop(&mut self) {
            if std::thread::current().id() != self.0 {
                WRONG.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
    for _ in 0..300 {
        let rt = Runtime::new().unwrap();
        let keep = Rc::new(());
        let k = keep.clone();
        let waker: Rc<RefCell<Option<Waker>>> = Rc::default();
        let w2 = waker.clone();
        let h = rt.spawn(async move {
            poll_fn(|cx| {
                *w2.borrow_mut() = Some(cx.waker().clone());
                Poll::Ready(())
            })
            .await;
            NotSend(std::thread::current().id(), k)
        });
        rt.block_on(rt::task::yield_now());
        rt.close().unwrap();
        let waker = waker.borrow_mut().take().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let go = Arc::new(AtomicBool::new(false));
        let t = std::thread::spawn({
            let stop = stop.clone();
            let go = go.clone();
            move || {
                while !stop.load(Ordering::Relaxed) {
                    waker.wake_by_ref();
                    go.store(true, Ordering::Relaxed);
                }
            }
        });
        while !go.load(Ordering::Relaxed) {
            std::thread::yield_now();
        }
        for _ in 0..50 {
            std::hint::spin_loop();
        }
        drop(h);
        stop.store(true, Ordering::Relaxed);
        t.join().unwrap();
        drop(keep);
    }
    assert_eq!(WRONG.load(Ordering::Relaxed), 0);
}

/// After close, the output is taken and the handle dropped while a waker abroad settles the cell.
#[test]
fn an_output_is_given_away_once_while_others_settle_the_cell() {
    static DROPS: AtomicUsize = AtomicUsize::new(0);
    struct Counted(#[allow(dead_code)] Box<u64>);
    impl Drop for Counted {
        fn drop(&mut self) {
            DROPS.fetch_add(1, Ordering::Relaxed);
        }
    }
    let n = 500;
    for i in 0..n {
        let rt = rt::Builder::new().build().unwrap();
        let waker: Rc<RefCell<Option<Waker>>> = Rc::default();
        let w2 = waker.clone();
        let mut h = rt.spawn(async move {
            poll_fn(|cx| {
                *w2.borrow_mut() = Some(cx.waker().clone());
                Poll::Ready(())
            })
            .await;
            Counted(Box::new(5))
        });
        rt.block_on(rt::task::yield_now());
        rt.close().unwrap();
        let waker = waker.borrow_mut().take().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let go = Arc::new(AtomicBool::new(false));
        let t = std::thread::spawn({
            let stop = stop.clone();
            let go = go.clone();
            move || {
                while !stop.load(Ordering::Relaxed) {
                    for _ in 0..8 {
                        waker.wake_by_ref();
                    }
                    go.store(true, Ordering::Relaxed);
                }
            }
        });
        while !go.load(Ordering::Relaxed) {
            std::thread::yield_now();
        }
        let p = Pin::new(&mut h).poll(&mut Context::from_waker(Waker::noop()));
        let Poll::Ready(Ok(out)) = p else { panic!() };
        std::mem::forget(out); // what the program got is never dropped: each drop counted is one too many
        for _ in 0..(i % 64) {
            std::hint::spin_loop();
        }
        drop(h);
        stop.store(true, Ordering::Relaxed);
        t.join().unwrap();
        assert_eq!(
            DROPS.load(Ordering::Relaxed),
            0,
            "run {i}: the output that poll gave away was dropped again in the cell"
        );
    }
}
/// An open loop; poll again after completion, which is promised to panic.
#[test]
fn an_output_is_given_away_once_when_polled_again() {
    let rt = Runtime::new().unwrap();
    let twice = Arc::new(AtomicUsize::new(0));
    for _ in 0..400 {
        let waker: Rc<RefCell<Option<Waker>>> = Rc::default();
        let w2 = waker.clone();
        let h = rt.spawn(async move {
            poll_fn(|cx| {
                *w2.borrow_mut() = Some(cx.waker().clone());
                Poll::Ready(())
            })
            .await;
            7u64
        });
        rt.block_on(rt::task::yield_now());
        let waker = waker.borrow_mut().take().unwrap();
        let tw = twice.clone();
        let t = std::thread::spawn(move || {
            let mut h = h;
            let mut first = true;
            for _ in 0..300 {
                waker.wake_by_ref(); // makes the owner collect the word
                let r = catch_unwind(AssertUnwindSafe(|| {
                    Pin::new(&mut h).poll(&mut Context::from_waker(Waker::noop()))
                }));
                match r {
                    Ok(Poll::Ready(Ok(_))) if first => first = false,
                    Ok(Poll::Ready(Ok(_))) => {
                        tw.fetch_add(1, Ordering::Relaxed);
                    }
                    _ => {}
                }
            }
        });
        while !t.is_finished() {
            rt.block_on(async {
                for _ in 0..50 {
                    rt::task::yield_now().await;
                }
            });
        }
        t.join().unwrap();
    }
    assert_eq!(twice.load(Ordering::Relaxed), 0);
}

/// No forgotten guard, only guards dropped out of order; all safe.
#[test]
fn an_output_may_drop_a_runtime_whose_guard_was_dropped_out_of_order() {
    thread_local!(static RT: RefCell<Option<Runtime>> = const { RefCell::new(None) });
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            drop(RT.take());
        }
    }
    let a = Runtime::new().unwrap();
    let b = Runtime::new().unwrap();
    let h = a.spawn(async { Bomb });
    a.block_on(rt::task::yield_now());
    let g1 = a.enter();
    let g2 = b.enter();
    drop(g1);
    drop(g2);
    RT.set(Some(a));
    drop(h);
}

/// A waker whose clone drops the runtime (its vtable keeps the contract of RawWaker).
#[test]
fn a_waker_may_drop_the_runtime_while_it_is_cloned() {
    use std::task::{RawWaker, RawWakerVTable};
    thread_local!(static RT: RefCell<Option<Runtime>> = const { RefCell::new(None) });
    static V: RawWakerVTable = RawWakerVTable::new(
        |_| {
            drop(RT.take());
            RawWaker::new(std::ptr::null(), &V)
        },
        |_| {},
        |_| {},
        |_| {},
    );
    let rt = Runtime::new().unwrap();
    let mut h = rt.spawn(pending::<()>());
    std::mem::forget(rt.enter());
    RT.set(Some(rt));
    // SAFETY: the vtable's functions use no data, so whatever is done with the waker is sound.
    let w = unsafe { Waker::from_raw(RawWaker::new(std::ptr::null(), &V)) };
    assert!(RT.with_borrow(Option::is_some));
    // The loop is gone when the clone returns, and with it the task.
    let polled = Pin::new(&mut h).poll(&mut Context::from_waker(&w));
    assert!(matches!(polled, Poll::Ready(Err(error)) if error.is_cancelled()));
}

/// The future of a `block_on` that is refused is dropped outside of the loop.
#[test]
fn a_closed_loop_is_never_current() {
    struct D(Rc<Cell<bool>>);
    impl Drop for D {
        fn drop(&mut self) {
            self.0.set(rt::Handle::try_current().is_ok_and(|h| h.is_closed()));
        }
    }
    let rt = Runtime::new().unwrap();
    rt.close().unwrap();
    let seen = Rc::new(Cell::new(false));
    let d = D(seen.clone());
    let _ = catch_unwind(AssertUnwindSafe(|| {
        rt.block_on(async move {
            let _d = &d;
        });
    }));
    assert!(!seen.get(), "a closed loop was current");
}
/// The blocking executor goes with the last count on the loop.
#[test]
fn nothing_leaks_when_an_output_closes_the_loop() {
    static ALIVE: AtomicUsize = AtomicUsize::new(0);
    struct Exec;
    impl Drop for Exec {
        fn drop(&mut self) {
            ALIVE.fetch_sub(1, Ordering::Relaxed);
        }
    }
    impl rt::blocking::Executor for Exec {
        fn execute(&self, _job: rt::blocking::Job) -> std::io::Result<()> {
            Ok(())
        }
        fn shutdown(&self, _d: Option<std::time::Duration>) -> rt::blocking::Report {
            rt::blocking::Report::default()
        }
    }
    struct Bomb(Rc<Runtime>);
    impl Drop for Bomb {
        fn drop(&mut self) {
            let _ = self.0.close();
        }
    }
    ALIVE.fetch_add(1, Ordering::Relaxed);
    let rt = Rc::new(rt::Builder::new().blocking_executor(Exec).build().unwrap());
    let r2 = rt.clone();
    let h = rt.spawn(async { Bomb(r2) });
    rt.block_on(rt::task::yield_now());
    let g = rt.enter();
    drop(h);
    drop(g);
    drop(rt);
    assert_eq!(ALIVE.load(Ordering::Relaxed), 0, "the Core leaks");
}
