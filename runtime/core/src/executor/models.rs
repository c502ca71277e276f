//! Loom models of the task and inbox protocols: every interleaving of an owner with one or two other threads.
//!
//! Each model runs the real cells, words and inbox. After each execution nothing may be left: every cell freed, the `Core` gone.

use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};

use loom::cell::UnsafeCell;
use loom::sync::Notify;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;

use crate::context::Running;
use crate::executor::{Core, Failure, JoinCell, Unpark, drive};
use crate::local::Local;

struct Bell(Notify);

impl Unpark for Bell {
    fn unpark(&self) {
        self.0.notify();
    }
}

const UNWATCHED: (fn(&crate::executor::Executor), fn(())) = (|_| (), |()| ());

/// A loop that is an executor and a bell.
struct World {
    local: Rc<Local>,
    bell: Arc<Bell>,
}

impl World {
    fn new() -> World {
        let bell = Arc::new(Bell(Notify::new()));
        let local = Rc::new(Local::new(bell.clone()));
        local.install_root();
        World { local, bell }
    }

    fn core(&self) -> Arc<Core> {
        self.local.core.clone()
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        let _running = Running::new(&self.local);
        let future = pin!(future);
        drive(&self.local, future, |done| {
            let mut until_look = 64;
            loop {
                self.local.drain();
                self.local.run_pass(&mut until_look, 64, UNWATCHED, || self.local.drain());
                if done.get() {
                    return;
                }
                if self.local.executor.is_idle() && self.local.prepare_park() {
                    self.bell.0.wait();
                }
            }
        })
        .unwrap()
    }

    /// Closes the loop and returns a witness of its `Core`.
    fn close(self) -> Weak<Core> {
        let witness = Arc::downgrade(&self.local.core);
        let entered = crate::context::Entered::closing(&self.local);
        self.local.close_executor(|| {
            drop(entered);
            crate::context::leave(&self.local);
        });
        witness
    }
}

fn spawn<F: Future + 'static>(world: &World, future: F) -> JoinCell<F::Output> {
    world.local.spawn(future, std::panic::Location::caller())
}

async fn join<T>(mut cell: JoinCell<T>) -> Result<T, Failure> {
    poll_fn(|context| cell.poll(context)).await
}

/// Explores with a bound on preemptions, without which the models with three threads would take hours.
fn model(preemptions: usize, f: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(f);
}

