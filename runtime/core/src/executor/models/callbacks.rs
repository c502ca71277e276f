//! Callbacks, and the tasks behind proxies: sent, cancelled, woken and let go from other threads.

use loom::sync::atomic::AtomicU32;

use super::*;
use crate::executor::CallbackRef;

/// How often a closure ran, and that it was dropped once, at home unless its loop refused it.
struct Closure {
    ran: Arc<AtomicU32>,
    drops: Arc<UnsafeCell<u32>>,
}

impl Closure {
    fn new() -> Closure {
        Closure { ran: Arc::new(AtomicU32::new(0)), drops: Arc::new(UnsafeCell::new(0)) }
    }

    fn body(&self) -> impl FnOnce() + Send + 'static + use<> {
        let (ran, witness) = (self.ran.clone(), Witness(self.drops.clone()));
        move || {
            ran.fetch_add(1, Ordering::Relaxed);
            drop(witness);
        }
    }

    /// How often it has run. All the other threads are gone.
    fn settle(&self) -> u32 {
        assert_eq!(drops(&self.drops), 1);
        self.ran.load(Ordering::Relaxed)
    }
}

fn here() -> &'static Location<'static> {
    Location::caller()
}

fn send(core: &Core, closure: &Closure) -> Option<CallbackRef> {
    core.call_soon(closure.body(), Particulars::new(here()))
}

/// A callback that waits, and the waker that the wheel would have.
fn arm(world: &World, closure: &Closure) -> (CallbackRef, Waker) {
    let mut armed = None;
    let callback = world.local.call_when(closure.body(), here(), |waker| {
        armed = Some(waker.clone());
        true
    });
    (callback, armed.unwrap())
}

#[test]
fn a_callback_from_another_thread_wakes_a_parking_loop() {
    model(3, || {
        let world = World::new();
        let core = world.core();
        let called = Arc::new(AtomicBool::new(false));
        let mut other = None;
        world.block_on(poll_fn(|context| {
            if other.is_none() {
                let (core, called, waker) = (core.clone(), called.clone(), context.waker().clone());
                other = Some(thread::spawn(move || {
                    let closure = move || {
                        called.store(true, Ordering::Relaxed);
                        waker.wake();
                    };
                    drop(core.call_soon(closure, Particulars::new(here())).unwrap());
                }));
            }
            if called.load(Ordering::Relaxed) { Poll::Ready(()) } else { Poll::Pending }
        }));
        other.unwrap().join().unwrap();
        drop(core);
        assert!(world.close().upgrade().is_none());
    });
}

#[test]
fn a_callback_from_another_thread_runs_or_is_dropped() {
    model(3, || {
        let world = World::new();
        let core = world.core();
        let closure = Closure::new();
        let sent = Closure { ran: closure.ran.clone(), drops: closure.drops.clone() };
        let other = thread::spawn(move || {
            let callback = send(&core, &sent);
            drop(core);
            let accepted = callback.is_some();
            drop(callback);
            drop(sent);
            accepted
        });
        world.local.run_for_model();
        let witness = world.close();
        let accepted = other.join().unwrap();
        assert!(accepted || closure.settle() == 0);
        assert!(closure.settle() <= 1);
        assert!(witness.upgrade().is_none());
    });
}

#[test]
fn a_cancel_from_another_thread_meets_the_run() {
    model(3, || {
        let world = World::new();
        let closure = Closure::new();
        let callback = world.local.call_soon(closure.body(), here());
        let abroad = callback.clone();
        let other = thread::spawn(move || {
            abroad.cancel();
            // What was cancelled may run still, but what is said to be over is.
            abroad.is_finished() && abroad.is_cancelled()
        });
        world.local.run_for_model();
        world.local.run_for_model();
        let said = other.join().unwrap();
        world.local.run_for_model();
        assert!(callback.is_finished());
        let ran = closure.settle();
        assert_eq!(callback.is_cancelled(), ran == 0);
        assert!(!said || ran == 0);
        let witness = world.close();
        drop(callback);
        assert!(witness.upgrade().is_none());
    });
}

#[test]
fn a_cancel_from_another_thread_meets_close() {
    for timer in [false, true] {
        model(3, move || {
            let world = World::new();
            let closure = Closure::new();
            let (callback, waker) = if timer {
                let (callback, waker) = arm(&world, &closure);
                (callback, Some(waker))
            } else {
                (world.local.call_soon(closure.body(), here()), None)
            };
            let abroad = callback.clone();
            let other = thread::spawn(move || {
                abroad.cancel();
                abroad.is_cancelled()
            });
            let witness = world.close();
            drop(waker);
            assert_eq!(closure.settle(), 0);
            assert!(callback.is_cancelled());
            assert!(other.join().unwrap());
            drop(callback);
            assert!(witness.upgrade().is_none());
        });
    }
}

