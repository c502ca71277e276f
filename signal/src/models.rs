//! Models of what the handler of signals shares with everybody else, for loom.
//!
//! A handler runs in the midst of any thread; here it is a thread of its own, which does the same and more, as
//! it may be anywhere. `cargo xtask loom` runs them.

use loom::cell::UnsafeCell;
use loom::sync::{Arc, Mutex};
use loom::thread;

use self::bell::Bell;
use self::ring::{Place, Record, Ring};
use self::slot::{PATIENT, Previous, Slot};

#[path = "unix/bell.rs"]
mod bell;
#[path = "unix/ring.rs"]
#[allow(dead_code)]
mod ring;
#[path = "unix/slot.rs"]
#[allow(dead_code)]
mod slot;

/// What they are made of.
mod atomic {
    pub(super) use loom::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
}

use self::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize};

/// Every interleaving in which threads lose the processor so often at most, unasked. Three make for all known
/// bugs of this kind, and there are too many of the others.
fn model(check: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(check);
}

fn slot(plain: usize) -> Slot {
    Slot {
        active: AtomicBool::new(true),
        overflow: AtomicBool::new(false),
        strikes: AtomicU8::new(PATIENT),
        plain: AtomicUsize::new(plain),
        detailed: AtomicUsize::new(0),
    }
}

fn ring<const SIZE: usize>() -> Ring<SIZE> {
    let place =
        |_| Place { turn: AtomicUsize::new(0), words: [0; 3].map(|word| AtomicU64::new(word)) };
    let places = std::array::from_fn(place);
    Ring { tail: AtomicUsize::new(0), head: AtomicUsize::new(0), places }
}

/// Two signals, a queue with room for one record, one loop or two, and how often each signal has been told.
struct Process {
    slots: [Slot; 2],
    queue: Mutex<Vec<usize>>,
    bell: Bell,
    /// What has been written to call the loops, and which of them have an event to come for it.
    wire: Mutex<(bool, [bool; 2])>,
    /// Which loops watch.
    loops: [bool; 2],
    told: Mutex<[usize; 2]>,
}

/// How many records the queue takes.
const ROOM: usize = 1;

impl Process {
    fn new(loops: [bool; 2]) -> Arc<Process> {
        Arc::new(Process {
            slots: [slot(libc::SIG_DFL), slot(libc::SIG_DFL)],
            queue: Mutex::new(Vec::new()),
            bell: Bell { rings: AtomicBool::new(false) },
            wire: Mutex::new((false, [false; 2])),
            loops,
            told: Mutex::new([0; 2]),
        })
    }

    /// What the handler does.
    fn deliver(&self, signal: usize) {
        self.slots[signal].report(|| {
            let mut queue = self.queue.lock().unwrap();
            let has_room = queue.len() < ROOM;
            if has_room {
                queue.push(signal);
            }
            has_room
        });
        if self.bell.ring() {
            *self.wire.lock().unwrap() = (true, self.loops);
        }
    }

    /// Whether a loop's selector has an event, which it has once, if there is anything to read then.
    fn has_event(&self, number: usize) -> bool {
        let mut wire = self.wire.lock().unwrap();
        std::mem::take(&mut wire.1[number]) && wire.0
    }

    /// What a loop does that has an event.
    fn answer(&self) {
        let mut told = self.told.lock().unwrap();
        if !self.bell.rings() {
            self.wire.lock().unwrap().0 = false;
        }
        self.bell.answer();
        self.take_all(&mut told);
    }

    /// What somebody does who asks for a signal.
    fn catch_up(&self) {
        let mut told = self.told.lock().unwrap();
        self.take_all(&mut told);
    }

    fn take_all(&self, told: &mut [usize; 2]) {
        for signal in std::mem::take(&mut *self.queue.lock().unwrap()) {
            told[signal] += 1;
        }
        for (signal, slot) in self.slots.iter().enumerate() {
            told[signal] += usize::from(slot.take_overflow());
        }
    }

    /// Whether everything is told when those loops have looked that are called.
    fn assert_told(&self, deliveries: [usize; 2]) {
        while self.has_event(0) || self.has_event(1) {
            self.answer();
        }
        // A flag stands for any number, but there is one before the next delivery in each model.
        assert_eq!(*self.told.lock().unwrap(), deliveries);
    }
}

