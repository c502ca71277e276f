//! A task that is polled by somebody else's poll: what a task factory is handed.
//!
//! A future is polled in one place of the program, `run` of its cell; were there a second one, the compiler
//! would not put the future's code into the first any more, and every task would pay for task factories. So
//! the future goes into a cell of its own as always, and a [`Proxy`] runs that cell whenever it is polled
//! itself. In the run queue the cell stands for whoever polled the proxy last: a waker of it queues it, and
//! when its turn comes that task is run, or woken if it is none of ours.
#![allow(unsafe_code)]

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::current;
use crate::executor::cell::TaskCell;
use crate::executor::header::CellPtr;
use crate::executor::panics::contain_quietly;
use crate::executor::state::{ABANDONED, ABORT, HIGH, LOW, READY, SCHEDULED};
use crate::executor::{Failure, JoinCell, Particulars, waker};
use crate::local::Local;

impl Local {
    /// Puts a future into a cell of its own, to be polled through the proxy.
    pub(crate) fn spawn_proxied<F: Future + 'static>(
        &self,
        future: F,
        particulars: &Particulars<'_>,
    ) -> Proxy<F::Output> {
        let cell = TaskCell::create_proxied(self, future, particulars.location);
        // SAFETY: new, its `HANDLE` bit nobody else's, its output an `F::Output`.
        let join = unsafe { JoinCell::new(cell) };
        join.set_particulars(particulars.name, None);
        Proxy { cell, join }
    }
}

/// Polls a task's future; dropped before that is done, it drops the future.
pub(crate) struct Proxy<T> {
    cell: CellPtr,
    join: JoinCell<T>,
}

impl<T> Future for Proxy<T> {
    type Output = Result<T, Failure>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let proxy = self.get_mut();
        // SAFETY: `HANDLE`, which `join` has, keeps the cell alive.
        let header = unsafe { proxy.cell.as_ref() };
        if header.state.get() & READY == 0 {
            if let Some(flags) = waker::priority(cx.waker(), header.core) {
                // What is queued for a task is as urgent as the task.
                header.state.set(header.state.get() & !(HIGH | LOW) | flags);
            }
            let waker = cx.waker().clone();
            let replaced = header.origin.cold().outer.lock().replace(waker);
            drop(replaced);
        }
        // SAFETY: not kept. A proxy stays on its loop's thread, and is polled by a task of that loop, if by
        // anybody.
        let owner = unsafe { current::owner(header.core) };
        if header.state.get() & SCHEDULED != 0 {
            // In the queue it is on its way to call for this poll again, and must not be touched.
            if let Some(local) = owner {
                local.executor.note_missed_poll();
            }
        }
        if header.state.get() & (READY | SCHEDULED | ABANDONED) == 0 {
            match owner {
                // SAFETY: owner's thread; alive, a task that is neither queued nor `READY`, and not being
                // polled: polls of a proxy do not nest, for they borrow it. Close, which would drop the
                // future, is refused as long as the loop runs.
                Some(local) if current::is_running(local) => unsafe {
                    (header.vtable.poll)(proxy.cell, local);
                },
                // SAFETY: kept alive by `join`. Once the loop runs, it calls for this poll again.
                _ => unsafe { waker::awaken(proxy.cell) },
            }
        }
        if header.state.get() & READY == 0 {
            return Poll::Pending;
        }
        proxy.join.poll(cx)
    }
}

// The output is moved out of the task, never pinned in the proxy.
impl<T> Unpin for Proxy<T> {}

impl<T> Drop for Proxy<T> {
    fn drop(&mut self) {
        // SAFETY: `HANDLE`, which `join` has until after this, keeps the cell alive.
        let header = unsafe { self.cell.as_ref() };
        let state = header.state.get();
        if state & (READY | ABANDONED) != 0 {
            // It has ended, or is just being dropped: by a loop that closes, and this drop is part of that.
            return;
        }
        header.state.insert(ABORT);
        if state & SCHEDULED != 0 {
            // When its turn in the queue comes.
            return;
        }
        // SAFETY: not kept.
        match unsafe { current::owner(header.core) } {
            // SAFETY: owner's thread; alive, linked, unfinished, in no queue, and not being polled: it is our
            // poll that does that. Nor is it being dropped, neither by us, who do that once, nor by a loop
            // that closes, which marks it as `ABANDONED`.
            Some(local) if current::is_running(local) || local.executor.special.is_closing() => unsafe {
                (header.vtable.poll)(self.cell, local);
            },
            // SAFETY: kept alive by `join` until after this, and then by being queued.
            _ => unsafe { waker::awaken(self.cell) },
        }
    }
}

impl<T> fmt::Debug for Proxy<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").finish_non_exhaustive()
    }
}

/// The `run` of a cell behind a proxy: passes the wake on, unless the task is to end.
///
/// # Safety
///
/// As for any `run`.
pub(super) unsafe fn run(cell: CellPtr, local: &Local) {
    // SAFETY: alive by contract.
    let header = unsafe { cell.as_ref() };
    let state = header.state.get();
    if state & (ABORT | READY) != 0 {
        // SAFETY: as for this function.
        unsafe { (header.vtable.poll)(cell, local) };
        return;
    }
    header.state.set(state & !SCHEDULED);
    // The guard must be gone before the waker runs.
    let outer = header.origin.cold().outer.lock().take();
    let Some(outer) = outer else { return };
    // The task that polls the proxy takes this turn, instead of waiting for another one. Under observation it
    // may not: what has been made ready for the turn is this cell's.
    let outer = match local.executor.special.is_observed() {
        true => Err(outer),
        // SAFETY: this is a cell's turn, and nothing is being polled. This cell may go with the task, and is
        // not used again.
        false => unsafe { waker::run_in_turn(outer, header.core, local) },
    };
    if let Err(outer) = outer {
        contain_quietly(|| outer.wake());
    }
}
