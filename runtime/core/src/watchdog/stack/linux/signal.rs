//! Asking a thread for its stack by a signal: the one place of the watchdog where raw things happen.
//!
//! # What the handler does
//!
//! It may interrupt any instruction, so it does nothing but load and store atomics that live as long as the
//! program, and call what takes neither a lock nor memory: getpid(2), gettid(2), and process_vm_readv(2), by
//! which the kernel copies the stack. A plain copy would have to know where the stack ends; the kernel stops
//! where there is no memory. It leaves `errno` as it was.
//!
//! The question is one state machine for the process, as there is one watchdog:
//!
//! ```text
//!   IDLE ──ask──► ASKED ──handler──► ANSWERING ──handler──► ANSWERED ──copy dropped──► IDLE
//!                   └──────────── no answer in time ───────────────────────────────────►┘
//! ```
//!
//! Only the handler writes the answer, while `ANSWERING`, and only the watchdog reads it, while `ANSWERED`.
//! A signal of others goes to whom it would have gone to. Ours are known by the value that they carry, the
//! address of a flag which the handler clears: a question that is late is told from one that is to be answered,
//! and while it is under way it is not asked again.
//!
//! # What was there before
//!
//! The handler is installed for each question and removed after the answer, unless somebody has replaced it
//! meanwhile. Where a signal is still under way, because its thread blocks it, removing the handler might end
//! the process by the signal's default action: then it stays until the signal has arrived.

#![allow(unsafe_code)]

use std::borrow::Cow;
use std::io;
use std::mem::{self, MaybeUninit};
use std::ptr::{null, without_provenance_mut};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use libc::{c_int, c_long, c_void, iovec, siginfo_t, ucontext_t};

use super::registers;
use crate::watchdog::target::Target;

/// The largest piece of a stack that is copied, in words of eight bytes.
const WORDS: usize = 64 * 1024;
/// What is copied beyond the anchor, in bytes: the frames of the loop itself, for the unwinder to arrive at.
const BEYOND: usize = 16 * 1024;
/// Memory is there or not by pages of at least this size.
const PAGE: usize = 4096;
/// Pages copied by one call.
const BATCH: usize = 16;
/// One more than the largest number of a signal.
const LIMIT: usize = 65;
/// Signals that may be under way at a time.
const QUESTIONS: usize = 32;
/// How long a thread may take to answer. One that sleeps in the kernel answers at once, unless that sleep is
/// uninterruptible.
const PATIENCE: Duration = Duration::from_millis(250);

const IDLE: u32 = 0;
const ASKED: u32 = 1;
const ANSWERING: u32 = 2;
const ANSWERED: u32 = 3;

static STATE: AtomicU32 = AtomicU32::new(IDLE);
/// Who is asked.
static THREAD: AtomicI32 = AtomicI32::new(0);
/// The anchor of who is asked.
static ANCHOR: AtomicUsize = AtomicUsize::new(0);
/// Whether a signal has been sent and has not arrived. It carries the address of its flag.
static UNDER_WAY: [AtomicBool; QUESTIONS] = [const { AtomicBool::new(false) }; QUESTIONS];

/// The answer: registers, how many bytes there are of the stack, and these. Pages that are never used are
/// never there.
static REGISTERS: [AtomicU64; registers::COUNT] = [const { AtomicU64::new(0) }; registers::COUNT];
static LENGTH: AtomicUsize = AtomicUsize::new(0);
static STACK: [AtomicU64; WORDS] = [const { AtomicU64::new(0) }; WORDS];

/// What was there before, for signals that are not ours: the address of a function of one argument or of
/// three, or nothing.
static PLAIN: [AtomicUsize; LIMIT] = [const { AtomicUsize::new(0) }; LIMIT];
static DETAILED: [AtomicUsize; LIMIT] = [const { AtomicUsize::new(0) }; LIMIT];

/// A copy of a thread's registers and stack. There is one at a time.
#[derive(Debug)]
pub(super) struct Copy(());

impl Copy {
    pub(super) fn registers(&self) -> [u64; registers::COUNT] {
        REGISTERS.each_ref().map(|register| register.load(Ordering::Relaxed))
    }

