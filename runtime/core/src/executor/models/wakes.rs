//! Wakers: woken, cloned, dropped and outliving their task and their loop, on both sides.

use super::*;

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
