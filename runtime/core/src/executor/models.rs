//! Loom models of the task and inbox protocols: every interleaving of an owner with one or two other threads.
//!
//! Each model runs the real cells, words and inbox. After each execution nothing may be left: every cell
//! freed, the `Core` gone.

mod callbacks;
mod cancels;
mod ends;
mod joins;
mod lent;
mod wakes;

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
                self.local.run_pass(false, UNWATCHED, || {
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

struct WakerBell(Notify);

impl std::task::Wake for WakerBell {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
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

/// Sends the task's waker to the model at the first poll, and never ends.
fn spawn_stuck(world: &World) -> (JoinCell<()>, Waker) {
    let (send, receive) = std::sync::mpsc::channel();
    let never = Arc::new(AtomicBool::new(false));
    let task = spawn(world, wait_for(never, move |waker| send.send(waker).unwrap()));
    world.local.run_for_model();
    (task, receive.recv().unwrap())
}

/// How many were dropped, plus a hundred for each that was dropped on the wrong thread.
fn drops(count: &Arc<UnsafeCell<u32>>) -> u32 {
    // SAFETY: loom fails the model if anybody else is in the cell.
    count.with(|count| unsafe { *count })
}

impl Local {
    /// One turn, without waiting. The loop need not be current: then what tasks do takes the foreign path.
    fn run_for_model(&self) {
        self.drain();
        self.executor.start_countdown(64);
        self.run_pass(false, UNWATCHED, || true);
        self.executor.rest();
    }
}
