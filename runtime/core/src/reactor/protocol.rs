//! How readiness is used, learnt and waited for: the one place that does, for every way to call a
//! source.

use std::cell::Cell;
use std::io;
use std::task::{Context, Poll};

use crate::current;
use crate::local::Local;
use crate::task::coop;

use super::entry::Entry;
use super::scope::{Scope, Snapshot};
use super::wait::{PolledWait, QueuedWait, Wait};
use super::{Direction, Interest, Ready, Registered, Source};

/// Whether a short read or write tells that the next one would block.
///
/// epoll(7), "Do I need to continuously read/write a file descriptor until EAGAIN when using the
/// EPOLLET flag": for stream-oriented files a short count is as good as EAGAIN. The same holds for
/// kqueue's `EV_CLEAR`. Elsewhere mio needs to see the EAGAIN to arm the source again.
const SHORT_COUNT_ENDS_READINESS: bool = cfg!(any(
    target_os = "linux",
    target_os = "android",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_os = "dragonfly",
    target_vendor = "apple",
));

impl<S: Source> Registered<S> {
    /// Makes a call, learns from its outcome, and waits if it would have blocked.
    #[inline(always)]
    pub(super) fn operate<R>(
        &self,
        cx: &mut Context<'_>,
        scope: Scope,
        call: impl FnOnce(&S) -> io::Result<R>,
        over: impl FnOnce(&R, Snapshot) -> Ready,
        wait: impl Wait,
    ) -> Poll<io::Result<R>> {
        in_loop(cx, |cx, local| {
            let outcome = attempt(
                &self.entry,
                scope,
                || call(self.get_ref()),
                over,
                |seen, error| wait.wait(local, cx.waker(), seen, error),
            );
            if let (Poll::Ready(Ok(_)), Some(local), true) = (&outcome, local, scope.is_write()) {
                local.expects_reply.set(true);
            }
            outcome
        })
    }

    /// The same for a task that will make the call again: if this one has used the readiness up, the wait
    /// begins at once.
    #[inline(always)]
    pub(super) fn operate_ahead<R>(
        &self,
        cx: &mut Context<'_>,
        scope: Scope,
        call: impl FnOnce(&S) -> io::Result<R>,
        over: impl FnOnce(&R, Snapshot) -> Ready,
        wait: PolledWait<'_>,
    ) -> Poll<io::Result<(R, bool)>> {
        in_loop(
            cx,
            #[inline(always)]
            |cx, local| {
                let mut used_up = false;
                let over = |result: &R, seen: Snapshot| {
                    let over = over(result, seen);
                    used_up = !over.is_empty();
                    over
                };
                let outcome = attempt(
                    &self.entry,
                    scope,
                    || call(self.get_ref()),
                    over,
                    |seen, error| wait.wait(local, cx.waker(), seen, error),
                );
                outcome.map_ok(|result| (result, used_up && wait.begins_again(local, cx.waker())))
            },
        )
    }

    /// The same without waiting.
    pub(super) fn try_operate<R>(
        &self,
        interest: Interest,
        call: impl FnOnce(&S) -> io::Result<R>,
        over: impl FnOnce(&R, Snapshot) -> Ready,
    ) -> io::Result<R> {
        let outcome = try_attempt(&self.entry, interest, || call(self.get_ref()), over);
        if interest.is_writable() && outcome.is_ok() {
            current::with_current(|local| local.expects_reply.set(true));
        }
        outcome
    }

    /// Waits until something of `scope` has been reported.
    pub(super) fn poll_snapshot(
        &self,
        cx: &mut Context<'_>,
        scope: Scope,
        wait: impl Wait,
    ) -> Poll<io::Result<Snapshot>> {
        in_loop(cx, |cx, local| {
            let seen = self.entry.seen(scope);
            if seen.ready(scope).is_empty() {
                wait.wait(local, cx.waker(), seen, None).map(Err)
            } else {
                Poll::Ready(Ok(seen))
            }
        })
    }

    /// Waits until `look` finds something of `scope`, whatever has been reported so far.
    ///
    /// To find nothing is a call that would have blocked: the next event ends the wait.
    #[cfg_attr(not(unix), allow(dead_code))]
    fn poll_level(
        &self,
        cx: &mut Context<'_>,
        scope: Scope,
        look: impl FnOnce(&S) -> io::Result<Ready>,
        wait: impl Wait,
    ) -> Poll<io::Result<Snapshot>> {
        in_loop(cx, |cx, local| {
            let seen = self.entry.seen(scope);
            if seen.is_shut() {
                return wait.wait(local, cx.waker(), seen, None).map(Err);
            }
            let words = Scope::words(look(self.get_ref())?).common(scope);
            let found = seen.instead(scope, words);
            if found.ready(scope).is_empty() {
                let nothing = Some(io::ErrorKind::WouldBlock.into());
                wait.wait(local, cx.waker(), seen, nothing).map(Err)
            } else {
                Poll::Ready(Ok(found))
            }
        })
    }

    pub(super) fn poll_direction_snapshot(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
    ) -> Poll<io::Result<Snapshot>> {
        let wait = PolledWait { entry: &self.entry, direction };
        self.poll_snapshot(cx, Scope::of_direction(direction), wait)
    }