    /// The word of the stack at this address, if it was copied.
    pub(super) fn word(&self, address: u64) -> Option<u64> {
        let start = start(registers::stack_pointer(&self.registers()) as usize);
        let offset = usize::try_from(address).ok()?.checked_sub(start)?;
        let whole = offset % 8 == 0 && offset + 8 <= LENGTH.load(Ordering::Relaxed);
        whole.then(|| STACK[offset / 8].load(Ordering::Relaxed))
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        STATE.store(IDLE, Ordering::Relaxed);
    }
}

/// What was there before ours, and who has been asked.
#[derive(Debug)]
pub(super) struct Dispositions {
    /// The signals whose handler is ours at the moment, or another one's that has been installed over it.
    before: Vec<(c_int, Disposition)>,
    /// The thread and the signal of each question, as long as it is under way.
    asked: [(c_int, c_int); QUESTIONS],
}

impl Dispositions {
    pub(super) fn new() -> Dispositions {
        Dispositions { before: Vec::new(), asked: [(0, 0); QUESTIONS] }
    }

    /// Asks a thread for its stack.
    pub(super) fn ask(
        &mut self,
        target: &Target,
        anchor: usize,
    ) -> Result<Copy, Cow<'static, str>> {
        let signal = target.signal();
        self.install(signal)
            .map_err(|error| format!("signal {signal} cannot be handled: {error}"))?;
        let answer = self.question(target.thread().as_raw_nonzero().get(), signal, anchor);
        self.restore();
        answer
    }

    fn install(&mut self, signal: c_int) -> io::Result<()> {
        let current = exchange(signal, None)?;
        if current.is_ours() {
            return Ok(());
        }
        if self.before.iter().any(|(other, _)| *other == signal) {
            // It stands in for ours, and may pass on to it: with ours in front of it they would never end.
            return Err(io::Error::new(
                io::ErrorKind::ResourceBusy,
                "another handler has been installed over the watchdog's, and may need it",
            ));
        }
        current.remember(signal);
        let previous = exchange(signal, Some(&Disposition::ours()))?;
        // Somebody may have been quicker.
        previous.remember(signal);
        self.before.push((signal, previous));
        Ok(())
    }

    /// Puts back what was there before, where no signal is under way.
    pub(super) fn restore(&mut self) {
        let asked = &self.asked;
        self.before.retain(|(signal, previous)| {
            // Acquire: the handler has done with what it stands in for; pairs with the release in `handler`.
            let is_under_way = |(asked, flag): (&(c_int, c_int), &AtomicBool)| {
                asked.1 == *signal && flag.load(Ordering::Acquire)
            };
            if asked.iter().zip(&UNDER_WAY).any(is_under_way) {
                return true;
            }
            // It is a valid signal, or installing would have failed. What is not ours stands in for it, and is
            // remembered for as long as it does.
            let ours = exchange(*signal, None).is_ok_and(|current| current.is_ours());
            if ours {
                let _ = exchange(*signal, Some(previous));
            }
            !ours
        });
    }

    fn question(
        &mut self,
        thread: c_int,
        signal: c_int,
        anchor: usize,
    ) -> Result<Copy, Cow<'static, str>> {
        THREAD.store(thread, Ordering::Relaxed);
        ANCHOR.store(anchor, Ordering::Relaxed);
        LENGTH.store(0, Ordering::Relaxed);
        // Release: the handler sees what is asked; pairs with its exchange.
        STATE.store(ASKED, Ordering::Release);
        if let Err(error) = self.send(thread, signal) {
            STATE.store(IDLE, Ordering::Relaxed);
            return Err(format!("the signal cannot be sent: {error}").into());
        }
        if answered() {
            return Ok(Copy(()));
        }
        Err("the thread did not answer the signal: it blocks it, or is in an uninterruptible sleep"
            .into())
    }

    /// Sends a signal to a thread, unless one is under way: then that will do.
    fn send(&mut self, thread: c_int, signal: c_int) -> io::Result<()> {
        let mut unused = None;
        for (place, flag) in UNDER_WAY.iter().enumerate() {
            match flag.load(Ordering::Acquire) {
                true if self.asked[place] == (thread, signal) => return Ok(()),
                true => {}
                false => unused = Some(place),
            }
        }
        let place = unused.ok_or_else(|| {
            io::Error::new(io::ErrorKind::ResourceBusy, "too many have not been answered yet")
        })?;
        self.asked[place] = (thread, signal);
        let flag = &UNDER_WAY[place];
        flag.store(true, Ordering::Relaxed);
        let sent = send(thread, signal, flag);
        if sent.is_err() {
            flag.store(false, Ordering::Relaxed);
        }
        sent
    }
}

