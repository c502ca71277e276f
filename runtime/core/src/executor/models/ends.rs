//! Spawns, posted jobs and aborts that meet the loop as it runs and as it closes.

use super::*;

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
