//! Models of what the handler of signals shares with everybody else, for loom.
//!
//! A handler runs in the midst of any thread; here it is a thread of its own, which does the same and more, as
//! it may be anywhere. The pipe is a queue with room for one record. `cargo xtask loom` runs them.

use loom::cell::UnsafeCell;
use loom::sync::{Arc, Mutex};
use loom::thread;

use self::slot::{PATIENT, Previous, RECORD, Slot};

#[path = "unix/slot.rs"]
#[allow(dead_code)]
mod slot;

/// What `slot.rs` is made of.
mod atomic {
    pub(super) use loom::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
}

use self::atomic::{AtomicBool, AtomicU8, AtomicUsize};

fn slot(plain: usize) -> Slot {
    Slot {
        active: AtomicBool::new(true),
        overflow: AtomicBool::new(false),
        strikes: AtomicU8::new(PATIENT),
        plain: AtomicUsize::new(plain),
        detailed: AtomicUsize::new(0),
    }
}

/// A process: two signals, the pipe, and how often each signal has been told.
struct Process {
    slots: [Slot; 2],
    pipe: Mutex<Vec<u8>>,
    told: Mutex<[usize; 2]>,
}

/// How many records the pipe takes.
const ROOM: usize = 1;

impl Process {
    fn new() -> Arc<Process> {
        let slots = [slot(libc::SIG_DFL), slot(libc::SIG_DFL)];
        Arc::new(Process { slots, pipe: Mutex::new(Vec::new()), told: Mutex::new([0; 2]) })
    }

    /// What the handler does.
    fn deliver(&self, signal: usize) {
        let mut record = [0; RECORD];
        record[0] = signal as u8 + 1;
        self.slots[signal].report(&record, |record| {
            let mut pipe = self.pipe.lock().unwrap();
            let has_room = pipe.len() < ROOM;
            if has_room {
                pipe.push(record[0]);
            }
            has_room
        });
    }

    /// What a loop does whose selector says that there is something in the pipe.
    fn dispatch(&self) {
        let mut told = self.told.lock().unwrap();
        let mut arrived = [false; 2];
        loop {
            let records = std::mem::take(&mut *self.pipe.lock().unwrap());
            if records.is_empty() {
                break;
            }
            for record in records.into_iter().filter(|record| *record != 0) {
                arrived[usize::from(record) - 1] = true;
            }
        }
        for (signal, slot) in self.slots.iter().enumerate() {
            if slot.take_overflow() || arrived[signal] {
                told[signal] += 1;
            }
        }
    }

    fn is_readable(&self) -> bool {
        !self.pipe.lock().unwrap().is_empty()
    }
}

#[test]
fn a_signal_that_finds_no_room_is_told_once() {
    loom::model(|| {
        let process = Process::new();
        let handlers = [0, 1].map(|signal| {
            let process = process.clone();
            thread::spawn(move || process.deliver(signal))
        });
        if process.is_readable() {
            process.dispatch();
        }
        for handler in handlers {
            handler.join().unwrap();
        }
        // Nobody looks at flags when there is nothing in the pipe.
        while process.is_readable() {
            process.dispatch();
        }
        assert_eq!(*process.told.lock().unwrap(), [1, 1]);
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