/// The part of the kernel's `siginfo_t` that goes with `SI_QUEUE`; libc(3) has no way to make one.
#[repr(C)]
struct Queued {
    signal: c_int,
    error: c_int,
    code: c_int,
    padding: c_int,
    process: c_int,
    user: libc::uid_t,
    value: *const AtomicBool,
    rest: [u64; 12],
}

const _: () = assert!(size_of::<Queued>() == size_of::<siginfo_t>());

/// rt_tgsigqueueinfo(2): sends a signal that carries the address of a flag.
fn send(thread: c_int, signal: c_int, flag: &'static AtomicBool) -> io::Result<()> {
    // SAFETY: getuid(2) has no preconditions.
    let user = unsafe { libc::getuid() };
    let info = Queued {
        signal,
        error: 0,
        code: libc::SI_QUEUE,
        padding: 0,
        process: process(),
        user,
        value: flag,
        rest: [0; 12],
    };
    // SAFETY: three numbers, and a structure of the size that the kernel reads. The signal has a handler, and
    // is sent to a thread of this process or, if there is none of that number, to nobody.
    let sent = unsafe {
        libc::syscall(libc::SYS_rt_tgsigqueueinfo, process(), thread, signal, &raw const info)
    };
    if sent == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Waits for the answer.
fn answered() -> bool {
    let begin = Instant::now();
    let mut pause = Duration::from_micros(20);
    loop {
        // Acquire: pairs with the release at the end of `answer`.
        let state = STATE.load(Ordering::Acquire);
        if state == ANSWERED {
            return true;
        }
        let patient = begin.elapsed() < PATIENCE;
        // A handler that has begun will end.
        if !patient
            && STATE.compare_exchange(ASKED, IDLE, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            return false;
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(1));
    }
}

/// The handler. See the top of the file.
extern "C" fn handler(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let errno = errno::errno();
    match flag_of(info) {
        Some(flag) => {
            // SAFETY: with SA_SIGINFO the third argument points to the context that was interrupted; a handler
            // that passes on to this one may have none.
            if let Some(context) = unsafe { context.cast::<ucontext_t>().as_ref() } {
                if is_asked() {
                    answer(context);
                }
            }
            // Release: nobody asks this thread any more who sees it; pairs with `restore`.
            flag.store(false, Ordering::Release);
        }
        None => pass_on(signal, info, context),
    }
    errno::set_errno(errno);
}

/// The flag whose address a signal carries, if it is ours.
fn flag_of(info: *const siginfo_t) -> Option<&'static AtomicBool> {
    // SAFETY: with SA_SIGINFO the kernel hands over a valid structure; a handler that passes on to this one may
    // have none. A signal with this code has a value.
    let value = unsafe {
        let info = info.as_ref().filter(|info| info.si_code == libc::SI_QUEUE)?;
        info.si_value().sival_ptr
    };
    UNDER_WAY.iter().find(|flag| std::ptr::eq(*flag, value.cast_const().cast()))
}

fn is_asked() -> bool {
    // SAFETY: gettid(2) has no preconditions.
    let here = unsafe { libc::syscall(libc::SYS_gettid) };
    // Acquire: what is asked, and of whom; pairs with the release in `ask`.
    let is_here = || here == c_long::from(THREAD.load(Ordering::Relaxed));
    if STATE.load(Ordering::Acquire) != ASKED || !is_here() {
        return false;
    }
    if STATE.compare_exchange(ASKED, ANSWERING, Ordering::Acquire, Ordering::Relaxed).is_err() {
        return false;
    }
    // Between the two another thread may have been asked; from here on nobody else is.
    let asked = is_here();
    if !asked {
        STATE.store(ASKED, Ordering::Release);
    }
    asked
}

fn answer(context: &ucontext_t) {
    let registers = registers::of(context);
    for (place, register) in REGISTERS.iter().zip(registers) {
        place.store(register, Ordering::Relaxed);
    }
    let start = start(registers::stack_pointer(&registers) as usize);
    let end = ANCHOR.load(Ordering::Relaxed).saturating_add(BEYOND);
    // An anchor that is not above is of another stack: then as much as there is room for.
    let wanted = if end > start { (end - start).min(WORDS * 8) } else { WORDS * 8 };
    LENGTH.store(copy(start, wanted), Ordering::Relaxed);
    // Release: the answer is complete; pairs with the acquire in `answered`.
    STATE.store(ANSWERED, Ordering::Release);
}

