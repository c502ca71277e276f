//! Dispositions of signals, and the handler: the one place in this crate where raw things happen.
//!
//! # What the handler does
//!
//! It may interrupt any instruction of any thread, so it does nothing but load and store atomics that live as
//! long as the program, and call what signal-safety(7) allows: write(2), sigaction(2), pthread_sigmask(3),
//! raise(3), _exit(2). It leaves `errno` as it was.
//!
//! A signal becomes a record in a queue (`ring.rs`). Where that is full the signal's *overflow* flag is set.
//! Then the loops are called, by a write to what they watch, unless they have been and none has looked yet
//! (`bell.rs`). So each signal is told once, by record or by flag, and none is lost.
//!
//! In a process that was forked off and has not executed anything yet (`home_linux.rs`), the handler leaves
//! nothing. It *stands in* for the disposition that was there before, as if this crate were not.
//!
//! # What was there before
//!
//! A function that handled the signal before us is called after the record has been left, with all signals
//! blocked, as they are for our handler, and with system calls interrupted if it was not restarting them. When the last listener goes, the disposition is put back as it was, unless it is no
//! longer ours to change.

#![allow(unsafe_code)]

use std::io;
use std::mem::{self, MaybeUninit};
use std::os::fd::RawFd;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU8, AtomicU64, AtomicUsize, Ordering};

use libc::{c_int, c_void, siginfo_t};

use super::bell::Bell;
use super::home;
use super::ring::{Place, Record, Ring};
use super::slot::{PATIENT, Previous, Slot};

/// One more than the largest number of a signal on any system that there is.
pub(super) const LIMIT: usize = 129;

/// What a thread does to itself. Were they blocked where that happens, the process would be killed.
const FAULTS: [c_int; 6] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGTRAP, libc::SIGSYS];

/// How many records wait at most for somebody to look.
const ROOM: usize = 1024;

static RING: Ring<ROOM> = Ring {
    tail: AtomicUsize::new(0),
    head: AtomicUsize::new(0),
    places: [const { Place { turn: AtomicUsize::new(0), words: [const { AtomicU64::new(0) }; 3] } };
        ROOM],
};

static BELL: Bell = Bell { rings: AtomicBool::new(false) };

/// What is written to call the loops. Once there is one it stays open, for a handler may be about to write to
/// it.
static SINK: AtomicI32 = AtomicI32::new(-1);

static SLOTS: [Slot; LIMIT] = [const { Slot::new() }; LIMIT];

impl Slot {
    const fn new() -> Slot {
        Slot {
            active: AtomicBool::new(false),
            overflow: AtomicBool::new(false),
            strikes: AtomicU8::new(PATIENT),
            plain: AtomicUsize::new(libc::SIG_DFL),
            detailed: AtomicUsize::new(0),
        }
    }

    fn of(signal: c_int) -> &'static Slot {
        &SLOTS
            [usize::try_from(signal).expect("numbers of signals are checked before they get here")]
    }
}

/// What a signal does to this process.
#[derive(Clone, Copy)]
pub(super) struct Disposition(libc::sigaction);

impl Disposition {
    /// Asks the system.
    pub(super) fn of(signal: c_int) -> io::Result<Disposition> {
        exchange(signal, None)
    }

    /// Whether it is the handler of this file.
    pub(super) fn is_ours(&self) -> bool {
        self.0.sa_sigaction == handler as *const () as usize
    }

    pub(super) fn is_ignored(&self) -> bool {
        self.0.sa_sigaction == libc::SIG_IGN
    }

    pub(super) fn is(&self, other: &Disposition) -> bool {
        self.0.sa_sigaction == other.0.sa_sigaction
    }

    pub(super) fn is_function(&self) -> bool {
        !matches!(self.0.sa_sigaction, libc::SIG_DFL | libc::SIG_IGN)
    }

    /// Tells the handler that this is what it stands in for.
    fn publish(&self, slot: &Slot) {
        slot.remember(self.0.sa_sigaction, self.0.sa_flags & libc::SA_SIGINFO != 0);
    }

    fn default() -> Disposition {
        // SAFETY: `sigaction` is a plain structure of integers and optional pointers, for which zeros are
        // values: `SIG_DFL`, no flags, no signals blocked.
        let mut action: libc::sigaction = unsafe { mem::zeroed() };
        action.sa_sigaction = libc::SIG_DFL;
        Disposition(action)
    }

