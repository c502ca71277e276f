//! At most so many at a time; the others wait in line.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use futures::channel::oneshot;
use runtime::task::TaskFuture;

/// Hands out a number of permits.
pub(crate) struct Limit {
    permits: usize,
    free: Cell<usize>,
    fewest_free: Cell<usize>,
    waiting: RefCell<VecDeque<oneshot::Sender<Permit>>>,
}

impl Limit {
    pub(crate) fn new(permits: usize) -> Limit {
        let waiting = RefCell::default();
        Limit { permits, free: Cell::new(permits), fewest_free: Cell::new(permits), waiting }
    }

    /// Runs `future` once there is a permit, which it holds until it has ended or is dropped.
    ///
    /// A task that has a permit must not wait for one that needs a permit, too: hence only the downloads are
    /// limited, and not those who wait for them.
    pub(crate) async fn hold(limit: Rc<Limit>, future: TaskFuture) {
        let _permit = Limit::permit(limit).await;
        future.await;
    }

    async fn permit(limit: Rc<Limit>) -> Permit {
        let free = limit.free.get();
        if free > 0 {
            limit.free.set(free - 1);
            limit.fewest_free.set(limit.fewest_free.get().min(free - 1));
            return Permit(limit);
        }
        let (sender, receiver) = oneshot::channel();
        limit.waiting.borrow_mut().push_back(sender);
        receiver.await.expect("the line ends with the limit, on which we have a count")
    }

    /// How many permits were out at the same time, at most.
    pub(crate) fn most(&self) -> usize {
        self.permits - self.fewest_free.get()
    }
}

struct Permit(Rc<Limit>);

impl Drop for Permit {
    fn drop(&mut self) {
        let next = self.0.waiting.borrow_mut().pop_front();
        match next {
            // If nobody waits there any more the permit comes back, is dropped here, and goes to the one
            // behind.
            Some(next) => drop(next.send(Permit(self.0.clone()))),
            None => self.0.free.set(self.0.free.get() + 1),
        }
    }
}
