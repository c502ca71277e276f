//! The loop itself. `run_turns` is the whole of it; ARCHITECTURE.md lists the same steps under the same numbers.

use std::cell::Cell;
use std::fmt;
use std::io;
use std::panic::Location;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::builder::Builder;
use crate::context::{self, Context};
use crate::current::{self, Guard, Running};
use crate::debug::Entry;
use crate::errors::{Closed, Stopped};
use crate::exceptions::{self, Verdict};
use crate::executor::{self, Executor, Open, Special, panics::contain_quietly};
use crate::handle::Handle;
use crate::local::Local;
use crate::observe::{self, Observed, Plain, Watching};
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
    /// On a closed loop the future is dropped at once, and the join says cancelled.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.heed_context();
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
        assert!(!self.is_closed(), "the runtime is closed; build another one");
        self.heed_context();
        EnterGuard { _entry: Entry::new(&self.local), _guard: Guard::new(&self.local) }
    }

    /// Runs the loop until the future is done, and returns its output.
    ///
    /// The future runs next to the spawned tasks, which stay where they are when it ends, until the loop is run again. A call of
    /// [`stop`](Runtime::stop) does not end it; it is remembered for the next [`run_forever`](Runtime::run_forever) or
    /// [`run_until`](Runtime::run_until).
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
        let _running = Running::new(&self.local);
        let session = Session::begin(&self.local);
        let future = pin!(future);
        executor::drive(&self.local, session.open, future, |done| {
            run_loop(&self.local, done, false)
        })
        .expect("the loop runs until its main future is done")
    }

    /// Runs the loop until the future is done or the loop is told to stop, whichever is first.
    ///
    /// The future stays with the caller: after a stop the same one can be handed to `run_until` again, and goes on where it was. A stop
    /// that came before this call is obeyed, too: after one pass that waits for nothing.
    ///
    /// # Errors
    ///
    /// [`Stopped`], if the loop was told to [stop](Runtime::stop) before the future was done, or is closed. A future that is done in the very
    /// pass in which the loop is told to stop is done.
    ///
    /// # Panics
    ///
    /// If a loop runs on this thread already. A panic of the future is passed on, and the loop can be used again.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::pin;
    /// use std::time::Duration;
    ///
    /// use runtime::time::sleep;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let rt = runtime::Runtime::new()?;
    /// let mut work = pin!(async {
    ///     sleep(Duration::from_millis(20)).await;
    ///     "done"
    /// });
    /// rt.call_soon(|| runtime::Handle::current().stop().unwrap());
    /// assert!(rt.run_until(work.as_mut()).is_err());
    /// assert_eq!(rt.run_until(work.as_mut()).unwrap(), "done");
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn run_until<F: Future>(&self, future: Pin<&mut F>) -> Result<F::Output, Stopped> {
        if self.is_closed() {
            return Err(Stopped::by_close());
        }
        let _running = Running::new(&self.local);
        let session = Session::begin(&self.local);
        executor::drive_in_passes(&self.local, session.open, future, |done| {
            run_loop(&self.local, done, true)
        })
        .ok_or_else(Stopped::by_request)
    }

    /// Runs the loop until it is told to [stop](Runtime::stop).
    ///
    /// If that was before this call, the loop makes one pass: it looks at I/O and timers without waiting, runs what is ready, and
    /// returns. Tasks stay where they are, and go on when the loop is run again.
    ///
    /// # Errors
    ///
    /// If the loop is closed.
    ///
    /// # Panics
    ///
    /// If a loop runs on this thread already.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rt = runtime::Runtime::new()?;
    /// rt.call_soon(|| {
    ///     println!("Hello, world");
    ///     runtime::Handle::current().stop().unwrap();
    /// });
    /// rt.run_forever()?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn run_forever(&self) -> Result<(), Closed> {
        if self.is_closed() {
            return Err(Closed::new());
        }
        let _running = Running::new(&self.local);
        let _session = Session::begin(&self.local);
        run_loop(&self.local, &Cell::new(false), true);
        Ok(())
    }

    /// Tells the loop to stop: [`run_forever`](Runtime::run_forever) or [`run_until`](Runtime::run_until) returns when the current pass is over.
    ///
    /// What is ready in this pass still runs; what it queues waits until the loop is run again. A loop that does not run remembers, and
    /// stops after one pass when it is run. [`Handle::stop`] does the same from any thread.
    pub fn stop(&self) {
        self.local.stop();
    }

    /// Whether the loop is running: on this thread, further up the stack.
    pub fn is_running(&self) -> bool {
        current::is_running(&self.local)
    }

    /// Whether the loop is closed.
    pub fn is_closed(&self) -> bool {
        self.handle.is_closed()
    }

    /// Sees to it that what is made on this loop while it does not run begins with the context variables of this thread.
    pub(crate) fn heed_context(&self) {
        if context::snapshot().is_some() {
            self.local.executor.observe(Special::CONTEXT);
        }
    }
}

