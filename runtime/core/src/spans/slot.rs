//! The span of one task, in its cold part.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tracing::dispatcher::{Dispatch, with_default};
use tracing::span::EnteredSpan;
use tracing::{Span, trace};

use super::timers::Armed;
use super::{Description, entered};
use crate::executor::TaskRef;
use crate::executor::panics::contain_quietly;
use crate::local::Local;
use crate::time::TimerKey;

/// Where a task's span is kept, if it has one.
#[derive(Debug, Default)]
pub(crate) struct Slot(OnceLock<Box<Traced>>);

/// What is done with a waker, as the console calls it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WakerOp {
    Clone,
    Wake,
    WakeByRef,
    Drop,
}

#[derive(Debug)]
struct Traced {
    /// The span's number with its subscriber; zero once the task is done.
    id: AtomicU64,
    subscriber: Dispatch,
    /// Not here while the task is polled, nor when it is done.
    span: Mutex<Option<Span>>,
    timers: Mutex<Armed>,
}

impl Slot {
    /// Gives the task a span, if a subscriber wants it; `true` if it has one now.
    pub(crate) fn begin(&self, description: &Description<'_>) -> bool {
        let Some(span) = description.span() else { return false };
        let Some((id, subscriber)) =
            span.with_subscriber(|(id, subscriber)| (id.into_u64(), subscriber.clone()))
        else {
            return false;
        };
        let traced = Traced {
            id: AtomicU64::new(id),
            subscriber,
            span: Mutex::new(Some(span)),
            timers: Mutex::default(),
        };
        self.0.set(Box::new(traced)).is_ok()
    }

    fn traced(&self) -> Option<&Traced> {
        self.0.get().map(|traced| &**traced)
    }

    /// Tells the subscriber what is done with a waker of the task, `here` on the loop's thread or elsewhere.
    pub(crate) fn tell(&self, op: WakerOp, here: bool) {
        let Some(traced) = self.traced() else { return };
        // Relaxed: of a task that has just ended, anything may be told.
        let id = traced.id.load(Ordering::Relaxed);
        if id == 0 {
            return;
        }
        contain_quietly(|| match here {
            true => event(op, id),
            // The number means nothing to the subscriber of another thread.
            false => with_default(&traced.subscriber, || event(op, id)),
        });
    }

    /// Enters the span, for a poll.
    pub(super) fn enter(&self) -> Option<EnteredSpan> {
        let span = self.traced()?.span.lock().take();
        entered::enter(span)
    }

    /// Looks at the timers that a poll of the task has armed, or done with, before its span is left.
    pub(super) fn look_at_timers(&self, local: &Local, task: &TaskRef, earlier: Option<TimerKey>) {
        let Some(traced) = self.traced() else { return };
        // Not under the lock: subscribers are told.
        let mut timers = std::mem::take(&mut *traced.timers.lock());
        timers.look(local, task, earlier);
        *traced.timers.lock() = timers;
    }

    /// Leaves it after a poll; with the task's last one it ends.
    pub(super) fn leave(&self, entered: EnteredSpan, finished: bool) {
        let Some(span) = entered::leave(entered) else { return };
        let Some(traced) = self.traced() else { return };
        if finished {
            traced.id.store(0, Ordering::Relaxed);
            let timers = std::mem::take(&mut *traced.timers.lock());
            contain_quietly(|| drop(timers));
            contain_quietly(|| drop(span));
        } else {
            *traced.span.lock() = Some(span);
        }
    }
}

fn event(op: WakerOp, id: u64) {
    let op = match op {
        WakerOp::Clone => "waker.clone",
        WakerOp::Wake => "waker.wake",
        WakerOp::WakeByRef => "waker.wake_by_ref",
        WakerOp::Drop => "waker.drop",
    };
    trace!(target: "runtime::waker", op, task.id = id);
}
