//! Other threads send callbacks, cancel them and those of the loop itself, and hold handles when the loop
//! closes.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use runtime::callback::{CallbackHandle, TimerHandle, call_later, call_soon};
use runtime::task::{NewTask, TaskFuture, yield_now};
use runtime::{Runtime, context_var};

use crate::tally::Tally;
use crate::{Dice, scaled};

const THREADS: usize = 3;

context_var! {
    static SEED: usize = 0;
}

/// A handle of either kind.
#[derive(Clone)]
enum Handle {
    Soon(CallbackHandle),
    Later(TimerHandle),
}

impl Handle {
    fn cancel(&self) {
        match self {
            Handle::Soon(handle) => handle.cancel(),
            Handle::Later(handle) => handle.cancel(),
        }
    }

    fn is_cancelled(&self) -> bool {
        match self {
            Handle::Soon(handle) => handle.is_cancelled(),
            Handle::Later(handle) => handle.is_cancelled(),
        }
    }
}

/// A callback, and whether it ran.
#[derive(Clone)]
struct Sent {
    handle: Handle,
    ran: Arc<AtomicBool>,
}

/// Callbacks that anybody may take.
#[derive(Default)]
struct Bag(Mutex<Vec<Sent>>);

impl Bag {
    fn put(&self, sent: Sent) {
        self.0.lock().unwrap().push(sent);
    }

    /// Takes a callback, and drops its handle, cancels it, or puts it back once or twice.
    fn meddle(&self, dice: &mut Dice) {
        let taken = self.0.lock().unwrap().pop();
        let Some(sent) = taken else { return };
        match dice.below(5) {
            0 => drop(sent),
            1 => {
                self.put(sent.clone());
                self.put(sent);
            }
            2 => self.put(sent),
            _ => {
                sent.handle.cancel();
                self.put(sent);
            }
        }
    }
}

/// A flag, and a closure that raises it and owns an entry.
fn closure(tally: &Tally) -> (Arc<AtomicBool>, impl FnOnce() + Send + 'static) {
    let (entry, ran) = (tally.entry(), Arc::new(AtomicBool::new(false)));
    let flag = ran.clone();
    let run = move || {
        let _entry = entry;
        assert!(!flag.swap(true, Ordering::Relaxed), "run twice");
    };
    (ran, run)
}

/// What the loop's own thread does meanwhile: callbacks, timers, and tasks that the factory wraps.
async fn at_home(bag: Arc<Bag>, busy: Arc<AtomicUsize>, tally: Tally) {
    let mut dice = Dice::new(99);
    while busy.load(Ordering::Acquire) > 0 {
        let (ran, run) = closure(&tally);
        let handle = match dice.below(3) {
            0 => Handle::Soon(call_soon(run)),
            1 => Handle::Later(call_later(Duration::from_micros(dice.below(300) as u64), run)),
            _ => Handle::Later(call_later(Duration::from_secs(3600), run)),
        };
        bag.put(Sent { handle, ran });
        bag.meddle(&mut dice);
        // Bound to this thread, though its wakers are not.
        let bound = tally.bound_entry();
        SEED.set(dice.below(1000));
        let task = runtime::spawn(async move {
            let _bound = bound;
            yield_now().await;
        });
        if dice.below(4) == 0 {
            task.abort();
        }
        yield_now().await;
    }
}

#[test]
fn callbacks_are_sent_and_cancelled_by_everybody_until_the_loop_closes() {
    let operations = scaled(200_000);
    let tally = Tally::new();
    let bag = Arc::new(Bag::default());
    let busy = Arc::new(AtomicUsize::new(THREADS));
    let factory = |_: &NewTask<'_>, future: TaskFuture| -> TaskFuture {
        Box::pin(async move {
            yield_now().await;
            future.await;
        })
    };
    let rt = Runtime::builder().task_factory(factory).build().unwrap();
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let (handle, bag, tally, busy) =
                (rt.handle().clone(), bag.clone(), tally.clone(), busy.clone());
            thread::spawn(move || {
                let mut dice = Dice::new(thread as u64);
                for number in 0..2 * operations {
                    if number == operations {
                        // The other half meets a loop that closes.
                        busy.fetch_sub(1, Ordering::Release);
                    }
                    let (ran, run) = closure(&tally);
                    if let Ok(handle) = handle.call_soon(run) {
                        bag.put(Sent { handle: Handle::Soon(handle), ran });
                    }
                    bag.meddle(&mut dice);
                    bag.meddle(&mut dice);
                }
            })
        })
        .collect();
    rt.block_on(at_home(bag.clone(), busy, tally.clone()));
    rt.close().unwrap();
    for thread in threads {
        thread.join().unwrap();
    }
    let left = std::mem::take(&mut *bag.0.lock().unwrap());
    for sent in &left {
        assert_ne!(sent.handle.is_cancelled(), sent.ran.load(Ordering::Relaxed));
    }
    let left = left.len();
    drop(rt);
    println!("{left} handles outlived the loop, {} closures", tally.settle());
}
