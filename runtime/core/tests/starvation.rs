//! A task that is always ready, because it wakes itself or reads what is ready, starves nothing else.

mod support;

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use runtime::Runtime;
use runtime::task::coop::consume_budget;
use runtime::task::{AbortOnDropHandle, yield_now};

/// More polls than this and the loop is taken to starve what the test waits for.
const PATIENCE: u64 = 1_000_000_000;

/// Tasks that wake themselves in every poll, until the guard is dropped.
fn spinning() -> Vec<AbortOnDropHandle<()>> {
    let spin = || {
        let mut polls = 0;
        poll_fn(move |context| {
            polls += 1;
            assert!(polls < PATIENCE, "starving the others");
            context.waker().wake_by_ref();
            Poll::Pending
        })
    };
    (0..3).map(|_| AbortOnDropHandle::new(runtime::spawn(spin()))).collect()
}

#[test]
fn timers_fire() {
    runtime::run(async {
        let _spinning = spinning();
        for _ in 0..3 {
            runtime::time::sleep(Duration::from_millis(1)).await;
        }
    });
}

#[test]
fn wakes_from_other_threads_arrive() {
    runtime::run(async {
        let _spinning = spinning();
        for n in 0..100 {
            let (sender, receiver) = futures::channel::oneshot::channel();
            let other = thread::spawn(move || sender.send(n).unwrap());
            assert_eq!(receiver.await.unwrap(), n);
            other.join().unwrap();
        }
    });
}

#[test]
fn tasks_spawned_by_other_threads_and_blocking_jobs_arrive() {
    runtime::run(async {
        let _spinning = spinning();
        let handle = runtime::Handle::current();
        let other = thread::spawn(move || handle.spawn(async { 7 }));
        while !other.is_finished() {
            yield_now().await;
        }
        assert_eq!(other.join().unwrap().await.unwrap(), 7);
        assert_eq!(runtime::spawn_blocking(|| 8).await.unwrap(), 8);
    });
}

#[cfg(unix)]
#[test]
fn sockets_become_readable() {
    use std::io::Write;
    use std::os::unix::net::UnixStream;

    use runtime::reactor::AsyncFd;

    runtime::run(async {
        let _spinning = spinning();
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        let ours = AsyncFd::new(ours).unwrap();
        let other = thread::spawn(move || theirs.write_all(b"x").unwrap());
        drop(ours.readable().await.unwrap());
        other.join().unwrap();
    });
}

/// A flag that a task sets when it gets its turn.
fn spawn_flag() -> Rc<Cell<bool>> {
    let flag = Rc::new(Cell::new(false));
    drop(runtime::spawn({
        let flag = flag.clone();
        async move { flag.set(true) }
    }));
    flag
}

#[test]
fn ready_joins_read_in_a_loop_yield() {
    runtime::run(async {
        let tasks: Vec<_> = (0..10_000).map(|_| runtime::spawn(async {})).collect();
        yield_now().await;
        assert!(tasks.iter().all(|task| task.is_finished()));
        let flag = spawn_flag();
        for (joined, task) in tasks.into_iter().enumerate() {
            assert!(flag.get() || joined < 1000, "the other task never ran");
            task.await.unwrap();
        }
        assert!(flag.get());
    });
}

/// Uses budget without end until the flag is set.
async fn work_until(flag: Rc<Cell<bool>>) {
    let mut steps = 0;
    while !flag.get() {
        steps += 1;
        assert!(steps < 100_000, "the other task never ran");
        consume_budget().await;
    }
}

#[test]
fn a_task_that_works_within_its_budget_yields() {
    runtime::run(async {
        runtime::spawn(async { work_until(spawn_flag()).await }).await.unwrap();
    });
}

#[test]
fn the_main_future_yields_from_its_first_poll_on() {
    runtime::run(async { work_until(spawn_flag()).await });
    let rt = Runtime::new().unwrap();
    for _ in 0..2 {
        rt.block_on(async { work_until(spawn_flag()).await });
    }
}

#[test]
fn tasks_that_spawn_without_end_let_others_run() {
    fn endless(stop: Rc<Cell<bool>>) -> std::pin::Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(async move {
            if !stop.get() {
                drop(runtime::spawn(endless(stop)));
            }
        })
    }

    runtime::run(async {
        let stop = Rc::new(Cell::new(false));
        drop(runtime::spawn(endless(stop.clone())));
        runtime::time::sleep(Duration::from_millis(1)).await;
        stop.set(true);
        yield_now().await;
    });
}

#[test]
fn the_main_future_gets_its_turn_beside_many_spinning_tasks() {
    runtime::run(async {
        let _spinning = spinning();
        for _ in 0..1000 {
            yield_now().await;
        }
    });
}
