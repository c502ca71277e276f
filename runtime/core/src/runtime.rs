//! The loop itself. `run_turns` is the whole of it; ARCHITECTURE.md lists the same steps under the same numbers.

use std::cell::Cell;
use std::fmt;
use std::io;
use std::panic::Location;
use std::pin::pin;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::blocking::{self, Executor as _};
use crate::builder::Builder;
use crate::current::{self, Entered, Guard, Running};
use crate::debug::{Entry, warn_of_forgotten_guards};
use crate::executor::{self, Executor, panics::contain_quietly};
use crate::handle::Handle;
use crate::local::Local;
use crate::policy::policy;
use crate::task::JoinHandle;
use crate::watch::Watch;

/// Runs a future on a loop of its own, to its end, and returns its output.
///
/// Tasks that are left then are dropped, on this thread, before `run` returns; blocking jobs that have begun run on.
/// The loop is built by the [policy](crate::policy) of the process.
///
/// # Panics
///
/// If the policy gives no loop, as when the kernel refuses a file descriptor, or if a loop runs on this thread already. A panic of the future is passed on.
///
/// # Examples
///
/// ```
/// let sum = runtime::run(async {
///     let two = runtime::spawn(async { 2 });
///     1 + two.await.unwrap()
/// });
/// assert_eq!(sum, 3);
/// ```
#[track_caller]
pub fn run<F: Future>(future: F) -> F::Output {
    match policy().build(Builder::new()) {
        Ok(rt) => rt.block_on(future),
        Err(error) => panic!("failed to build the runtime: {error}"),
    }
}

/// An event loop: one thread, one reactor, one task executor.
///
/// A `Runtime` stays on the thread that made it. Other threads reach it through its [`Handle`]. There may be any number of
/// loops in a process, and several on a thread, of which one runs at a time.
///
/// Dropping it closes it; see [`Runtime::close`].
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let rt = runtime::Runtime::new()?;
/// let task = rt.spawn(async { "spawned before the loop runs" });
/// assert_eq!(rt.block_on(task).unwrap(), "spawned before the loop runs");
/// # Ok(())
/// # }
/// ```
pub struct Runtime {
    local: Rc<Local>,
    handle: Handle,
}

impl Runtime {
    /// Makes a loop with the defaults of [`Builder`].
    ///
    /// # Errors
    ///
    /// If the kernel refuses what the reactor needs, such as a file descriptor (`EMFILE`).
    pub fn new() -> io::Result<Runtime> {
        Builder::new().build()
    }

    /// Starts to set up a loop.
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn new_with(local: Rc<Local>) -> Runtime {
        let handle = Handle::new(local.core.clone());
        Runtime { local, handle }
    }

    pub(crate) fn local(&self) -> &Rc<Local> {
        &self.local
    }

