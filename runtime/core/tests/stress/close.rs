//! What other threads hold of a loop, against its end.

use std::future::{pending, poll_fn};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Poll, Waker};
use std::thread;

use futures::executor::block_on;
use runtime::task::{AbortHandle, JoinHandle, yield_now};
use runtime::{Handle, Runtime};

use crate::tally::{BoundEntry, Entry, Tally};
use crate::{Dice, scaled};

const THREADS: usize = 2;

/// Something of the loop that is about to end.
enum Piece {
    Waker(Waker),
    Abort(AbortHandle),
    Join(JoinHandle<Entry>),
    Handle(Handle, Tally),
}

impl Piece {
    fn use_up(self, dice: &mut Dice) {
        match self {
            Piece::Waker(waker) => match dice.below(5) {
                0 => drop(waker),
                1 => waker.wake(),
                2 => waker.wake_by_ref(),
                3 => {
                    let copy = waker.clone();
                    waker.wake();
                    drop(copy);
                }
                _ => {
                    waker.wake_by_ref();
                    drop(waker.clone());
                    waker.wake_by_ref();
                    waker.wake();
                }
            },
            Piece::Abort(abort) => {
                if dice.below(2) == 0 {
                    abort.abort();
                }
                drop(abort.clone());
                let _ = abort.is_finished();
            }
            Piece::Join(task) => match dice.below(4) {
                0 => drop(task),
                1 => task.abort(),
                _ => drop(block_on(task)),
            },
            Piece::Handle(handle, tally) => {
                let (future, output, yields) = (tally.entry(), tally.entry(), dice.below(2) == 0);
                let task = handle.spawn(async move {
                    let _future = future;
                    if yields {
                        yield_now().await;
                    }
                    output
                });
                match dice.below(4) {
                    0 => drop(task),
                    1 => {
                        task.abort();
                        drop(block_on(task));
                    }
                    _ => drop(block_on(task)),
                }
            }
        }
    }
}

/// Two threads that use up what they are given, once a round.
struct Helpers {
    boxes: [Mutex<Vec<Piece>>; THREADS],
    round: AtomicU64,
    done: [AtomicU64; THREADS],
}

const LAST: u64 = u64::MAX;

impl Helpers {
    fn start(me: &Arc<Helpers>) -> Vec<thread::JoinHandle<()>> {
        let start = |index: usize| {
            let me = me.clone();
            thread::spawn(move || me.help(index))
        };
        (0..THREADS).map(start).collect()
    }

    fn help(&self, index: usize) {
        let mut dice = Dice::new(100 + index as u64);
        for round in 1.. {
            loop {
                match self.round.load(Ordering::Acquire) {
                    LAST => return,
                    now if now >= round => break,
                    _ => thread::yield_now(),
                }
            }
            let pieces = std::mem::take(&mut *self.boxes[index].lock().unwrap());
            for piece in pieces {
                piece.use_up(&mut dice);
            }
            self.done[index].store(round, Ordering::Release);
        }
    }

    fn wait(&self, round: u64) {
        for done in &self.done {
            while done.load(Ordering::Acquire) < round {
                thread::yield_now();
            }
        }
    }
}

/// A task that hands its waker over in its first poll.
fn spawn_waiting(rt: &Runtime, tally: &Tally, wakers: &mpsc::Sender<Waker>) -> JoinHandle<Entry> {
    let (future, output, wakers) = (tally.bound_entry(), tally.entry(), wakers.clone());
    rt.spawn(async move {
        let _future = future;
        let mut polls = 0;
        poll_fn(|context| {
            polls += 1;
            let _ = wakers.send(context.waker().clone());
            if polls == 3 { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        output
    })
}

/// A task that completes at once, with an output that must not leave the thread, and hands out its waker.
fn spawn_bound(
    rt: &Runtime,
    tally: &Tally,
    wakers: &mpsc::Sender<Waker>,
) -> JoinHandle<BoundEntry> {
    let (output, wakers) = (tally.bound_entry(), wakers.clone());
    rt.spawn(async move {
        poll_fn(|context| {
            let _ = wakers.send(context.waker().clone());
            Poll::Ready(())
        })
        .await;
        output
    })
}

#[test]
fn wakers_and_handles_on_other_threads_race_the_end_of_their_loop() {
    let rounds = scaled(100_000);
    let tally = Tally::new();
    let helpers = Arc::new(Helpers {
        boxes: Default::default(),
        round: AtomicU64::new(0),
        done: Default::default(),
    });
    let threads = Helpers::start(&helpers);
    let mut dice = Dice::new(1);
    for round in 1..=rounds {
        let rt = Runtime::new().unwrap();
        let (sender, receiver) = mpsc::channel();
        let tasks: Vec<_> = (0..3).map(|_| spawn_waiting(&rt, &tally, &sender)).collect();
        let bound = [(); 2].map(|()| spawn_bound(&rt, &tally, &sender));
        drop(rt.spawn(pending::<()>()));
        rt.block_on(yield_now());
        let mut pieces: Vec<_> = receiver.try_iter().map(Piece::Waker).collect();
        for task in tasks {
            pieces.push(Piece::Abort(task.abort_handle()));
            pieces.push(Piece::Join(task));
        }
        pieces.push(Piece::Abort(bound[0].abort_handle()));
        pieces.push(Piece::Handle(rt.handle().clone(), tally.clone()));
        while let Some(piece) = pieces.pop() {
            let index = dice.below(THREADS);
            helpers.boxes[index].lock().unwrap().push(piece);
            if !pieces.is_empty() {
                let other = dice.below(pieces.len());
                let last = pieces.len() - 1;
                pieces.swap(other, last);
            }
        }
        helpers.round.store(round, Ordering::Release);
        for _ in 0..dice.below(3) {
            if dice.below(2) == 0 {
                rt.block_on(yield_now());
            }
            thread::yield_now();
        }
        // In the loop, outside of it, or after its end.
        let [one, two] = bound;
        match dice.below(3) {
            0 => rt.block_on(async { drop(one) }),
            1 => drop(one),
            _ => {
                rt.close().unwrap();
                drop(one);
            }
        }
        drop(rt);
        drop(two);
        helpers.wait(round);
    }
    helpers.round.store(LAST, Ordering::Release);
    for thread in threads {
        thread.join().unwrap();
    }
    println!("{rounds} loops ended, {} futures and outputs", tally.settle());
}