/// The first address that is copied: whole words.
fn start(stack_pointer: usize) -> usize {
    stack_pointer & !7
}

/// Copies so many bytes from this address on, or as many as there are; returns how many.
fn copy(start: usize, wanted: usize) -> usize {
    let mut copied = 0;
    while copied < wanted {
        // process_vm_readv(2) stops between two pieces: each is the rest of a page.
        let mut pieces = [EMPTY; BATCH];
        let mut asked = 0;
        for piece in &mut pieces {
            let from = start + copied + asked;
            let length = (PAGE - from % PAGE).min(wanted - copied - asked);
            *piece = iovec { iov_base: without_provenance_mut(from), iov_len: length };
            asked += length;
        }
        let place = STACK[copied / 8..].as_ptr().cast_mut().cast();
        let place = iovec { iov_base: place, iov_len: asked };
        // SAFETY: the kernel writes no more than `asked` bytes into a static of atomics, of which so many are
        // left, for `wanted` is no more than its size; nobody else is in it while `ANSWERING`. What it reads
        // may be any memory of this process, or none, of which it tells.
        let got = unsafe {
            libc::syscall(
                libc::SYS_process_vm_readv,
                libc::pid_t::from(process()),
                &raw const place,
                1usize,
                pieces.as_ptr(),
                BATCH,
                0usize,
            )
        };
        let Ok(got) = usize::try_from(got) else { break };
        copied += got;
        if got < asked {
            break;
        }
    }
    copied
}

const EMPTY: iovec = iovec { iov_base: null::<c_void>().cast_mut(), iov_len: 0 };

/// Does with a signal that is not ours what would be done without us, as far as that is a function.
fn pass_on(signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    let Ok(index) = usize::try_from(signal) else { return };
    // Acquire: pairs with the release in `remember`.
    let detailed = DETAILED[index].load(Ordering::Acquire);
    let plain = PLAIN[index].load(Ordering::Acquire);
    if detailed != 0 {
        // SAFETY: it was installed as a function of three arguments, and gets what the kernel gave us.
        unsafe {
            let function: extern "C" fn(c_int, *mut siginfo_t, *mut c_void) =
                mem::transmute(detailed as *const ());
            function(signal, info, context);
        }
    } else if plain != 0 {
        // SAFETY: it was installed as a function of one argument.
        unsafe {
            let function: extern "C" fn(c_int) = mem::transmute(plain as *const ());
            function(signal);
        }
    }
}

fn process() -> c_int {
    // SAFETY: getpid(2) has no preconditions, and is async-signal-safe.
    unsafe { libc::getpid() }
}

/// What a signal does to this process.
#[derive(Clone, Copy)]
struct Disposition(libc::sigaction);

impl std::fmt::Debug for Disposition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Disposition").field("ours", &self.is_ours()).finish_non_exhaustive()
    }
}

impl Disposition {
    /// Our handler: on the alternative stack where a thread has one, which has no room for another one upon it,
    /// so that all signals are blocked meanwhile; and with system calls restarted.
    fn ours() -> Disposition {
        // SAFETY: `sigaction` is a plain structure of integers and optional pointers, for which zeros are
        // values.
        let mut action: libc::sigaction = unsafe { mem::zeroed() };
        action.sa_sigaction = handler as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESTART;
        // SAFETY: the set is borrowed for the call, which initializes it.
        unsafe { libc::sigfillset(&mut action.sa_mask) };
        Disposition(action)
    }

    fn is_ours(&self) -> bool {
        self.0.sa_sigaction == handler as *const () as usize
    }

    /// Publishes to the handler what it stands in for.
    fn remember(&self, signal: c_int) {
        let Ok(index) = usize::try_from(signal) else { return };
        let function = match self.0.sa_sigaction {
            libc::SIG_DFL | libc::SIG_IGN => 0,
            function => function,
        };
        let is_detailed = self.0.sa_flags & libc::SA_SIGINFO != 0;
        // Release: a function's data were written before it was installed; pairs with `pass_on`.
        PLAIN[index].store(if is_detailed { 0 } else { function }, Ordering::Release);
        DETAILED[index].store(if is_detailed { function } else { 0 }, Ordering::Release);
    }
}

/// sigaction(2): sets a disposition if there is one to set, and returns the one before.
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
