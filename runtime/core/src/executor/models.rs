//! Loom models of the task and inbox protocols: every interleaving of an owner with one or two other threads.
//!
//! Each model runs the real cells, words and inbox. After each execution nothing may be left: every cell freed, the `Core` gone.

use std::future::poll_fn;
use std::panic::Location;
use std::pin::pin;
use std::rc::Rc;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};

use loom::cell::UnsafeCell;
use loom::sync::Notify;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;

use crate::current::Running;
use crate::executor::{Core, Failure, JoinCell, Particulars, Unpark, drive};
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
        drive(&self.local, self.local.executor.special().expect_open(), future, |done| {
            self.local.executor.start_countdown(64);
            loop {
                if self.local.has_mail() {
                    self.local.drain();
                }
                self.local.run_pass(UNWATCHED, || {
                    self.local.executor.start_countdown(64);
                    true
                });
                if done.get() {
                    self.local.executor.stay();
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
        let entered = crate::current::Entered::closing(&self.local);
        self.local.close_executor(|| {
            drop(entered);
            crate::current::leave(&self.local);
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

impl Witness {
    /// Writes on the thread that runs the task: whoever takes the output has to see it.
    fn touch(self) -> Witness {
        // SAFETY: loom fails the model if anybody else is in the cell.
        self.0.with_mut(|value| unsafe { *value += 0 });
        self
    }
}

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
                output.touch()
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
            let task = core.spawn(async move { output }, Particulars::new(Location::caller()));
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

/// Sends the task's waker to the model at the first poll, and never ends.
fn spawn_stuck(world: &World) -> (JoinCell<()>, Waker) {
    let (send, receive) = std::sync::mpsc::channel();
    let never = Arc::new(AtomicBool::new(false));
    let task = spawn(world, wait_for(never, move |waker| send.send(waker).unwrap()));
    world.local.run_for_model();
    (task, receive.recv().unwrap())
}

/// Joins a task as the executor of another thread does.
fn join_abroad<T>(mut task: JoinCell<T>) -> Result<T, Failure> {
    let bell = Arc::new(WakerBell(Notify::new()));
    let waker = Waker::from(bell.clone());
    loop {
        match task.poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(outcome) => return outcome,
            Poll::Pending => bell.0.wait(),
        }
    }
}

/// An output that may not be dropped on another thread than it was made on.
struct Bound(thread::ThreadId, Arc<UnsafeCell<u32>>);

impl Bound {
    fn new(drops: &Arc<UnsafeCell<u32>>) -> Bound {
        Bound(thread::current().id(), drops.clone())
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        // A panic in a drop goes no further than its task, so it is told by the count.
        let right = thread::current().id() == self.0;
        // SAFETY: loom fails the model if anybody else is in the cell.
        self.1.with_mut(|value| unsafe { *value += if right { 1 } else { 100 } });
    }
}

/// How many were dropped, plus a hundred for each that was dropped on the wrong thread.
fn drops(count: &Arc<UnsafeCell<u32>>) -> u32 {
    // SAFETY: loom fails the model if anybody else is in the cell.
    count.with(|count| unsafe { *count })
}

/// A task of this thread, whose output is bound to it, and a waker of it. It completes in its second poll.
fn spawn_bound(world: &World, count: &Arc<UnsafeCell<u32>>) -> (JoinCell<Bound>, Waker) {
    let (send, receive) = std::sync::mpsc::channel();
    let output = Bound::new(count);
    let mut polls = 0;
    let task = spawn(world, async move {
        poll_fn(|context| {
            polls += 1;
            if polls == 2 {
                return Poll::Ready(());
            }
            send.send(context.waker().clone()).unwrap();
            Poll::Pending
        })
        .await;
        output
    });
    world.local.run_for_model();
    (task, receive.recv().unwrap())
}

#[test]
fn a_bound_output_is_dropped_here_though_a_waker_abroad_settles_the_cell() {
    model(3, || {
        let world = World::new();
        let count = Arc::new(UnsafeCell::new(0));
        let (task, waker) = spawn_bound(&world, &count);
        waker.wake_by_ref();
        world.local.run_for_model();
        assert!(task.is_finished());
        let witness = world.close();
        let other = thread::spawn(move || waker.wake());
        drop(task);
        other.join().unwrap();
        assert_eq!(drops(&count), 1);
        assert!(witness.upgrade().is_none());
    });
}

#[test]
fn a_bound_output_is_dropped_here_though_a_waker_abroad_is_late_with_its_push() {
    model(3, || {
        let world = World::new();
        let count = Arc::new(UnsafeCell::new(0));
        let (task, waker) = spawn_bound(&world, &count);
        waker.wake_by_ref();
        world.local.run_for_model();
        let other = thread::spawn(move || waker.wake());
        drop(task);
        let witness = world.close();
        other.join().unwrap();
        assert_eq!(drops(&count), 1);
        assert!(witness.upgrade().is_none());
    });
}

#[test]
fn a_bound_output_is_dropped_here_though_it_comes_after_its_handle_went() {
    model(3, || {
        let world = World::new();
        let count = Arc::new(UnsafeCell::new(0));
        let (task, waker) = spawn_bound(&world, &count);
        let mine = waker.clone();
        let other = thread::spawn(move || waker.wake());
        drop(task);
        {
            let _running = Running::new(&world.local);
            mine.wake();
        }
        world.local.run_for_model();
        let witness = world.close();
        other.join().unwrap();
        assert_eq!(drops(&count), 1);
        assert!(witness.upgrade().is_none());
    });
}

#[test]
fn a_joiner_on_another_thread_is_woken_by_the_running_loop() {
    model(2, || {
        let world = World::new();
        let count = Arc::new(UnsafeCell::new(0));
        let output = Witness(count.clone());
        let joined = Arc::new(AtomicBool::new(false));
        let (send, receive) = std::sync::mpsc::channel();
        let end = spawn(&world, wait_for(joined.clone(), move |waker| send.send(waker).unwrap()));
        world.local.run_for_model();
        let waker: Waker = receive.recv().unwrap();
        let task = spawn(&world, async move { output.touch() });
        let other = thread::spawn(move || {
            drop(join_abroad(task).ok().unwrap());
            joined.store(true, Ordering::Relaxed);
            waker.wake();
        });
        world.block_on(join(end)).ok().unwrap();
        other.join().unwrap();
        assert_eq!(drops(&count), 1);
        assert!(world.close().upgrade().is_none());
    });
}

#[test]
fn a_handle_moved_to_another_thread_in_the_midst_of_a_wait_is_woken_there() {
    model(3, || {
        let world = World::new();
        let flag = Arc::new(AtomicBool::new(false));
        let mut task = spawn(&world, wait_for(flag.clone(), |_| {}));
        let abandoned = Arc::new(WakerBell(Notify::new()));
        {
            let _running = Running::new(&world.local);
            let waker = Waker::from(abandoned.clone());
            assert!(task.poll(&mut Context::from_waker(&waker)).is_pending());
        }
        flag.store(true, Ordering::Relaxed);
        let other = thread::spawn(move || assert!(join_abroad(task).is_ok()));
        world.local.run_for_model();
        let witness = world.close();
        other.join().unwrap();
        assert!(witness.upgrade().is_none());
        assert_eq!(Arc::strong_count(&abandoned), 1);
    });
}

#[test]
fn completion_abort_and_detach_meet() {
    model(2, || {
        let world = World::new();
        let count = Arc::new(UnsafeCell::new(0));
        let (held, output) = (Bound::new(&count), Witness(count.clone()));
        let task = spawn(&world, async move {
            let _held = held;
            output
        });
        let abort = task.task_ref();
        let others = [thread::spawn(move || abort.abort()), thread::spawn(move || drop(task))];
        world.local.run_for_model();
        let witness = world.close();
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(drops(&count), 2);
        assert!(witness.upgrade().is_none());
    });
}

#[test]
fn completion_join_and_the_last_waker_meet() {
    // More would take minutes; two by two these are explored further above.
    model(1, || {
        let world = World::new();
        let count = Arc::new(UnsafeCell::new(0));
        let flag = Arc::new(AtomicBool::new(false));
        let output = Witness(count.clone());
        let (send, receive) = std::sync::mpsc::channel();
        let task = {
            let flag = flag.clone();
            spawn(&world, async move {
                wait_for(flag, move |waker| send.send(waker).unwrap()).await;
                output
            })
        };
        world.local.run_for_model();
        let waker: Waker = receive.recv().unwrap();
        let others = [
            thread::spawn(move || {
                flag.store(true, Ordering::Relaxed);
                waker.wake();
            }),
            // Cancelled if the loop closes before the wake has arrived.
            thread::spawn(move || drop(join_abroad(task))),
        ];
        world.local.run_for_model();
        let witness = world.close();
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(drops(&count), 1);
        assert!(witness.upgrade().is_none());
    });
}

#[test]
fn wakers_made_abroad_are_dropped_here_and_the_other_way_round() {
    model(3, || {
        let world = World::new();
        let (task, waker) = spawn_stuck(&world);
        let abort = task.task_ref();
        drop(task);
        let (send, receive) = std::sync::mpsc::channel();
        let third = waker.clone();
        let other = thread::spawn(move || {
            send.send(waker.clone()).unwrap();
            drop(waker);
            drop(third);
        });
        {
            let _running = Running::new(&world.local);
            abort.abort();
            world.local.run_for_model();
            drop(abort);
            // Dropped on the owner's path: its count may be negative until the other thread's is added.
            drop(receive.try_recv());
        }
        other.join().unwrap();
        drop(receive);
        world.local.run_for_model();
        assert_eq!(world.local.executor.live.get(), 1, "only the root is left");
        assert!(world.close().upgrade().is_none());
    });
}

#[test]
fn a_wake_that_meets_a_dead_cell_on_its_way_home_is_not_lost() {
    model(2, || {
        let world = World::new();
        let (dead, last) = spawn_stuck(&world);
        dead.abort();
        drop(dead);
        world.local.run_for_model();
        let flag = Arc::new(AtomicBool::new(false));
        let (send, receive) = std::sync::mpsc::channel();
        let task = spawn(&world, wait_for(flag.clone(), move |waker| send.send(waker).unwrap()));
        world.local.run_for_model();
        let waker: Waker = receive.recv().unwrap();
        let others = [
            thread::spawn(move || drop(last)),
            thread::spawn(move || {
                flag.store(true, Ordering::Relaxed);
                waker.wake();
            }),
        ];
        assert!(world.block_on(join(task)).is_ok());
        for other in others {
            other.join().unwrap();
        }
        assert!(world.close().upgrade().is_none());
    });
}

#[test]
fn a_task_that_wakes_itself_in_its_last_poll_is_freed_after_its_turn() {
    model(3, || {
        let world = World::new();
        let (send, receive) = std::sync::mpsc::channel();
        let task = spawn(&world, async move {
            poll_fn(|context| {
                send.send(context.waker().clone()).unwrap();
                context.waker().wake_by_ref();
                Poll::Ready(())
            })
            .await;
        });
        drop(task);
        let _running = Running::new(&world.local);
        world.local.run_for_model();
        let waker: Waker = receive.recv().unwrap();
        // Home before the task's turn: in the run queue it must not be freed.
        thread::spawn(move || waker.wake()).join().unwrap();
        world.local.run_for_model();
        world.local.run_for_model();
        assert_eq!(world.local.executor.live.get(), 1, "only the root is left");
    });
}

/// A waker that drops the join handle it waits for.
struct Impatient(std::sync::Mutex<Option<JoinCell<()>>>);

impl std::task::Wake for Impatient {
    fn wake(self: Arc<Self>) {
        let task = self.0.lock().unwrap().take();
        drop(task);
    }
}

#[test]
fn a_joiner_that_drops_the_handle_when_woken_leaves_the_cell_to_completion() {
    model(3, || {
        let world = World::new();
        let _running = Running::new(&world.local);
        let mut task = spawn(&world, async {});
        let impatient = Arc::new(Impatient(std::sync::Mutex::new(None)));
        let waker = Waker::from(impatient.clone());
        assert!(task.poll(&mut Context::from_waker(&waker)).is_pending());
        *impatient.0.lock().unwrap() = Some(task);
        world.local.run_for_model();
        assert!(impatient.0.lock().unwrap().is_none());
        assert_eq!(world.local.executor.live.get(), 1, "only the root is left");
    });
}

#[test]
fn two_pushers_at_once_both_reach_a_parking_loop() {
    model(2, || {
        let world = World::new();
        // Only the owner's thread counts.
        let count = Arc::new(std::sync::atomic::AtomicU32::new(0));
        let waiting = Arc::new(std::sync::Mutex::new(None::<Waker>));
        let others = [(); 2].map(|()| {
            let (core, count, waiting) = (world.core(), count.clone(), waiting.clone());
            thread::spawn(move || {
                core.post(move |_| {
                    count.fetch_add(1, Ordering::Relaxed);
                    if let Some(waker) = waiting.lock().unwrap().take() {
                        waker.wake();
                    }
                });
            })
        });
        world.block_on(poll_fn(|context| {
            *waiting.lock().unwrap() = Some(context.waker().clone());
            if count.load(Ordering::Relaxed) == 2 { Poll::Ready(()) } else { Poll::Pending }
        }));
        for other in others {
            other.join().unwrap();
        }
        waiting.lock().unwrap().take();
        assert!(world.close().upgrade().is_none());
    });
}

#[test]
fn a_spawn_that_meets_close_is_answered() {
    model(3, || {
        let world = World::new();
        let core = world.core();
        let count = Arc::new(UnsafeCell::new(0));
        let output = Witness(count.clone());
        let other = thread::spawn(move || {
            let task = core.spawn(async move { output }, Particulars::new(Location::caller()));
            drop(core);
            drop(join_abroad(task));
        });
        let witness = world.close();
        other.join().unwrap();
        assert_eq!(drops(&count), 1);
        assert!(witness.upgrade().is_none());
    });
}

#[test]
fn a_waker_of_the_main_future_outlives_its_call_and_the_loop() {
    model(3, || {
        let world = World::new();
        let mut other = None;
        world.block_on(poll_fn(|context| {
            if other.is_some() {
                return Poll::Ready(());
            }
            let waker = context.waker().clone();
            other = Some(thread::spawn(move || {
                waker.wake_by_ref();
                drop(waker.clone());
                waker.wake();
            }));
            Poll::Pending
        }));
        let witness = world.close();
        other.unwrap().join().unwrap();
        assert!(witness.upgrade().is_none());
    });
}

#[test]
fn everybody_who_holds_a_cell_of_a_closed_loop_lets_go_at_once() {
    model(2, || {
        let world = World::new();
        let (task, waker) = spawn_stuck(&world);
        let (second, abort) = (waker.clone(), task.task_ref());
        let witness = world.close();
        let others = [
            thread::spawn(move || waker.wake()),
            thread::spawn(move || {
                abort.abort();
                drop(abort);
                drop(second);
            }),
        ];
        drop(task);
        for other in others {
            other.join().unwrap();
        }
        assert!(witness.upgrade().is_none());
    });
}

impl Local {
    /// One turn, without waiting. The loop need not be current: then what tasks do takes the foreign path.
    fn run_for_model(&self) {
        self.drain();
        self.executor.start_countdown(64);
        self.run_pass(UNWATCHED, || true);
        self.executor.rest();
    }
}