/// What stands around the running of a loop, from the first poll of its main future to the last turn, besides its being marked as running.
///
/// The mark is a guard of its own: two small ones cost less than one that does both.
pub(crate) struct Session<'a> {
    local: &'a Rc<Local>,
    open: Open,
}

impl<'a> Session<'a> {
    /// # Panics
    ///
    /// If the loop is closed.
    #[inline(always)]
    #[track_caller]
    pub(crate) fn begin(local: &'a Rc<Local>) -> Session<'a> {
        let open = match local.executor.special().none() {
            Some(open) => open,
            None => begin_specially(local),
        };
        Session { local, open }
    }
}

impl Drop for Session<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.local.executor.special().any() {
            end_specially(self.local);
        }
    }
}

/// Puts the thread's context variables aside while each cell has its own; the main future begins with them.
#[cold]
#[track_caller]
fn begin_specially(local: &Local) -> Open {
    let open = local.executor.special().expect_open();
    let context: Option<Context> = context::snapshot();
    local.executor.set_root_context(context.clone());
    local.base_context.set(context);
    local.first_poll.set(local.debug.threshold().map(|_| Watch::begin(None)));
    open
}

#[cold]
fn end_specially(local: &Rc<Local>) {
    local.executor.rest();
    observe::end_first_poll(local);
    local.executor.set_root_context(None);
    let last = context::install(local.base_context.take());
    contain_quietly(|| drop(last));
}

/// Takes turns until the main future is `done`, the loop is told to stop and it is `stoppable`, or an unhandled panic ends it.
fn run_loop(local: &Rc<Local>, done: &Cell<bool>, stoppable: bool) {
    local.executor.start_countdown(local.event_interval);
    if stoppable && local.has_mail() {
        // Another thread may have told it to stop.
        local.drain();
        local.attend();
    }
    if stoppable && local.stopping.get() {
        look(local);
        local.executor.leave();
    }
    loop {
        if local.executor.special().is_observed() {
            observe::end_first_poll(local);
            run_turns(local, Observed { local });
        } else {
            run_turns(local, Plain);
        }
        if local.executor.is_interrupted() {
            // The rest of the pass is run in another way.
            continue;
        }
        local.executor.stay();
        if let Some(why) = local.doom.take() {
            unhandled(local, &why);
        }
        if done.get() || stoppable && local.stopping.get() {
            break;
        }
    }
    if stoppable {
        local.stopping.set(false);
    }
}

/// Takes turns until told to leave, or to go on in another way.
#[inline(always)]
fn run_turns<W: Watching>(local: &Local, watch: W) {
    if local.executor.is_interrupted() {
        finish_pass(local, watch);
        if local.executor.is_leaving() {
            return;
        }
    }
    loop {
        // 1. Take what other threads queued.
        if local.has_mail() && !take_in::<W>(local) {
            return;
        }
        // 2. Run what was ready when the pass began. 3a. In between, look at reactor and timers every so often.
        let pass = watch.begin_pass();
        local
            .run_pass((|_: &Executor| watch.begin(), |cell| watch.end(cell)), || pause::<W>(local));
        watch.end_pass(pass);
        // 6. Leave after the pass.
        if local.executor.is_leaving() {
            return;
        }
        // 3b. Nothing left to run: spin or park until something happens.
        if local.executor.is_idle() {
            park(local, None);
            local.executor.start_countdown(local.event_interval);
        }
    }
}

