//! The turn of the loop. `run_turns` is the whole of it; ARCHITECTURE.md lists the same steps under the same
//! numbers.

use std::cell::Cell;
use std::rc::Rc;
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::current;
use crate::exceptions::{self, Verdict};
use crate::executor::{Executor, Resting, panics::contain_quietly};
use crate::local::Local;
use crate::observe::{self, Observed, Plain, Watching};
use crate::shutdown;

/// Takes turns until the main future is `done`, the loop is told to stop and it is `stoppable`, or an
/// unhandled panic ends it.
pub(crate) fn run_loop(local: &Rc<Local>, done: &Cell<bool>, stoppable: bool) {
    local.executor.start_countdown(local.event_interval);
    if stoppable && local.has_mail() {
        // Another thread may have told it to stop.
        local.drain();
        local.attend();
    }
    if stoppable && local.stopping.get() {
        if local.executor.special().is_observed() {
            look::<Observed<'_>>(local);
        } else {
            look::<Plain>(local);
        }
        local.executor.leave();
    }
    loop {
        if local.executor.special().is_observed() {
            observe::end_first_poll(local);
            run_observed_turns(local);
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

/// The same turns under observation, kept out of the frame of those that are not.
#[cold]
#[inline(never)]
fn run_observed_turns(local: &Local) {
    run_turns(local, Observed { local });
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
        // 2. Run what was ready when the pass began. 3a. In between, look at reactor and timers every so
        //    often.
        let pass = watch.begin_pass();
        let around = (|_: &Executor| watch.begin(), |cell| watch.end(cell));
        local.run_pass(W::OBSERVED, around, || pause::<W>(local));
        watch.end_pass(pass);
        // 6. Leave after the pass.
        if local.executor.is_leaving() {
            return;
        }
        // 3b. Nothing left to run: spin or park until something happens.
        if local.executor.is_idle() {
            park::<W>(local, None);
            local.executor.start_countdown(local.event_interval);
        }
    }
}

/// Takes a single turn, in which it waits no longer than `timeout`. Returns why the loop is to end, if it is:
/// see [`end`].
pub(crate) fn turn(local: &Rc<Local>, timeout: Option<Duration>) -> Option<String> {
    let _resting = Resting::after(&local.executor);
    if local.executor.special().is_observed() {
        // There is no main future.
        observe::end_first_poll(local);
    }
    local.executor.start_countdown(local.event_interval);
    if local.has_mail() {
        local.drain();
        local.attend();
    }
    // The selector is asked in any case: whoever embeds the loop watches its descriptor, which shows what has
    // not been fetched.
    let wait = if local.executor.is_idle() { timeout } else { Some(Duration::ZERO) };
    if local.executor.special().is_observed() {
        park::<Observed<'_>>(local, wait);
    } else {
        park::<Plain>(local, wait);
    }
    if local.has_mail() {
        local.drain();
        local.attend();
    }
    local.executor.shuffle();
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
    local.doom.take()
}

fn finish_pass<W: Watching>(local: &Local, watch: W) {
    let pass = watch.begin_pass();
    let around = (|_: &Executor| watch.begin(), |cell| watch.end(cell));
    local.finish_pass(W::OBSERVED, around, || pause::<W>(local));
    watch.end_pass(pass);
}

/// Step 1, if there is anything to take; `false` if the pass is to be run in another way.
#[cold]
#[inline(never)]
fn take_in<W: Watching>(local: &Local) -> bool {
    local.drain();
    local.attend();
    let same = W::OBSERVED == local.executor.special().is_observed();
    if !same {
        local.executor.postpone_pass();
    }
    same
}

/// Step 3a. Also how an interruption is attended to. `false` if the rest of the pass is to be run in another
/// way.
#[cold]
fn pause<W: Watching>(local: &Local) -> bool {
    local.executor.start_countdown(local.event_interval);
    local.attend();
    look::<W>(local);
    W::OBSERVED == local.executor.special().is_observed()
}

/// Ends a loop on account of a panic that nobody handled, from inside of its run.
#[cold]
fn unhandled(local: &Rc<Local>, why: &str) -> ! {
    local.executor.rest();
    current::step_out();
    end(local, why)
}

/// Ends a loop that does not run on account of a panic that nobody handled.
#[cold]
pub(crate) fn end(local: &Rc<Local>, why: &str) -> ! {
    shutdown::close_now(local);
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
#[inline(never)]
fn look<W: Watching>(local: &Local) {
    local.executor.rest();
    local.executor.trim();
    if local.has_mail() {
        local.drain();
        local.attend();
    }
    let mut wakers = local.wakers.take();
    let mut events = 0;
    if local.reactor.sources() > 0 {
        events = select(local, Some(Duration::ZERO), &mut wakers);
    }
    fire::<W>(local, events, &mut wakers);
    wake_all(&mut wakers);
    local.wakers.set(wakers);
}

/// Waits until an event, a deadline or another thread has something for the loop, or `limit` has passed.
#[inline(never)]
pub(crate) fn park<W: Watching>(local: &Local, limit: Option<Duration>) {
    local.executor.rest();
    local.executor.trim();
    let mut timeout = earlier(time_to_next_deadline(local), limit);
    let waits = timeout != Some(Duration::ZERO);
    if W::OBSERVED && waits && observe::is_about_to_wait(local) {
        // Whoever has heard of it may have made something ready.
        let ready = (!local.executor.is_idle()).then_some(Duration::ZERO);
        timeout = earlier(ready, earlier(time_to_next_deadline(local), limit));
    }
    let mut wakers = local.wakers.take();
    let mut events = 0;
    if timeout != Some(Duration::ZERO) {
        let begun = W::OBSERVED.then(|| observe::begin_wait(local));
        events = wait(local, timeout, &mut wakers);
        if let Some(begun) = begun {
            observe::end_wait(local, begun);
        }
    } else if local.reactor.sources() > 0 || limit.is_some() {
        events = select(local, timeout, &mut wakers);
    }
    if W::OBSERVED && waits {
        observe::has_waited(local);
    }
    // 4. The selector's events have become readiness, and the wakers are collected. 5. So are those of due
    //    timers.
    fire::<W>(local, events, &mut wakers);
    // Outside of every borrow: wake.
    wake_all(&mut wakers);
    local.wakers.set(wakers);
}

/// Takes out the wakers of due timers, after so many events of sources.
#[inline(always)]
fn fire<W: Watching>(local: &Local, events: usize, wakers: &mut Vec<Waker>) {
    let others = wakers.len();
    if !local.timers.is_empty() {
        local.timers.fire(local.clock.now(), wakers);
    }
    if W::OBSERVED {
        local.inspection.count_fired(events, wakers.len() - others);
    }
}

fn earlier(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// How long the loop may sleep. When the clock is paused and nothing else can happen, time jumps to the next
/// deadline instead.
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

/// Waits, first by spinning if that has paid off lately, then asleep. Returns the number of
/// events that sources had.
fn wait(local: &Local, timeout: Option<Duration>, wakers: &mut Vec<Waker>) -> usize {
    // Only a reply comes soon for somebody who waits for it: a loop that merely takes in what others send
    // gains nothing by taking it in a moment earlier.
    let expects_reply = local.expects_reply.replace(false) || local.blocking_jobs.get() > 0;
    let (pays, limit) = {
        let spin = local.spin.borrow();
        (spin.should_spin(), spin.limit())
    };
    let spins = pays && expects_reply;
    let mut events = 0;
    if spins {
        let found = try_now(local, wakers, &mut events);
        if found > 0 {
            local.spin.borrow_mut().record(Duration::ZERO, found);
            return events;
        }
    }
    let begin = Instant::now();
    if spins {
        let limit = timeout.map_or(limit, |timeout| timeout.min(limit));
        loop {
            // Whoever is to end the wait may have been put on this very processor, and would get to it only
            // when the spin is over. Offering it at every look costs 0.2 microseconds, and less often is
            // worse than never.
            std::thread::yield_now();
            let waited = begin.elapsed();
            if waited >= limit {
                break;
            }
            let found = try_now(local, wakers, &mut events);
            if found > 0 {
                local.spin.borrow_mut().record(waited, found);
                return events;
            }
        }
    }
    let timeout = timeout.map(|timeout| timeout.saturating_sub(begin.elapsed()));
    // From here on another thread that sends something also ends the sleep.
    let timeout = if local.prepare_park() { timeout } else { Some(Duration::ZERO) };
    let slept = select(local, timeout, wakers);
    let mail = local.is_called();
    events += slept;
    if slept > 0 && !mail && is_for_nobody(local, wakers) {
        local.expects_reply.set(expects_reply);
        return events;
    }
    if spins == pays {
        local.spin.borrow_mut().record(begin.elapsed(), slept + usize::from(mail));
    }
    // Another thread that has something to say is likely to go on.
    local.expects_reply.set(mail);
    events
}

/// Looks without waiting; tells how many events of sources there are for somebody, and mail from other
/// threads, which counts as one. All events are added to `events`.
fn try_now(local: &Local, wakers: &mut Vec<Waker>, events: &mut usize) -> usize {
    let mut found = 0;
    if local.reactor.sources() > 0 && !local.has_mail() {
        found = select(local, Some(Duration::ZERO), wakers);
        *events += found;
        if is_for_nobody(local, wakers) {
            found = 0;
        }
    }
    found + usize::from(local.has_mail())
}

/// Tells whether nobody was called by what the selector has reported. A Unix socket says that it has room
/// whenever the peer has read, whether anybody waits for that or not; the reply is still to come then.
fn is_for_nobody(local: &Local, wakers: &[Waker]) -> bool {
    wakers.is_empty() && local.executor.is_idle()
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
