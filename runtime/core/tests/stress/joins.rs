//! Other threads spawn, join, abort and detach, and pass join handles on in the midst of a wait.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;

use futures::executor::block_on;
use runtime::Runtime;
use runtime::task::{JoinHandle, yield_now};

use crate::tally::{Entry, Tally};
use crate::{Dice, scaled};

pub(crate) const THREADS: usize = 3;

/// Runs `work` on several threads and the loop until all have ended.
pub(crate) fn run_beside(rt: &Runtime, work: impl Fn(Dice) + Send + Sync + 'static) {
    let work = Arc::new(work);
    let (ended, mut wait) = futures::channel::mpsc::unbounded::<()>();
    let threads: Vec<_> = (0..THREADS as u64)
        .map(|seed| {
            let (work, ended) = (work.clone(), ended.clone());
            thread::spawn(move || {
                let _ended = ended;
                work(Dice::new(seed));
            })
        })
        .collect();
    drop(ended);
    rt.block_on(async { while futures::StreamExt::next(&mut wait).await.is_some() {} });
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn other_threads_spawn_and_join() {
    let operations = scaled(150_000);
    let rt = Runtime::new().unwrap();
    let tally = Tally::new();
    let (handle, entries) = (rt.handle().clone(), tally.clone());
    run_beside(&rt, move |mut dice| {
        for _ in 0..operations {
            let (future, output) = (entries.entry(), entries.entry());
            let yields = dice.below(3);
            let task = handle.spawn(async move {
                let _future = future;
                for _ in 0..yields {
                    yield_now().await;
                }
                output
            });
            match dice.below(8) {
                0 => drop(task),
                1 => task.abort(),
                2 => {
                    let abort = task.abort_handle();
                    drop(task);
                    abort.abort();
                }
                3 => {
                    task.abort();
                    drop(block_on(task));
                }
                4 => {
                    let id = task.id();
                    let job = handle.spawn_blocking(move || id);
                    assert_eq!(block_on(job).unwrap(), id);
                    assert!(block_on(task).is_ok());
                }
                _ => assert!(block_on(task).is_ok()),
            }
        }
    });
    drop(rt);
    println!("{} spawned, {} futures and outputs", operations * THREADS as u64, tally.settle());
}

/// Polls a handle once, with this thread's waker, and leaves it at that.
async fn poll_once(task: &mut JoinHandle<Entry>) -> bool {
    poll_fn(|context| Poll::Ready(Pin::new(&mut *task).poll(context).is_ready())).await
}

#[test]
fn join_handles_are_passed_on_in_the_midst_of_a_wait() {
    let operations = scaled(300_000);
    let rt = Runtime::new().unwrap();
    let tally = Tally::new();
    let bag = Arc::new(Mutex::new(Vec::<JoinHandle<Entry>>::new()));
    let busy = Arc::new(AtomicUsize::new(THREADS));
    let feeder = {
        let (bag, busy, tally) = (bag.clone(), busy.clone(), tally.clone());
        rt.spawn(async move {
            let mut dice = Dice::new(50);
            while busy.load(Ordering::Relaxed) > 0 {
                if bag.lock().unwrap().len() < 16 {
                    let (output, yields) = (tally.entry(), dice.below(6));
                    let task = runtime::spawn(async move {
                        for _ in 0..yields {
                            yield_now().await;
                        }
                        output
                    });
                    bag.lock().unwrap().push(task);
                }
                let task = bag.lock().unwrap().pop();
                if let Some(mut task) = task {
                    if !poll_once(&mut task).await {
                        bag.lock().unwrap().push(task);
                    }
                }
                yield_now().await;
            }
        })
    };
    run_beside(&rt, {
        let (bag, busy) = (bag.clone(), busy.clone());
        move |mut dice| {
            for _ in 0..operations {
                let task = bag.lock().unwrap().pop();
                let Some(mut task) = task else {
                    thread::yield_now();
                    continue;
                };
                match dice.below(8) {
                    0 => drop(task),
                    1 => drop(block_on(task).unwrap()),
                    _ => {
                        if !block_on(poll_once(&mut task)) {
                            let index = dice.below(4);
                            let mut bag = bag.lock().unwrap();
                            let index = index.min(bag.len());
                            bag.insert(index, task);
                        }
                    }
                }
            }
            busy.fetch_sub(1, Ordering::Relaxed);
        }
    });
    rt.block_on(feeder).unwrap();
    drop(rt);
    bag.lock().unwrap().clear();
    println!("{} polls, {} outputs", operations * THREADS as u64, tally.settle());
}
