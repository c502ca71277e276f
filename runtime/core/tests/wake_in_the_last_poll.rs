//! A task that wakes itself and completes in the same poll is in the run queue with its outcome settled. It
//! is not polled again, whatever becomes of its handle.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use runtime::task::yield_now;

/// Wakes itself, completes, and complains if it is polled again.
struct Once {
    polls: Rc<Cell<u32>>,
    panics: bool,
}

impl Future for Once {
    type Output = Rc<Cell<u32>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.polls.set(self.polls.get() + 1);
        context.waker().wake_by_ref();
        if self.panics {
            std::panic::resume_unwind(Box::new("on purpose"));
        }
        Poll::Ready(self.polls.clone())
    }
}

impl Drop for Once {
    fn drop(&mut self) {
        // Seen by the test as a second owner if the future were dropped twice.
        self.polls.set(self.polls.get() + 100);
    }
}

#[test]
fn a_joined_task_is_polled_and_dropped_once() {
    runtime::run(async {
        let polls = Rc::new(Cell::new(0));
        let output = runtime::spawn(Once { polls: polls.clone(), panics: false }).await;
        yield_now().await;
        yield_now().await;
        assert_eq!(output.unwrap().get(), 101);
        assert_eq!(Rc::strong_count(&polls), 1);
    });
}

#[test]
fn a_detached_task_is_polled_and_dropped_once() {
    runtime::run(async {
        let polls = Rc::new(Cell::new(0));
        drop(runtime::spawn(Once { polls: polls.clone(), panics: false }));
        for _ in 0..3 {
            yield_now().await;
        }
        assert_eq!((polls.get(), Rc::strong_count(&polls)), (101, 1));
    });
}

#[test]
fn a_panicking_task_is_polled_and_dropped_once() {
    runtime::run(async {
        let polls = Rc::new(Cell::new(0));
        let error = runtime::spawn(Once { polls: polls.clone(), panics: true }).await.unwrap_err();
        yield_now().await;
        assert!(error.is_panic());
        assert_eq!((polls.get(), Rc::strong_count(&polls)), (101, 1));
    });
}

#[test]
fn a_handle_held_over_the_needless_run_still_has_the_output() {
    runtime::run(async {
        let polls = Rc::new(Cell::new(0));
        let task = runtime::spawn(Once { polls, panics: false });
        while !task.is_finished() {
            yield_now().await;
        }
        yield_now().await;
        assert_eq!(task.await.unwrap().get(), 101);
    });
}

#[test]
fn a_root_future_that_wakes_itself_last_leaves_the_loop_usable() {
    let rt = runtime::Runtime::new().unwrap();
    for expected in 0..3 {
        let output = rt.block_on(poll_fn(|context| {
            context.waker().wake_by_ref();
            Poll::Ready(expected)
        }));
        assert_eq!(output, expected);
    }
}
