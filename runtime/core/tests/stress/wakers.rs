//! Wakers on other threads against a loop that spawns, completes, aborts and joins.

use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;

use runtime::Runtime;
use runtime::task::{JoinHandle, yield_now};

use crate::tally::{BoundEntry, Tally};
use crate::{Dice, scaled};

const THREADS: usize = 3;

/// Where tasks leave their wakers, and everybody takes them.
struct Slots(Vec<Mutex<Option<Waker>>>);

impl Slots {
    fn new() -> Slots {
        Slots((0..32).map(|_| Mutex::new(None)).collect())
    }

    fn take(&self, dice: &mut Dice) -> Option<Waker> {
        let slot = &self.0[dice.below(self.0.len())];
        slot.lock().unwrap().take()
    }

    fn put(&self, dice: &mut Dice, waker: Waker) {
        let slot = &self.0[dice.below(self.0.len())];
        let replaced = slot.lock().unwrap().replace(waker);
        drop(replaced);
    }

    /// One operation on some waker; `false` if none was found.
    fn meddle(&self, dice: &mut Dice) -> bool {
        let Some(waker) = self.take(dice) else { return false };
        // As many are added as are taken away.
        match dice.below(10) {
            0 => waker.wake(),
            1 => drop(waker),
            2 | 3 => {
                waker.wake_by_ref();
                self.put(dice, waker);
            }
            4 | 5 => {
                self.put(dice, waker.clone());
                self.put(dice, waker);
            }
            6 | 7 => {
                let copy = waker.clone();
                drop(waker);
                self.put(dice, copy);
            }
            _ => {
                let copy = waker.clone();
                waker.wake();
                self.put(dice, copy);
            }
        }
        true
    }
}

/// A thread that does so many operations, and goes on for a while after the loop has ended.
fn start_meddler(
    seed: u64,
    operations: u64,
    slots: &Arc<Slots>,
    busy: &Arc<AtomicUsize>,
) -> thread::JoinHandle<()> {
    let (slots, busy) = (slots.clone(), busy.clone());
    thread::spawn(move || {
        let mut dice = Dice::new(seed);
        let mut done = 0;
        while done < operations {
            if slots.meddle(&mut dice) {
                done += 1;
            } else {
                thread::yield_now();
            }
        }
        busy.fetch_sub(1, Ordering::Relaxed);
        for _ in 0..1000 {
            slots.meddle(&mut dice);
        }
    })
}

/// A task that leaves a waker in each of its polls and completes in the last.
fn spawn_victim(slots: &Arc<Slots>, tally: &Tally, seed: u64) -> JoinHandle<BoundEntry> {
    let (slots, future, output) = (slots.clone(), tally.bound_entry(), tally.bound_entry());
    let mut dice = Dice::new(seed);
    let mut polls = 1 + dice.below(4);
    let mut output = Some(output);
    runtime::spawn(poll_fn(move |context| {
        let _future = &future;
        slots.put(&mut dice, context.waker().clone());
        if dice.below(4) == 0 {
            context.waker().wake_by_ref();
        }
        polls -= 1;
        if polls == 0 { Poll::Ready(output.take().unwrap()) } else { Poll::Pending }
    }))
}

/// Spawns tasks and ends them in all the ways there are, until `busy` is zero.
async fn torment(slots: Arc<Slots>, tally: Tally, busy: Arc<AtomicUsize>) {
    let mut dice = Dice::new(0);
    let mut seed = 0;
    while busy.load(Ordering::Relaxed) > 0 {
        let mut tasks = Vec::new();
        for _ in 0..8 {
            seed += 1;
            tasks.push(spawn_victim(&slots, &tally, seed));
        }
        for _ in 0..dice.below(4) {
            slots.meddle(&mut dice);
            yield_now().await;
        }
        for task in tasks {
            match dice.below(6) {
                0 => drop(task),
                1 => task.abort(),
                2 => {
                    task.abort();
                    drop(task.await);
                }
                3 if task.is_finished() => drop(task.await.unwrap()),
                3 => {
                    let abort = task.abort_handle();
                    drop(task);
                    thread::yield_now();
                    abort.abort();
                }
                4 => {
                    yield_now().await;
                    drop(task);
                }
                _ => {
                    let abort = task.abort_handle();
                    slots.meddle(&mut dice);
                    abort.abort();
                    drop(task.await);
                    drop(abort);
                }
            }
        }
    }
}

#[test]
fn wakers_on_other_threads_never_reach_what_is_gone() {
    let operations = scaled(700_000);
    let slots = Arc::new(Slots::new());
    let tally = Tally::new();
    let busy = Arc::new(AtomicUsize::new(THREADS));
    let rt = Runtime::new().unwrap();
    let start = |seed| start_meddler(seed, operations, &slots, &busy);
    let others: Vec<_> = (1..=THREADS as u64).map(start).collect();
    rt.block_on(torment(slots.clone(), tally.clone(), busy));
    drop(rt);
    let entries = tally.settle();
    for other in others {
        other.join().unwrap();
    }
    println!("{} foreign operations, {entries} futures and outputs", operations * THREADS as u64);
}
