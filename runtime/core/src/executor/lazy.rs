//! A future that does not exist before it is polled, so that another thread than the loop's can spawn one
//! that is not `Send`.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

pin_project! {
    /// Makes a future when it is first polled, and is that future from then on.
    #[project = State]
    pub(crate) enum Lazy<C, F> {
        Unmade { create: Option<C> },
        Made { #[pin] future: F },
    }
}

impl<C, F> Lazy<C, F> {
    pub(crate) fn new(create: C) -> Lazy<C, F> {
        Lazy::Unmade { create: Some(create) }
    }
}

impl<C: FnOnce() -> F, F: Future> Future for Lazy<C, F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        loop {
            match self.as_mut().project() {
                State::Made { future } => return future.poll(context),
                State::Unmade { create } => {
                    let create = create.take().expect("a task that has panicked is not polled");
                    let future = create();
                    self.set(Lazy::Made { future });
                }
            }
        }
    }
}