    #[cfg_attr(not(unix), allow(dead_code))]
    pub(super) fn poll_direction_level(
        &self,
        cx: &mut Context<'_>,
        direction: Direction,
        look: impl FnOnce(&S) -> io::Result<Ready>,
    ) -> Poll<io::Result<Snapshot>> {
        let wait = PolledWait { entry: &self.entry, direction };
        self.poll_level(cx, Scope::of_direction(direction), look, wait)
    }

    #[cfg_attr(not(unix), allow(dead_code))]
    pub(super) async fn level_snapshot(
        &self,
        interest: Interest,
        look: impl Fn(&S) -> io::Result<Ready>,
    ) -> io::Result<Snapshot> {
        let scope = Scope::of_interest(interest);
        let mut wait = QueuedWait::new(&self.entry, interest);
        std::future::poll_fn(|cx| self.poll_level(cx, scope, &look, &mut wait)).await
    }

    pub(super) async fn snapshot(&self, interest: Interest) -> io::Result<Snapshot> {
        let scope = Scope::of_interest(interest);
        let mut wait = QueuedWait::new(&self.entry, interest);
        std::future::poll_fn(|cx| self.poll_snapshot(cx, scope, &mut wait)).await
    }
}

/// The whole protocol, and the only copy of it.
///
/// `over` tells what a call has used up though it succeeded. `otherwise` learns from a failure, or
/// from there being nothing to call for, and says what follows. There is no second attempt: whoever
/// has cleared the readiness waits for the next event, and if that has come meanwhile, on another
/// thread, the task is called at once.
#[inline(always)]
fn attempt<R>(
    entry: &Entry,
    scope: Scope,
    call: impl FnOnce() -> io::Result<R>,
    over: impl FnOnce(&R, Snapshot) -> Ready,
    otherwise: impl FnOnce(Snapshot, Option<io::Error>) -> Poll<io::Error>,
) -> Poll<io::Result<R>> {
    let seen = entry.seen(scope);
    let error = if seen.invites(scope) {
        match call() {
            Ok(result) => {
                let over = over(&result, seen);
                if !over.is_empty() {
                    entry.settle(scope, seen, over);
                }
                return Poll::Ready(Ok(result));
            }
            Err(error) => Some(error),
        }
    } else {
        None
    };
    otherwise(seen, error).map(Err)
}

/// The same without waiting.
pub(super) fn try_attempt<R>(
    entry: &Entry,
    interest: Interest,
    call: impl FnOnce() -> io::Result<R>,
    over: impl FnOnce(&R, Snapshot) -> Ready,
) -> io::Result<R> {
    let scope = Scope::of_interest(interest);
    let outcome = attempt(entry, scope, call, over, |seen, error| {
        Poll::Ready(not_now(entry, interest, seen, error))
    });
    match outcome {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

/// Why an attempt came to nothing. Out of line: what succeeds needs fewer registers then.
#[cold]
#[inline(never)]
fn not_now(
    entry: &Entry,
    interest: Interest,
    seen: Snapshot,
    error: Option<io::Error>,
) -> io::Error {
    match entry.learn(Scope::of_interest(interest), seen, error) {
        Ok(_) => {
            // Nobody waits, but the next attempt may be made on the strength of an event.
            entry.rearm(interest);
            io::ErrorKind::WouldBlock.into()
        }
        Err(error) => error,
    }
}

/// Calls `f` with the current loop, if there is one, unless the task has used up its budget there.
/// An operation that gets something counts.
#[inline(always)]
fn in_loop<R>(
    cx: &mut Context<'_>,
    f: impl FnOnce(&mut Context<'_>, Option<&Local>) -> Poll<R>,
) -> Poll<R> {
    current::with_optional(
        // Else a program with several callers has one copy of it, which knows the constants of none of them.
        #[inline(always)]
        |local| {
            // Outside of a loop nothing is counted; this way there is one path for both.
            let uncounted = Cell::new(1);
            let budget = local.map_or(&uncounted, |local| local.executor.budget());
            if budget.get() == 0 && !renew_budget(local) {
                return coop::out_of_budget(cx);
            }
            let outcome = f(cx, local);
            if outcome.is_ready() {
                budget.set(budget.get().saturating_sub(1));
            }
            outcome
        },
    )
}

/// Renews a budget that is used up, where it is none.
#[cold]
fn renew_budget(local: Option<&Local>) -> bool {
    local.is_some_and(|local| local.executor.spend())
}

/// Tells what a call on a stream of bytes has used up.
///
/// Unless the end is near: the peer's last bytes and its end of stream may have come as one event,
/// and an error waits for one more call to fetch it. Nor does it once out-of-band data has been
/// reported: a read stops at its mark (tcp(7)), and there may be more behind that. Only who waits for
/// such data ever finds it over, so a stream that has had any is read by one more call from then on.
/// `seen` is the readiness as the word has it, and not just the part that a reader waits for.
#[inline]
pub(super) fn drained(count: usize, wanted: usize, seen: Ready) -> Ready {
    let doubtful = Ready::READ_CLOSED | Ready::WRITE_CLOSED | Ready::ERROR | Ready::PRIORITY;
    if SHORT_COUNT_ENDS_READINESS && 0 < count && count < wanted && !seen.intersects(doubtful) {
        Ready::READABLE | Ready::WRITABLE
    } else {
        Ready::EMPTY
    }
}
