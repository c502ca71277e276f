//! Outputs and those who wait for them, on the task's thread and on others.

use super::*;

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