/// Takes a single turn, in which it waits no longer than `timeout`.
pub(crate) fn turn(local: &Rc<Local>, timeout: Option<Duration>) {
    local.executor.start_countdown(local.event_interval);
    if local.has_mail() {
        local.drain();
        local.attend();
    }
    // The selector is asked in any case: whoever embeds the loop watches its descriptor, which shows what has not been fetched.
    let wait = if local.executor.is_idle() { timeout } else { Some(Duration::ZERO) };
    park(local, wait);
    if local.has_mail() {
        local.drain();
        local.attend();
    }
    local.executor.postpone_pass();
    while local.executor.is_interrupted() {
        if local.executor.special().is_observed() {
            observe::end_first_poll(local);
            finish_pass(local, Observed { local });
        } else {
            finish_pass(local, Plain);
        }
    }
    local.executor.rest();
    local.executor.stay();
    local.attend();
    if let Some(why) = local.doom.take() {
        unhandled(local, &why);
    }
}

fn finish_pass<W: Watching>(local: &Local, watch: W) {
    let pass = watch.begin_pass();
    local.finish_pass((|_: &Executor| watch.begin(), |cell| watch.end(cell)), || pause::<W>(local));
    watch.end_pass(pass);
}

/// Step 1, if there is anything to take; `false` if the pass is to be run in another way.
#[cold]
fn take_in<W: Watching>(local: &Local) -> bool {
    local.drain();
    local.attend();
    let same = W::OBSERVED == local.executor.special().is_observed();
    if !same {
        local.executor.postpone_pass();
    }
    same
}

/// Step 3a. Also how an interruption is attended to. `false` if the rest of the pass is to be run in another way.
#[cold]
fn pause<W: Watching>(local: &Local) -> bool {
    local.executor.start_countdown(local.event_interval);
    local.attend();
    look(local);
    W::OBSERVED == local.executor.special().is_observed()
}

/// Ends a loop on account of a panic that nobody handled.
#[cold]
fn unhandled(local: &Rc<Local>, why: &str) -> ! {
    local.executor.rest();
    current::step_out();
    crate::shutdown::close_now(local);
    panic!("{why}")
}

impl Local {
    /// Tells the exception handler what there is to tell. The executor is at rest.
    #[inline]
    pub(crate) fn attend(&self) {
        if self.exceptions.has_any() {
            if let Verdict::ShutDown(why) = exceptions::deliver(self) {
                let first = self.doom.take();
                self.doom.set(first.or(Some(why)));
                self.executor.leave();
            }
        }
    }
}

/// Looks at everything that is not in the run queue, without waiting. Steps 1, 3, 4 and 5 in one.
#[cold]
fn look(local: &Local) {
    local.executor.rest();
    local.executor.trim();
    if local.has_mail() {
        local.drain();
        local.attend();
    }
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

/// Waits until an event, a deadline or another thread has something for the loop, or `limit` has passed.
pub(crate) fn park(local: &Local, limit: Option<Duration>) {
    local.executor.rest();
    local.executor.trim();
    let mut wakers = local.wakers.take();
    let timeout = earlier(time_to_next_deadline(local), limit);
    if timeout != Some(Duration::ZERO) {
        wait(local, timeout, &mut wakers);
    } else if local.reactor.sources() > 0 || limit.is_some() {
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

fn earlier(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
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
fn wait(local: &Local, timeout: Option<Duration>, wakers: &mut Vec<Waker>) {
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
fn try_now(local: &Local, wakers: &mut Vec<Waker>) -> usize {
    let polls = local.reactor.sources() > 0 && !local.has_mail();
    let events = if polls { select(local, Some(Duration::ZERO), wakers) } else { 0 };
    events + usize::from(local.has_mail())
}

pub(crate) fn select(local: &Local, timeout: Option<Duration>, wakers: &mut Vec<Waker>) -> usize {
    match local.reactor.select(timeout, wakers) {
        Ok(events) => events,
        Err(error) => panic!("the selector of the runtime failed: {error}"),
    }
}

/// Wakes outside of any borrow. A waker that panics does not keep the others from being woken.
pub(crate) fn wake_all(wakers: &mut Vec<Waker>) {
    for waker in wakers.drain(..) {
        contain_quietly(|| waker.wake());
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