#[test]
fn a_signal_that_finds_no_room_is_told_once() {
    loom::model(|| {
        let process = Process::new([true, false]);
        let handlers = [0, 1].map(|signal| {
            let process = process.clone();
            thread::spawn(move || process.deliver(signal))
        });
        if process.has_event(0) {
            process.answer();
        }
        for handler in handlers {
            handler.join().unwrap();
        }
        process.assert_told([1, 1]);
    });
}

#[test]
fn a_signal_is_told_whichever_loop_looks_and_whoever_asks() {
    model(|| {
        let process = Process::new([true, true]);
        process.deliver(0);
        let handler = thread::spawn({
            let process = process.clone();
            move || process.deliver(1)
        });
        let other = thread::spawn({
            let process = process.clone();
            move || {
                if process.has_event(1) {
                    process.answer();
                }
            }
        });
        process.catch_up();
        if process.has_event(0) {
            process.answer();
        }
        handler.join().unwrap();
        other.join().unwrap();
        process.assert_told([1, 1]);
    });
}

#[test]
fn what_is_queued_is_taken_whole_and_once() {
    model(|| {
        let ring: Arc<Ring<2>> = Arc::new(ring());
        let record = |number: u64| -> Record { [number, number + 10, number + 20] };
        assert!(ring.push(&record(3)));
        let handlers = [1, 2].map(|number| {
            let ring = ring.clone();
            thread::spawn(move || ring.push(&record(number)))
        });
        let mut taken = Vec::new();
        taken.extend(ring.pop());
        taken.extend(ring.pop());
        let refused = handlers.map(|handler| !handler.join().unwrap());
        taken.extend(std::iter::from_fn(|| ring.pop()));
        assert!(ring.is_empty());

        let mut numbers: Vec<_> = taken.iter().map(|record| record[0]).collect();
        assert!(taken.iter().all(|taken| *taken == record(taken[0])));
        numbers
            .extend((1..).zip(refused).filter(|(_, refused)| *refused).map(|(number, _)| number));
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3]);
        assert!(taken.len() >= 2);
    });
}

#[test]
fn one_delivery_is_told_and_the_next_ends_the_process() {
    loom::model(|| {
        let slot = Arc::new(slot(libc::SIG_DFL));
        slot.set_final(true);
        let other = slot.clone();
        let other = thread::spawn(move || other.strike());
        let here = slot.strike();
        assert!(here != other.join().unwrap(), "one of two");
        assert!(slot.strike());
        slot.set_final(false);
        assert!(!slot.strike());
    });
}

#[test]
fn a_handler_stands_in_for_one_or_the_other_and_never_for_a_mixture() {
    const PLAIN: usize = 1000;
    const DETAILED: usize = 2000;
    /// The data of a foreign function, which were there before the function was installed.
    struct Data(UnsafeCell<bool>);
    // SAFETY: loom fails the model if anybody else is in the cell.
    #[allow(unsafe_code)]
    unsafe impl Sync for Data {}
    let read = |data: &Data| {
        // SAFETY: as above.
        #[allow(unsafe_code)]
        data.0.with(|ready| assert!(unsafe { *ready }))
    };

    for (from, to) in [
        (Previous::Plain(PLAIN), Previous::Detailed(DETAILED)),
        (Previous::Detailed(DETAILED), Previous::Plain(PLAIN)),
    ] {
        loom::model(move || {
            let shared = Arc::new((slot(libc::SIG_DFL), Data(UnsafeCell::new(false))));
            let set = |slot: &Slot, previous| match previous {
                Previous::Detailed(function) => slot.remember(function, true),
                Previous::Plain(function) => slot.remember(function, false),
                _ => unreachable!("there are two"),
            };
            set(&shared.0, from);
            let handler = thread::spawn({
                let shared = shared.clone();
                move || {
                    let seen = shared.0.previous();
                    assert!([from, Previous::Ignored, to].contains(&seen), "{seen:?}");
                    if seen == to {
                        read(&shared.1);
                    }
                }
            });
            // SAFETY: as above.
            #[allow(unsafe_code)]
            shared.1.0.with_mut(|ready| unsafe { *ready = true });
            set(&shared.0, to);
            handler.join().unwrap();
            assert_eq!(shared.0.previous(), to);
        });
    }
}
