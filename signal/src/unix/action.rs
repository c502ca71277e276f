//! Dispositions of signals, and the handler: the one place in this crate where raw things happen.
//!
//! # What the handler does
//!
//! It may interrupt any instruction of any thread, so it does nothing but load and store atomics that live as
//! long as the program, and call what signal-safety(7) allows: getpid(2), write(2), sigaction(2), raise(3).
//! It leaves `errno` as it was.
//!
//! A signal becomes a [`RECORD`] of bytes in a pipe, which a loop reads. Where the pipe is full the signal's
//! *overflow* flag is set, and another write tried, of a record that says nothing: either it succeeds and a
//! reader is woken after the flag was set, or the pipe is still full, and who reads it finds the flag
//! afterwards. So each signal is told once, by record or by flag, and none is lost.
//!
//! In a process that was forked off and has not executed anything yet, which shares the pipe with its parent,
//! the handler writes nothing. It *stands in* for the disposition that was there before, as if this crate
//! were not.
//!
//! # What was there before
//!
//! A function that handled the signal before us is called after the record has been written, with what it
//! asked for: the signals blocked that it wanted blocked, and system calls interrupted if it was not
//! restarting them. When the last listener goes, the disposition is put back as it was, unless it is no
//! longer ours to change.

#![allow(unsafe_code)]

use std::io;
use std::mem::{self, MaybeUninit};
use std::os::fd::RawFd;
use std::ptr::null;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU8, AtomicUsize, Ordering};

use libc::{c_int, c_void, siginfo_t};

use super::slot::{PATIENT, Previous, Slot};

pub(super) use super::slot::RECORD;

/// One more than the largest number of a signal on any system that there is.
pub(super) const LIMIT: usize = 129;

/// The process whose signals go into the pipe; 0 before there is one.
static HOME: AtomicI32 = AtomicI32::new(0);

/// The end of the pipe that is written. Once there is one it stays open, for a handler may be about to write
/// to it.
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
        if previous.is_function() {
            action.sa_mask = previous.0.sa_mask;
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

/// Names the pipe into which signals of this process go.
pub(super) fn set_sink(fd: RawFd) {
    SINK.store(fd, Ordering::Relaxed);
    // Release: who sees the process sees the pipe; pairs with `is_home`.
    HOME.store(process(), Ordering::Release);
}

/// Whether the pipe is that of this process, not of the one from which it was forked.
pub(super) fn is_home() -> bool {
    HOME.load(Ordering::Acquire) == process()
}

fn process() -> c_int {
    // SAFETY: getpid(2) has no preconditions, and is async-signal-safe.
    unsafe { libc::getpid() }
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
    let ours = Disposition::of(signal)?.is_ours();
    if ours {
        exchange(signal, Some(previous))?;
    }
    retire(signal);
    Ok(ours)
}

/// Has the handler stand in for the disposition before it, wherever it may still be called from.
pub(super) fn retire(signal: c_int) {
    Slot::of(signal).retire();
}

/// Whether the signal came while the pipe was full since this was last asked.
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
                by_default(signal);
            } else {
                slot.report(&record_of(signal, info), send);
                chain(slot.previous(), signal, info, context);
            }
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

fn record_of(signal: c_int, info: *mut siginfo_t) -> [u8; RECORD] {
    let mut record = [0; RECORD];
    record[..4].copy_from_slice(&signal.to_ne_bytes());
    if !info.is_null() {
        // SAFETY: the system passes a valid structure to handlers that have SA_SIGINFO, or null where a
        // foreign handler calls this one. The fields overlay each other in parts, and any bytes are values of
        // their types; which ones mean something is judged by the reader of the record.
        let (code, pid, uid, value) = unsafe {
            let value = (*info).si_value().sival_ptr as usize as u64;
            ((*info).si_code, (*info).si_pid(), (*info).si_uid(), value)
        };
        record[4..8].copy_from_slice(&code.to_ne_bytes());
        record[8..12].copy_from_slice(&pid.to_ne_bytes());
        record[12..16].copy_from_slice(&uid.to_ne_bytes());
        record[16..24].copy_from_slice(&value.to_ne_bytes());
    }
    record
}

/// Writes a record; false if there is no room.
///
/// Writes of up to PIPE_BUF bytes, at least 512, are not torn apart (pipe(7)). The pipe is nonblocking, so
/// none is interrupted.
fn send(record: &[u8; RECORD]) -> bool {
    // Ordered by `is_home`.
    let fd = SINK.load(Ordering::Relaxed);
    // SAFETY: write(2) reads `RECORD` bytes from an array that is borrowed. The descriptor is ours, and never
    // closed.
    unsafe { libc::write(fd, record.as_ptr().cast(), RECORD) == RECORD as isize }
}