#[test]
fn two_cancels_and_a_timer_that_fires_meet() {
    model(2, || {
        let world = World::new();
        let closure = Closure::new();
        let (callback, waker) = arm(&world, &closure);
        let abroad = [callback.clone(), callback];
        let others = abroad.map(|callback| thread::spawn(move || callback.cancel()));
        {
            let _running = Running::new(&world.local);
            waker.wake();
        }
        world.local.run_for_model();
        for other in others {
            other.join().unwrap();
        }
        let witness = world.close();
        assert!(closure.settle() <= 1);
        assert!(witness.upgrade().is_none());
    });
}

#[test]
fn handles_cloned_and_dropped_abroad_meet_the_run() {
    model(3, || {
        let world = World::new();
        let closure = Closure::new();
        let callback = world.local.call_soon(closure.body(), here());
        let other = thread::spawn(move || {
            let copy = callback.clone();
            drop(callback);
            drop(copy);
        });
        {
            let _running = Running::new(&world.local);
            world.local.run_for_model();
        }
        other.join().unwrap();
        world.local.run_for_model();
        assert_eq!(closure.settle(), 1);
        assert!(world.close().upgrade().is_none());
    });
}

#[test]
fn the_last_handle_goes_abroad_while_the_callback_is_cancelled_here() {
    model(3, || {
        let world = World::new();
        let closure = Closure::new();
        let (callback, waker) = arm(&world, &closure);
        let abroad = callback.clone();
        let other = thread::spawn(move || drop(abroad));
        {
            let _running = Running::new(&world.local);
            drop(waker);
            callback.cancel();
        }
        // Not current: the reference is given back as if abroad.
        drop(callback);
        other.join().unwrap();
        let witness = world.close();
        assert_eq!(closure.settle(), 0);
        assert!(witness.upgrade().is_none());
    });
}

#[test]
fn handles_that_outlive_the_loop_are_let_go_at_once() {
    model(3, || {
        let world = World::new();
        let closure = Closure::new();
        let callback = world.local.call_soon(closure.body(), here());
        let abroad = callback.clone();
        let other = thread::spawn(move || {
            abroad.cancel();
            drop(abroad.clone());
        });
        let witness = world.close();
        drop(callback);
        other.join().unwrap();
        assert_eq!(closure.settle(), 0);
        assert!(witness.upgrade().is_none());
    });
}

#[test]
fn a_task_behind_a_proxy_is_woken_from_another_thread() {
    model(3, || {
        let world = World::new();
        let flag = Arc::new(AtomicBool::new(false));
        let mut other = None;
        let give = {
            let flag = flag.clone();
            let (send, receive) = std::sync::mpsc::channel();
            other.replace(receive);
            move |waker: Waker| {
                let thread = thread::spawn(move || {
                    flag.store(true, Ordering::Relaxed);
                    waker.wake();
                });
                send.send(thread).unwrap();
            }
        };
        let proxy = world.local.spawn_proxied(wait_for(flag, give), &Particulars::new(here()));
        let task = spawn(&world, proxy);
        assert!(matches!(world.block_on(join(task)), Ok(Ok(()))));
        other.unwrap().recv().unwrap().join().unwrap();
        assert!(world.close().upgrade().is_none());
    });
}

#[test]
fn a_task_behind_a_proxy_is_woken_while_its_proxy_goes() {
    model(3, || {
        let world = World::new();
        let count = Arc::new(UnsafeCell::new(0));
        let held = Witness(count.clone());
        let (send, receive) = std::sync::mpsc::channel();
        let future = async move {
            let _held = held;
            wait_for(Arc::new(AtomicBool::new(false)), move |waker| send.send(waker).unwrap())
                .await;
        };
        let proxy = world.local.spawn_proxied(future, &Particulars::new(here()));
        let task = spawn(&world, proxy);
        let abort = task.task_ref();
        {
            let _running = Running::new(&world.local);
            world.local.run_for_model();
        }
        let waker = receive.recv().unwrap();
        let other = thread::spawn(move || {
            waker.wake_by_ref();
            waker.wake();
        });
        {
            let _running = Running::new(&world.local);
            abort.abort();
            drop(abort);
            world.local.run_for_model();
            world.local.run_for_model();
            drop(task);
        }
        let witness = world.close();
        assert_eq!(drops(&count), 1);
        other.join().unwrap();
        assert!(witness.upgrade().is_none());
    });
}