    /// The loop as other threads may use it.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Starts a task, which is polled when the loop runs; see [`spawn`](crate::task::spawn).
    ///
    /// # Panics
    ///
    /// If the loop is closed.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.assert_open();
        JoinHandle::new(self.local.spawn(future, Location::caller()))
    }

    /// Makes the loop current on this thread without running it, so that tasks can be spawned and sockets made.
    ///
    /// # Panics
    ///
    /// If the loop is closed.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// let rt = runtime::Runtime::new()?;
    /// let task = {
    ///     let _entered = rt.enter();
    ///     runtime::spawn(async { 5 })
    /// };
    /// assert_eq!(rt.block_on(task).unwrap(), 5);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn enter(&self) -> EnterGuard<'_> {
        self.assert_open();
        EnterGuard { _entry: Entry::new(&self.local), _guard: Guard::new(&self.local) }
    }

    /// Runs the loop until the future is done, and returns its output.
    ///
    /// The future runs next to the spawned tasks, which stay where they are when it ends, until the next call.
    ///
    /// # Panics
    ///
    /// If a loop runs on this thread already, or this one is closed. A panic of the future is passed on, and the loop can be used again.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// let rt = runtime::Runtime::new()?;
    /// assert_eq!(rt.block_on(async { 1 + 1 }), 2);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        assert!(!self.local.executor.is_closing(), "the runtime is closed; build another one");
        let _running = Running::new(&self.local);
        let future = pin!(future);
        executor::drive(&self.local, future, |done| self.run(done))
            .expect("the loop runs until its main future is done")
    }

    /// Takes turns until `done`, under observation in debug mode; otherwise nothing is there that could cost.
    fn run(&self, done: &Cell<bool>) {
        match self.local.debug.threshold() {
            None => self.run_turns(done, (|_: &Executor| (), |()| ())),
            Some(threshold) => {
                let begin = |executor: &Executor| Watch::begin(executor.current());
                self.run_turns(
                    done,
                    (begin, |watch: Watch| {
                        watch.end(threshold);
                    }),
                );
            }
        }
    }

    /// Takes turns until `done`.
    #[inline(always)]
    fn run_turns<W>(
        &self,
        done: &Cell<bool>,
        watch: (impl Fn(&Executor) -> W + Copy, impl Fn(W) + Copy),
    ) {
        let local = &*self.local;
        let mut until_look = local.event_interval;
        loop {
            // 1. Take what other threads queued.
            local.drain();
            // 2. Run what was ready when the pass began. 3a. In between, look at reactor and timers every so often.
            local.run_pass(&mut until_look, local.event_interval, watch, || look(local));
            // 6. Leave after the pass.
            if done.get() {
                return;
            }
            // 3b. Nothing left to run: spin or park until something happens.
            if local.executor.is_idle() {
                park(local);
                until_look = local.event_interval;
            }
        }
    }

    /// Closes the loop: drops every task on this thread, and cancels blocking jobs that have not begun; those that have run on.
    ///
    /// Join handles of what was dropped say cancelled, sockets and timers of the loop end with an error, and handles refuse. Closing a
    /// closed loop does nothing.
    ///
    /// # Panics
    ///
    /// If the loop is running.
    #[track_caller]
    pub fn close(&self) {
        self.shut_down(Some(Duration::ZERO));
    }

    /// Closes the loop as [`Runtime::close`] does, and waits for blocking jobs until the deadline.
    ///
    /// # Panics
    ///
    /// If the loop is running.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let rt = runtime::Runtime::new()?;
    /// rt.block_on(async {
    ///     drop(runtime::spawn(std::future::pending::<()>()));
    /// });
    /// let report = rt.shutdown_timeout(Duration::from_secs(1));
    /// assert!(report.blocking().is_clean());
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn shutdown_timeout(self, deadline: Duration) -> ShutdownReport {
        self.shut_down(Some(deadline))
    }

    /// Closes the loop without waiting for anything, as dropping it does.
    ///
    /// # Panics
    ///
    /// If the loop is running.
    #[track_caller]
    pub fn shutdown_background(self) {
        self.shut_down(Some(Duration::ZERO));
    }

    /// Whether the loop is closed.
    pub fn is_closed(&self) -> bool {
        self.handle.is_closed()
    }

    #[track_caller]
    fn shut_down(&self, deadline: Option<Duration>) -> ShutdownReport {
        let local = &*self.local;
        // What is dropped during close may have the idea to close, too.
        if local.executor.is_closing() {
            return ShutdownReport::default();
        }
        let entered = Entered::closing(&self.local);
        local.close_executor(|| {
            // Still current: what libraries left here, and the wakers' owners, takes the owner's path.
            local.storage.close();
            let mut wakers = Vec::new();
            local.reactor.close(&mut wakers);
            local.timers.close(&mut wakers);
            wake_all(&mut wakers);
            drop(entered);
            current::leave(local);
        });
        current::unregister(local.id);
        ShutdownReport { blocking: local.core.shared.blocking.shutdown(deadline) }
    }

    #[track_caller]
    fn assert_open(&self) {
        assert!(!self.is_closed(), "the runtime is closed; build another one");
    }
}

/// Looks at everything that is not in the run queue, without waiting. Steps 1, 3, 4 and 5 in one.
#[cold]
fn look(local: &Local) {
    local.executor.trim();
    local.drain();
    let mut wakers = local.wakers.take();
    if local.reactor.sources() > 0 {
        select(local, Some(Duration::ZERO), &mut wakers);
    }
    if !local.timers.is_empty() {
        local.timers.fire(local.clock.now(), &mut wakers);
    }
    wake_all(&mut wakers);
    local.wakers.set(wakers);
}

/// Waits until an event, a deadline or another thread has something for the loop.
fn park(local: &Local) {
    local.executor.rest();
    local.executor.trim();
    let mut wakers = local.wakers.take();
    let timeout = time_to_next_deadline(local);
    if timeout != Some(Duration::ZERO) {
        wait(local, timeout, &mut wakers);
    } else if local.reactor.sources() > 0 {
        select(local, timeout, &mut wakers);
    }
    // 4. The selector's events have become readiness, and the wakers are collected. 5. So are those of due timers.
    if !local.timers.is_empty() {
        local.timers.fire(local.clock.now(), &mut wakers);
    }
    // Outside of every borrow: wake.
    wake_all(&mut wakers);
    local.wakers.set(wakers);
}

