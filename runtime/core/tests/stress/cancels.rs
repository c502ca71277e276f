//! Other threads ask tasks to end, abort them, wait for them and let go of them, in the midst of polls,
//! wakes and each other.

use std::pin::pin;
use std::time::Duration;

use futures::executor::block_on;
use futures::future::{Either, select};
use runtime::Runtime;
use runtime::task::{
    JoinHandle, cancelled, is_cancelling, run_until_cancelled, uncancel, yield_now,
};

use crate::joins::{THREADS, run_beside};
use crate::tally::{Entry, Tally};
use crate::{Dice, scaled};

/// What a task does until it ends by itself after some turns.
#[derive(Clone, Copy)]
enum Manner {
    Deaf,
    Listens,
    Looks,
    GoesOn,
    Guarded,
}

const MANNERS: [Manner; 5] =
    [Manner::Deaf, Manner::Listens, Manner::Looks, Manner::GoesOn, Manner::Guarded];

async fn turns(count: usize) {
    for _ in 0..count {
        yield_now().await;
    }
}

/// A task that ends, asked or not.
async fn live(manner: Manner, count: usize, future: Entry, output: Entry) -> Entry {
    let _future = future;
    match manner {
        Manner::Deaf => turns(count).await,
        Manner::Listens => {
            if let Either::Right(_) = select(pin!(turns(count)), cancelled()).await {
                turns(2).await;
            }
        }
        Manner::Looks => {
            for _ in 0..count {
                if is_cancelling() {
                    break;
                }
                yield_now().await;
            }
        }
        Manner::GoesOn => {
            for _ in 0..count {
                if let Either::Right(_) = select(pin!(yield_now()), cancelled()).await {
                    uncancel();
                }
            }
        }
        Manner::Guarded => drop(run_until_cancelled(turns(count)).await),
    }
    output
}

fn end(task: JoinHandle<Entry>, dice: &mut Dice) {
    for _ in 0..dice.below(3) {
        task.cancel("stress");
    }
    match dice.below(7) {
        0 => drop(task),
        1 => task.abort(),
        2 => {
            let handle = task.abort_handle();
            drop(task);
            handle.cancel(format!("stress {}", handle.id()));
        }
        3 => drop(block_on(task.cancel_and_wait(Duration::ZERO))),
        4 => drop(block_on(task.cancel_and_wait(Duration::from_secs(60)))),
        _ => {
            if let Err(error) = block_on(task) {
                assert!(error.is_cancelled());
                // None if its loop has closed, and nobody asked it or it took that back.
                assert!(matches!(error.cancel_reason(), Some("stress") | None));
            }
        }
    }
}

#[test]
fn other_threads_cancel() {
    let operations = scaled(100_000);
    let rt = Runtime::new().unwrap();
    let tally = Tally::new();
    let (handle, entries) = (rt.handle().clone(), tally.clone());
    run_beside(&rt, move |mut dice| {
        for _ in 0..operations {
            let manner = MANNERS[dice.below(MANNERS.len())];
            let count = dice.below(6);
            let (future, output) = (entries.entry(), entries.entry());
            end(handle.spawn(live(manner, count, future, output)), &mut dice);
        }
    });
    drop(rt);
    println!("{} spawned, {} futures and outputs", operations * THREADS as u64, tally.settle());
}

#[test]
fn loops_close_while_other_threads_cancel() {
    let loops = scaled(2_000);
    let tally = Tally::new();
    let mut dice = Dice::new(77);
    for _ in 0..loops {
        let rt = Runtime::new().unwrap();
        let tasks: Vec<_> = (0..12)
            .map(|_| {
                let manner = MANNERS[dice.below(MANNERS.len())];
                let (future, output) = (tally.entry(), tally.entry());
                rt.spawn(live(manner, 100, future, output))
            })
            .collect();
        rt.block_on(turns(dice.below(3)));
        let seed = dice.below(1 << 30) as u64;
        let other = std::thread::spawn(move || {
            let mut dice = Dice::new(seed);
            for task in tasks {
                end(task, &mut dice);
            }
        });
        rt.block_on(turns(dice.below(10)));
        drop(rt);
        other.join().unwrap();
    }
    println!("{loops} loops, {} futures and outputs", tally.settle());
}