/// Hands the task's waker to `give` at the first poll, then waits for `flag`.
async fn wait_for(flag: Arc<AtomicBool>, give: impl FnOnce(Waker)) {
    let mut give = Some(give);
    poll_fn(|context| {
        if let Some(give) = give.take() {
            give(context.waker().clone());
        }
        // Relaxed: the wake itself has to make the store visible.
        if flag.load(Ordering::Relaxed) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

#[test]
fn a_wake_from_another_thread_is_never_lost() {
    model(3, || {
        let world = World::new();
        let flag = Arc::new(AtomicBool::new(false));
        let (send, receive) = std::sync::mpsc::channel();
        let task = spawn(&world, wait_for(flag.clone(), move |waker| send.send(waker).unwrap()));
        world.local.run_for_model();
        let waker: Waker = receive.recv().unwrap();
        let other = thread::spawn(move || {
            flag.store(true, Ordering::Relaxed);
            waker.wake();
        });
        assert!(world.block_on(join(task)).is_ok());
        other.join().unwrap();
        assert!(world.close().upgrade().is_none());
    });
}

#[test]
fn redundant_wakes_publish_what_was_written_before_them() {
    model(2, || {
        let world = World::new();
        let (one, two) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let (send, receive) = std::sync::mpsc::channel();
        let both = {
            let (one, two) = (one.clone(), two.clone());
            async move {
                wait_for(one, move |waker| send.send(waker).unwrap()).await;
                wait_for(two, |_| {}).await;
            }
        };
        let task = spawn(&world, both);
        world.local.run_for_model();
        let waker: Waker = receive.recv().unwrap();
        let others: Vec<_> = [one, two]
            .into_iter()
            .map(|flag| {
                let waker = waker.clone();
                thread::spawn(move || {
                    flag.store(true, Ordering::Relaxed);
                    waker.wake_by_ref();
                })
            })
            .collect();
        drop(waker);
        assert!(world.block_on(join(task)).is_ok());
        for other in others {
            other.join().unwrap();
        }
        assert!(world.close().upgrade().is_none());
    });
}

#[test]
fn wakers_abroad_free_a_completed_task_exactly_once() {
    model(3, || {
        let world = World::new();
        let flag = Arc::new(AtomicBool::new(false));
        let (send, receive) = std::sync::mpsc::channel();
        let task = spawn(&world, wait_for(flag.clone(), move |waker| send.send(waker).unwrap()));
        world.local.run_for_model();
        let waker: Waker = receive.recv().unwrap();
        let other = thread::spawn(move || {
            let second = waker.clone();
            flag.store(true, Ordering::Relaxed);
            waker.wake();
            // The task may be complete, and its handle gone, by now.
            let third = second.clone();
            drop(second);
            third.wake_by_ref();
            drop(third);
        });
        assert!(world.block_on(join(task)).is_ok());
        other.join().unwrap();
        world.local.run_for_model();
        assert_eq!(world.local.executor.live.get(), 1, "only the root is left");
        assert!(world.close().upgrade().is_none());
    });
}

#[test]
fn wakers_that_outlive_the_loop_free_the_task_and_the_core() {
    model(3, || {
        let world = World::new();
        let (send, receive) = std::sync::mpsc::channel();
        let never = Arc::new(AtomicBool::new(false));
        let task = spawn(&world, wait_for(never, move |waker| send.send(waker).unwrap()));
        drop(task);
        world.local.run_for_model();
        let waker: Waker = receive.recv().unwrap();
        let second = waker.clone();
        let others =
            [thread::spawn(move || waker.wake()), thread::spawn(move || drop(second.clone()))];
        let witness = world.close();
        for other in others {
            other.join().unwrap();
        }
        assert!(witness.upgrade().is_none());
    });
}

/// An output whose reads and drop loom checks for races.
struct Witness(Arc<UnsafeCell<u32>>);

impl Drop for Witness {
    fn drop(&mut self) {
        // SAFETY: loom fails the model if anybody else is in the cell.
        self.0.with_mut(|value| unsafe { *value += 1 });
    }
}

// SAFETY: loom's cell is checked, which is the point of it.
unsafe impl Send for Witness {}

#[test]
fn an_output_is_taken_by_a_joiner_on_another_thread() {
    model(3, || {
        let world = World::new();
        let drops = Arc::new(UnsafeCell::new(0));
        let flag = Arc::new(AtomicBool::new(false));
        let output = Witness(drops.clone());
        let task = {
            let flag = flag.clone();
            spawn(&world, async move {
                wait_for(flag, |_| {}).await;
                output
            })
        };
        flag.store(true, Ordering::Relaxed);
        let other = thread::spawn(move || {
            let mut task = task;
            let bell = Arc::new(WakerBell(Notify::new()));
            let waker = Waker::from(bell.clone());
            loop {
                match task.poll(&mut Context::from_waker(&waker)) {
                    Poll::Ready(output) => {
                        drop(output.ok().unwrap());
                        break;
                    }
                    Poll::Pending => bell.0.wait(),
                }
            }
        });
        // The join request of the other thread unparks the loop; it needs at least this one turn.
        world.local.run_for_model();
        let witness = world.close();
        other.join().unwrap();
        // SAFETY: the other thread is gone.
        drops.with(|drops| assert_eq!(unsafe { *drops }, 1));
        assert!(witness.upgrade().is_none());
    });
}

struct WakerBell(Notify);

impl std::task::Wake for WakerBell {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

#[test]
fn a_handle_dropped_abroad_leaves_the_output_to_be_dropped_once() {
    model(3, || {
        let world = World::new();
        let drops = Arc::new(UnsafeCell::new(0));
        let output = Witness(drops.clone());
        let task = spawn(&world, async move { output });
        let other = thread::spawn(move || drop(task));
        world.local.run_for_model();
        let witness = world.close();
        other.join().unwrap();
        // SAFETY: the other thread is gone.
        drops.with(|drops| assert_eq!(unsafe { *drops }, 1));
        assert!(witness.upgrade().is_none());
    });
}

#[test]
fn an_abort_from_another_thread_drops_the_future_on_the_owners_thread() {
    model(3, || {
        let world = World::new();
        let drops = Arc::new(UnsafeCell::new(0));
        let held = Witness(drops.clone());
        let task = spawn(&world, async move {
            let _held = held;
            std::future::pending::<()>().await;
        });
        let abort = task.task_ref();
        let other = thread::spawn(move || abort.abort());
        assert!(matches!(world.block_on(join(task)), Err(Failure::Cancelled)));
        // SAFETY: unsynchronised with the other thread on purpose: it must not have dropped the future.
        drops.with(|drops| assert_eq!(unsafe { *drops }, 1));
        other.join().unwrap();
        assert!(world.close().upgrade().is_none());
    });
}

#[test]
fn a_spawn_from_another_thread_runs_or_is_cancelled() {
    model(3, || {
        let world = World::new();
        let core = world.core();
        let drops = Arc::new(UnsafeCell::new(0));
        let output = Witness(drops.clone());
        let other = thread::spawn(move || {
            let task = core.spawn(async move { output }, None, std::panic::Location::caller());
            drop(core);
            drop(task);
        });
        world.local.run_for_model();
        let witness = world.close();
        other.join().unwrap();
        // SAFETY: the other thread is gone.
        drops.with(|drops| assert_eq!(unsafe { *drops }, 1));
        assert!(witness.upgrade().is_none());
    });
}

#[test]
fn a_posted_job_runs_or_is_dropped() {
    model(3, || {
        let world = World::new();
        let core = world.core();
        let drops = Arc::new(UnsafeCell::new(0));
        let held = Witness(drops.clone());
        let other = thread::spawn(move || {
            core.post(move |_| drop(held));
        });
        world.local.run_for_model();
        let witness = world.close();
        other.join().unwrap();
        // SAFETY: the other thread is gone.
        drops.with(|drops| assert_eq!(unsafe { *drops }, 1));
        assert!(witness.upgrade().is_none());
    });
}

impl Local {
    /// One turn, without waiting. The loop need not be current: then what tasks do takes the foreign path.
    fn run_for_model(&self) {
        self.drain();
        self.run_pass(&mut 64, 64, UNWATCHED, || ());
        self.executor.rest();
    }
}
