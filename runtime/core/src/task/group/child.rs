//! The future of a child.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::executor::panics::contain_quietly;
use crate::task::group::error::ChildError;
use crate::task::group::limit::Permit;
use crate::task::group::outer::Dropping;
use crate::task::group::shared::Shared;
use crate::task::{JoinError, id};

/// A place in a group. Its drop tells the group that the child has ended.
pub(super) struct Place<E: 'static> {
    shared: Rc<Shared<E>>,
    key: usize,
    permit: Cell<Permit>,
}

impl<E> Place<E> {
    pub(super) fn new(shared: Rc<Shared<E>>) -> Place<E> {
        let key = shared.enter();
        Place { shared, key, permit: Cell::new(Permit::Unasked) }
    }

    pub(super) fn key(&self) -> usize {
        self.key
    }

    /// Whether it is the child's turn to run. One that has not begun when its group ends never does.
    fn may_run(&self, context: &Context<'_>) -> bool {
        if self.permit.get() != Permit::Held {
            if !self.shared.is_open() {
                return false;
            }
            self.permit.set(self.shared.limit.acquire(self.permit.get(), context));
        }
        self.permit.get() == Permit::Held
    }
}

impl<E> Drop for Place<E> {
    fn drop(&mut self) {
        self.shared.limit.release(self.permit.get());
        self.shared.leave(self.key);
    }
}

pin_project! {
    /// Polls a child, and catches what goes wrong.
    pub(super) struct Child<F, E: 'static> {
        // Gone when it has failed.
        #[pin]
        future: Option<F>,
        succeeded: bool,
        // Dropped last: until then there is something of the child.
        place: Place<E>,
    }

    impl<F, E> PinnedDrop for Child<F, E> {
        fn drop(this: Pin<&mut Self>) {
            this.end();
        }
    }
}

impl<F, E> Child<F, E> {
    pub(super) fn new(future: F, place: Place<E>) -> Child<F, E> {
        Child { future: Some(future), succeeded: false, place }
    }

    /// Drops the future, unless that has been done or nothing is left in it.
    fn end(self: Pin<&mut Self>) {
        let mut this = self.project();
        if this.future.is_some() && !*this.succeeded {
            let _dropping = Dropping::part_of(this.place.shared.clone());
            this.future.set(None);
        }
    }
}

impl<T, E, F: Future<Output = Result<T, E>>> Future for Child<F, E> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let mut this = self.as_mut().project();
        if !this.place.may_run(context) {
            return Poll::Pending;
        }
        // A child that has failed waits to be dropped.
        let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Pending };
        let error = match catch_unwind(AssertUnwindSafe(|| future.poll(context))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(Ok(output))) => {
                *this.succeeded = true;
                return Poll::Ready(output);
            }
            Ok(Poll::Ready(Err(error))) => ChildError::Failed(error),
            Err(payload) => ChildError::Panicked(JoinError::panicked(id(), payload, || None)),
        };
        // This cancels the siblings. The child itself is dropped as well, so that its join says cancelled.
        this.place.shared.fail(error);
        this.place.shared.abort(this.place.key);
        contain_quietly(|| self.end());
        Poll::Pending
    }
}
