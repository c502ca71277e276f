//! Whatever callbacks, timers, tasks and ways to run the loop come together: each callback is called once
//! or cancelled, in order, and dropped once, on the loop's thread.

mod support;

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::{Rc, Weak};
use std::thread;
use std::time::Duration;

use runtime::callback::{CallbackHandle, TimerHandle, call_later, call_soon};
use runtime::task::{JoinHandle, yield_now};
use runtime::{Runtime, context_var};
use support::{DropLog, LocalWitness};

context_var! {
    static NUMBER: usize = 0;
}

/// What is known of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Waiting,
    Called,
    Cancelled,
}

enum Handle {
    Soon(CallbackHandle),
    Timer(TimerHandle),
}

impl Handle {
    fn cancel(&self) {
        match self {
            Handle::Soon(handle) => handle.cancel(),
            Handle::Timer(handle) => handle.cancel(),
        }
    }

    fn is_cancelled(&self) -> bool {
        match self {
            Handle::Soon(handle) => handle.is_cancelled(),
            Handle::Timer(handle) => handle.is_cancelled(),
        }
    }
}

struct World {
    random: Cell<u64>,
    fates: RefCell<Vec<Fate>>,
    handles: RefCell<Vec<Option<Handle>>>,
    tasks: RefCell<Vec<JoinHandle<()>>>,
    left: Cell<usize>,
    drops: DropLog,
    inner: Runtime,
}

impl World {
    fn below(&self, limit: u64) -> u64 {
        let mut x = self.random.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.random.set(x);
        (x >> 11) % limit
    }

    /// A callback that notes that it is called, and acts.
    fn callback(self: &Rc<World>) -> (usize, impl FnOnce() + 'static + use<>) {
        let number = self.fates.borrow().len();
        self.fates.borrow_mut().push(Fate::Waiting);
        self.handles.borrow_mut().push(None);
        let (world, witness): (Weak<World>, LocalWitness) =
            (Rc::downgrade(self), self.drops.local_witness());
        let context = NUMBER.get();
        let call = move || {
            let _witness = witness;
            let world = world.upgrade().expect("it outlives the loop");
            assert_eq!(world.fates.borrow()[number], Fate::Waiting);
            world.fates.borrow_mut()[number] = Fate::Called;
            assert_eq!(NUMBER.get(), context);
            for _ in 0..world.below(3) {
                world.act(None);
            }
            if world.below(20) == 0 {
                std::panic::resume_unwind(Box::new("on purpose"));
            }
        };
        (number, call)
    }

    fn keep(&self, number: usize, handle: Handle) {
        if self.below(4) > 0 {
            self.handles.borrow_mut()[number] = Some(handle);
        }
    }

    /// Does something, inside of the loop or, with `rt`, outside.
    fn act(self: &Rc<World>, rt: Option<&Runtime>) {
        let Some(left) = self.left.get().checked_sub(1) else { return };
        self.left.set(left);
        match self.below(12) {
            0..=2 => {
                let (number, call) = self.callback();
                let handle = match rt {
                    Some(rt) => rt.call_soon(call),
                    None => call_soon(call),
                };
                self.keep(number, Handle::Soon(handle));
            }
            3 | 4 => {
                let (number, call) = self.callback();
                let delay = Duration::from_micros(self.below(3) * self.below(300));
                let handle = match rt {
                    Some(rt) => rt.call_later(delay, call),
                    None => call_later(delay, call),
                };
                self.keep(number, Handle::Timer(handle));
            }
            5 | 6 => self.cancel(rt.is_none()),
            7 => {
                let world = Rc::downgrade(self);
                let work = async move {
                    for _ in 0..2 {
                        yield_now().await;
                        let Some(world) = world.upgrade() else { return };
                        world.act(None);
                    }
                };
                let task = match rt {
                    Some(rt) => rt.spawn(work),
                    None => runtime::spawn(work),
                };
                self.tasks.borrow_mut().push(task);
            }
            8 => {
                let task = self.tasks.borrow_mut().pop();
                if let Some(task) = task {
                    task.abort();
                }
            }
            9 => match rt {
                Some(rt) => rt.stop(),
                None => runtime::Handle::current().stop().unwrap(),
            },
            10 => drop(NUMBER.set(self.below(3) as usize)),
            _ if rt.is_none() && !self.inner.is_running() => {
                self.inner.call_soon(|| ());
                self.inner.turn(Some(Duration::ZERO)).unwrap();
            }
            _ => {}
        }
    }

    /// Cancels a callback; `inside` of the loop, or where it is not current.
    fn cancel(&self, inside: bool) {
        let count = self.fates.borrow().len() as u64;
        if count == 0 {
            return;
        }
        let number = self.below(count) as usize;
        let handle = self.handles.borrow_mut()[number].take();
        let Some(handle) = handle else { return };
        let waiting = self.fates.borrow()[number] == Fate::Waiting;
        let handle = if inside || self.below(2) == 0 {
            handle.cancel();
            handle
        } else {
            // The loop hears of it later, but before it calls anything else.
            let cancel = move || {
                handle.cancel();
                handle
            };
            thread::spawn(cancel).join().unwrap()
        };
        if waiting {
            assert!(handle.is_cancelled());
            self.fates.borrow_mut()[number] = Fate::Cancelled;
        }
        self.handles.borrow_mut()[number] = Some(handle);
    }

    fn check(&self) {
        for (number, handle) in self.handles.borrow().iter().enumerate() {
            if let Some(handle) = handle {
                let fate = self.fates.borrow()[number];
                assert_eq!(handle.is_cancelled(), fate == Fate::Cancelled, "callback {number}");
            }
        }
    }
}

fn play(seed: u64) {
    NUMBER.set(0);
    let world = Rc::new(World {
        random: Cell::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
        fates: RefCell::default(),
        handles: RefCell::default(),
        tasks: RefCell::default(),
        left: Cell::new(300),
        drops: DropLog::new(),
        inner: Runtime::new().unwrap(),
    });
    let debug = world.below(4) == 0;
    let interval = [1, 2, 64][world.below(3) as usize];
    let rt = Runtime::builder()
        .event_interval(interval)
        .debug(debug)
        .exception_handler(|_| ())
        .build()
        .unwrap();
    while world.left.get() > 0 {
        for _ in 0..world.below(6) {
            world.act(Some(&rt));
        }
        world.check();
        match world.below(4) {
            0 => {
                rt.stop();
                rt.run_forever().unwrap();
            }
            1 => rt.turn(Some(Duration::ZERO)).unwrap(),
            2 => rt.block_on(yield_now()),
            _ => {
                let mut future = pin!(yield_now());
                while rt.run_until(future.as_mut()).is_err() {}
            }
        }
        world.check();
        assert!(!rt.is_running());
    }
    let made = world.fates.borrow().len();
    rt.close().unwrap();
    world.drops.assert_dropped_here(made);
    for (number, handle) in world.handles.borrow().iter().enumerate() {
        if let Some(handle) = handle {
            let called = world.fates.borrow()[number] == Fate::Called;
            assert_eq!(handle.is_cancelled(), !called, "callback {number}");
        }
    }
    drop(rt);
    world.drops.assert_dropped_here(made);
}

#[test]
fn each_is_called_or_cancelled_and_dropped_once() {
    for seed in 1..=150 {
        play(seed);
    }
}
