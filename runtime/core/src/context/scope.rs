//! A future that has a context of its own.

use std::fmt;
use std::pin::Pin;
use std::task::{self, Poll};

use pin_project_lite::pin_project;

use crate::context::Context;
use crate::context::section::{Number, Section};
use crate::context::snapshot::Entry;

pin_project! {
    /// The future of [`ContextVar::scope`](crate::context::ContextVar::scope) and [`Context::scope`].
    ///
    /// # Panics
    ///
    /// When polled again after it has returned the output.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Scope<F> {
        // None once it has ended: it is dropped with its context current.
        #[pin]
        future: Option<F>,
        context: Begin,
        number: Number,
    }

    impl<F> PinnedDrop for Scope<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.future.is_some() {
                let section = Section::enter(*this.number, Some(this.context.settle()));
                this.future.set(None);
                drop(section);
            }
        }
    }
}

/// The context in which the next poll begins.
#[derive(Debug)]
pub(super) enum Begin {
    /// The one that is current when it comes to that, with one value more.
    With(Entry),
    In(Context),
}

impl Begin {
    fn settle(&mut self) -> Context {
        match self {
            Begin::In(context) => context.clone(),
            Begin::With(entry) => {
                let context = Context::current().with(entry.clone());
                *self = Begin::In(context.clone());
                context
            }
        }
    }
}

impl<F> Scope<F> {
    pub(super) fn new(future: F, context: Begin) -> Scope<F> {
        Scope { future: Some(future), context, number: Number::next() }
    }
}

impl<F: Future> Future for Scope<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, waker: &mut task::Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let section = Section::enter(*this.number, Some(this.context.settle()));
        let future = this.future.as_mut().as_pin_mut();
        let polled = future.expect("`Scope` polled after it has returned").poll(waker);
        if polled.is_ready() {
            this.future.set(None);
        }
        // In this order: dropping what was there before may be the last use of a value, and runs its
        // destructor.
        let left = section.leave().unwrap_or_default();
        *this.context = Begin::In(if polled.is_ready() { Context::new() } else { left });
        polled
    }
}

impl<F: fmt::Debug> fmt::Debug for Scope<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope")
            .field("future", &self.future)
            .field("context", &self.context)
            .finish()
    }
}