    /// Our handler, with what the one before asked for.
    ///
    /// It runs on the alternative stack where a thread has one, as some threads have no room for it
    /// elsewhere.
    fn ours(previous: &Disposition) -> Disposition {
        let mut action = Disposition::default().0;
        action.sa_sigaction = handler as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
        // Nothing interrupts it but faults. Signals that are delivered together would each need room on the
        // alternative stack, before the first handler runs; it is as small as may be (8 KiB), and what the
        // system puts there takes half of it where processors have AVX-512.
        // SAFETY: both calls take a set that is borrowed for them, which the first one initializes.
        unsafe {
            libc::sigfillset(&mut action.sa_mask);
            for fault in FAULTS {
                libc::sigdelset(&mut action.sa_mask, fault);
            }
        }
        if previous.is_function() {
            action.sa_flags &= previous.0.sa_flags | !libc::SA_RESTART;
        }
        Disposition(action)
    }
}

/// sigaction(2): sets a disposition if there is one to set, and returns the one before. Async-signal-safe.
fn exchange(signal: c_int, new: Option<&Disposition>) -> io::Result<Disposition> {
    let mut old = MaybeUninit::<libc::sigaction>::uninit();
    let new = new.map_or(null(), |new| &raw const new.0);
    // SAFETY: `new` is null or points to a disposition that is borrowed for the call, whose handler is one
    // that was there before, or the function of this file, which has the signature that SA_SIGINFO demands
    // and is async-signal-safe. `old` is memory for one structure.
    if unsafe { libc::sigaction(signal, new, old.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: sigaction(2) has succeeded, and so written the structure.
    Ok(Disposition(unsafe { old.assume_init() }))
}

/// Has signals of this process told from now on, and loops called by `sink`; what parents left is forgotten.
pub(super) fn settle(sink: RawFd) {
    if SINK.load(Ordering::Relaxed) != -1 {
        // Forked: whatever the threads were about that were not forked along. No handler of this process
        // leaves anything yet.
        RING.reset();
        BELL.answer();
    }
    SINK.store(sink, Ordering::Relaxed);
    // Who sees that this is home sees the sink.
    home::settle();
}

/// Whether signals of this process are told, and not those of one from which it was forked.
pub(super) fn is_home() -> bool {
    home::is_here()
}

/// Whether records wait. It may miss those of other threads that have called the loops, or are about to.
pub(super) fn has_records() -> bool {
    !RING.is_empty()
}

/// Takes the oldest record. One thread at a time.
pub(super) fn next_record() -> Option<Record> {
    RING.pop()
}

/// How many records there may be at a time.
pub(super) fn room() -> usize {
    ROOM
}

/// Whether loops have been called since anybody last answered.
pub(super) fn is_called() -> bool {
    BELL.rings()
}

/// Answers the call, before looking for records and flags.
pub(super) fn answer() {
    BELL.answer();
}

/// Installs the handler, and returns what was there before.
///
/// If it is our handler that is there, put back by somebody who had saved it, what it stood in for is
/// `remembered`.
pub(super) fn install(signal: c_int, remembered: Option<Disposition>) -> io::Result<Disposition> {
    let slot = Slot::of(signal);
    let mut previous = Disposition::of(signal)?;
    if previous.is_ours() {
        previous = remembered.unwrap_or_else(Disposition::default);
    }
    // First what the handler needs to know, then the handler.
    previous.publish(slot);
    slot.activate();
    match exchange(signal, Some(&Disposition::ours(&previous))) {
        Ok(replaced) => {
            // Something may have got in between.
            if !replaced.is_ours() {
                previous = replaced;
                previous.publish(slot);
            }
            Ok(previous)
        }
        Err(error) => {
            slot.retire();
            Err(error)
        }
    }
}

/// Puts a disposition back; tells whether our handler was there until now. If it was not, nothing is changed.
pub(super) fn restore(signal: c_int, previous: &Disposition) -> io::Result<bool> {
    let mut ours = Disposition::of(signal)?.is_ours();
    if ours {
        let replaced = exchange(signal, Some(previous))?;
        ours = replaced.is_ours();
        if !ours {
            // It got in between.
            exchange(signal, Some(&replaced))?;
        }
    }
    retire(signal);
    Ok(ours)
}

/// Has the handler stand in for the disposition before it, wherever it may still be called from.
pub(super) fn retire(signal: c_int) {
    Slot::of(signal).retire();
}

/// Whether the signal came and found no room since this was last asked.
pub(super) fn take_overflow(signal: c_int) -> bool {
    Slot::of(signal).take_overflow()
}

/// Has the second delivery from now on end the process, or no delivery.
pub(super) fn set_final(signal: c_int, on: bool) {
    Slot::of(signal).set_final(on);
}

/// Ends the process by a signal, so that who waits for it sees that the signal was what ended it.
///
/// If the signal is blocked, or does not end processes, it exits with the status by which shells tell of such
/// an end.
pub(super) fn die_by(signal: c_int) -> ! {
    let _ = exchange(signal, Some(&Disposition::default()));
    raise(signal);
    std::process::exit(128 + signal)
}

fn raise(signal: c_int) {
    // SAFETY: raise(3) has no preconditions, and is async-signal-safe.
    unsafe { libc::raise(signal) };
}

/// What the system calls when a signal has come for which somebody listens.
extern "C" fn handler(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let errno = errno::errno();
    let slot = usize::try_from(signal).ok().and_then(|signal| SLOTS.get(signal));
    if let Some(slot) = slot {
        if is_home() && slot.is_active() {
            if slot.strike() {
                die_now_by(signal);
            }
            slot.report(|| RING.push(&record_of(signal, info)));
            if BELL.ring() {
                call();
            }
            chain(slot.previous(), signal, info, context);
        } else if !chain(slot.previous(), signal, info, context) {
            by_default(signal);
        }
    }
    errno::set_errno(errno);
}

/// Calls the function that was there before, if there was one. False if it was `SIG_DFL`.
fn chain(previous: Previous, signal: c_int, info: *mut siginfo_t, context: *mut c_void) -> bool {
    match previous {
        Previous::Default => return false,
        Previous::Ignored => {}
        Previous::Detailed(address) => {
            // SAFETY: the address was in `sa_sigaction` beside SA_SIGINFO, so that the system would have
            // called it as a function with this signature. The arguments are those from the system.
            unsafe {
                let function: extern "C" fn(c_int, *mut siginfo_t, *mut c_void) =
                    mem::transmute(address);
                function(signal, info, context);
            }
        }
        Previous::Plain(address) => {
            // SAFETY: the address was in `sa_handler` without SA_SIGINFO, and is neither of the values that
            // are no functions, so that the system would have called it as a function with this signature.
            unsafe {
                let function: extern "C" fn(c_int) = mem::transmute(address);
                function(signal);
            }
        }
    }
    true
}

/// Does what the system does by default: sends the signal anew, to take effect as soon as the handler
/// returns.
///
/// If somebody else's handler has called ours, there is nothing to do.
fn by_default(signal: c_int) {
    if Disposition::of(signal).is_ok_and(|now| now.is_ours()) {
        let _ = exchange(signal, Some(&Disposition::default()));
        raise(signal);
    }
}

/// Ends the process by a signal from inside of its handler, at once.
///
/// The first process of a pid namespace, such as that of a container, is not ended by a signal for which it
/// has no handler (pid_namespaces(7)). It exits with the status by which shells tell of such an end.
fn die_now_by(signal: c_int) -> ! {
    let _ = exchange(signal, Some(&Disposition::default()));
    // It is blocked while its handler runs.
    // SAFETY: the set is made here and borrowed; sigemptyset(3), sigaddset(3) and pthread_sigmask(3) are
    // async-signal-safe.
    unsafe {
        let mut set = MaybeUninit::<libc::sigset_t>::uninit();
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigaddset(set.as_mut_ptr(), signal);
        libc::pthread_sigmask(libc::SIG_UNBLOCK, set.as_ptr(), null_mut());
    }
    raise(signal);
    // SAFETY: _exit(2) has no preconditions, and is async-signal-safe.
    unsafe { libc::_exit(128 + signal) }
}

fn record_of(signal: c_int, info: *mut siginfo_t) -> Record {
    let pair = |low: u32, high: u32| u64::from(low) | u64::from(high) << 32;
    let number = signal as u32;
    if info.is_null() {
        return [pair(number, 0), 0, 0];
    }
    // SAFETY: the system passes a valid structure to handlers that have SA_SIGINFO, or null where a foreign
    // handler calls this one. The fields overlay each other in parts, and any bytes are values of their types;
    // which ones mean something is judged by the reader of the record.
    let (code, pid, uid, value) = unsafe {
        let value = (*info).si_value().sival_ptr as usize as u64;
        ((*info).si_code, (*info).si_pid(), (*info).si_uid(), value)
    };
    [pair(number, code as u32), pair(pid as u32, uid), value]
}

/// Calls the loops.
fn call() {
    // Ordered by `is_home`.
    let fd = SINK.load(Ordering::Relaxed);
    let one = 1_u64;
    // SAFETY: write(2) reads the bytes of a number that is borrowed. The descriptor is ours, and never closed.
    // It is nonblocking, and if it is full the loops have been called.
    unsafe { libc::write(fd, (&raw const one).cast(), size_of::<u64>()) };
}