/// How long the loop may sleep. When the clock is paused and nothing else can happen, time jumps to the next deadline instead.
fn time_to_next_deadline(local: &Local) -> Option<Duration> {
    if local.timers.is_empty() {
        return None;
    }
    if !local.clock.is_paused() {
        let wake = local.timers.next_wake()?;
        return Some(wake.saturating_duration_since(local.clock.now()));
    }
    let deadline = local.timers.next_deadline()?;
    if local.blocking_jobs.get() > 0 {
        return None;
    }
    let mut wakers = local.wakers.take();
    let events = select(local, Some(Duration::ZERO), &mut wakers);
    wake_all(&mut wakers);
    local.wakers.set(wakers);
    if events == 0 && local.executor.is_idle() && !local.has_mail() {
        local.clock.advance_to(deadline);
    }
    Some(Duration::ZERO)
}

/// Waits, first by spinning if that has paid off lately, then asleep.
fn wait(local: &Local, timeout: Option<Duration>, wakers: &mut Vec<std::task::Waker>) {
    // Only a reply comes soon for somebody who waits for it: a loop that merely takes in what others send gains nothing by
    // taking it in a moment earlier.
    let expects_reply = local.expects_reply.replace(false) || local.blocking_jobs.get() > 0;
    let (pays, limit) = {
        let spin = local.spin.borrow();
        (spin.should_spin(), spin.limit())
    };
    let spins = pays && expects_reply;
    if spins {
        let events = try_now(local, wakers);
        if events > 0 {
            local.spin.borrow_mut().record(Duration::ZERO, events);
            return;
        }
    }
    let begin = Instant::now();
    if spins {
        let limit = timeout.map_or(limit, |timeout| timeout.min(limit));
        loop {
            // Whoever is to end the wait may have been put on this very processor, and would get to it only when the
            // spin is over. Offering it at every look costs 0.2 microseconds, and less often is worse than never.
            std::thread::yield_now();
            let waited = begin.elapsed();
            if waited >= limit {
                break;
            }
            let events = try_now(local, wakers);
            if events > 0 {
                local.spin.borrow_mut().record(waited, events);
                return;
            }
        }
    }
    let timeout = timeout.map(|timeout| timeout.saturating_sub(begin.elapsed()));
    // From here on another thread that sends something also ends the sleep.
    let timeout = if local.prepare_park() { timeout } else { Some(Duration::ZERO) };
    let events = select(local, timeout, wakers);
    let mail = local.has_mail();
    if spins == pays {
        local.spin.borrow_mut().record(begin.elapsed(), events + usize::from(mail));
    }
    // Another thread that has something to say is likely to go on.
    local.expects_reply.set(mail);
}

/// How much has happened already; mail from other threads counts as one event.
fn try_now(local: &Local, wakers: &mut Vec<std::task::Waker>) -> usize {
    let polls = local.reactor.sources() > 0 && !local.has_mail();
    let events = if polls { select(local, Some(Duration::ZERO), wakers) } else { 0 };
    events + usize::from(local.has_mail())
}

fn select(local: &Local, timeout: Option<Duration>, wakers: &mut Vec<std::task::Waker>) -> usize {
    match local.reactor.select(timeout, wakers) {
        Ok(events) => events,
        Err(error) => panic!("the selector of the runtime failed: {error}"),
    }
}

/// Wakes outside of any borrow. A waker that panics does not keep the others from being woken.
fn wake_all(wakers: &mut Vec<std::task::Waker>) {
    for waker in wakers.drain(..) {
        contain_quietly(|| waker.wake());
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.shut_down(Some(Duration::ZERO));
        warn_of_forgotten_guards(&self.local);
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("handle", &self.handle).finish()
    }
}

/// Keeps a loop current on this thread; see [`Runtime::enter`].
///
/// Guards are dropped in the reverse of the order in which they were made. Any other order is safe, but which loop is current
/// then is anybody's guess.
#[derive(Debug)]
#[must_use = "dropped at once, the loop is not entered"]
pub struct EnterGuard<'a> {
    // Looks at the order of things, so it goes first.
    _entry: Entry<'a>,
    _guard: Guard,
}

/// What a shutdown left behind.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ShutdownReport {
    blocking: blocking::Report,
}

impl ShutdownReport {
    /// What became of the blocking jobs that had not ended.
    pub fn blocking(&self) -> &blocking::Report {
        &self.blocking
    }
}
