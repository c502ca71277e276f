//! A timer that looks at all children now and then.

use std::cell::{Cell, RefCell};
use std::io;
use std::mem;
use std::time::Duration;

use runtime_core::callback::{TimerHandle, call_later};
use runtime_core::reactor::try_loop_local;

use super::kept::Kept;
use super::panics::Panics;
use super::{ChildWatcher, Watched, no_loop};

/// Looks at the children of the loop now and then: after a millisecond, then less and less often, down to
/// every 64 milliseconds, until one has ended or another one is spawned.
///
/// It needs nothing of the system, and is what remains if all else is refused. The end of a child is noticed
/// late, and a loop with children never sleeps for long.
#[derive(Clone, Copy, Debug, Default)]
pub struct Polling(());

/// Between two looks, in the beginning.
const SHORTEST: Duration = Duration::from_millis(1);
/// Between two looks at children that run for long.
const LONGEST: Duration = Duration::from_millis(64);

impl Polling {
    /// The strategy. It has nothing to set.
    pub const fn new() -> Polling {
        Polling(())
    }
}

impl ChildWatcher for Polling {
    fn watch(&self, child: &Watched) -> io::Result<()> {
        try_loop_local(|polls: &Polls| {
            polls.children.borrow_mut().push(Kept::new(child));
            polls.arm(SHORTEST);
        })
        .ok_or_else(no_loop)
    }
}

/// What is to be looked at in one loop.
#[derive(Default)]
struct Polls {
    children: RefCell<Vec<Kept>>,
    /// The timer, as long as there are children.
    timer: RefCell<Option<TimerHandle>>,
    pause: Cell<Duration>,
}

impl Polls {
    fn arm(&self, pause: Duration) {
        let timer = call_later(pause, || {
            try_loop_local(Polls::look);
        });
        self.pause.set(pause);
        if let Some(earlier) = self.timer.replace(Some(timer)) {
            earlier.cancel();
        }
    }

    fn look(&self) {
        // Nothing is borrowed meanwhile: a child that is reaped has somebody woken.
        let mut children = mem::take(&mut *self.children.borrow_mut());
        let before = children.len();
        let mut panics = Panics::default();
        // A waker that panics does so after the child has been reaped.
        children.retain(|kept| !panics.contain(|| kept.child().try_reap()).unwrap_or(true));
        let pause =
            if children.len() < before { SHORTEST } else { LONGEST.min(self.pause.get() * 2) };
        self.children.borrow_mut().append(&mut children);
        if self.children.borrow().is_empty() {
            self.timer.take();
        } else {
            self.arm(pause);
        }
        panics.resume();
    }
}
