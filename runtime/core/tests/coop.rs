//! The cooperative budget: what counts, what does not, and when it is refilled.

mod support;

use std::future::{pending, poll_fn};
use std::task::{Context, Poll};

use runtime::Runtime;
use runtime::task::coop::{
    consume_budget, cooperative, has_budget_remaining, poll_proceed, unconstrained,
};
use runtime::task::yield_now;
use support::CountingWaker;

/// Operations that make progress until the budget says no; at most `limit`.
fn use_up(context: &mut Context<'_>, limit: u32) -> u32 {
    for done in 0..limit {
        match poll_proceed(context) {
            Poll::Ready(budget) => budget.made_progress(),
            Poll::Pending => return done,
        }
    }
    limit
}

/// What `f` returns when called in the first poll of a task.
async fn in_a_task<T: 'static>(mut f: impl FnMut(&mut Context<'_>) -> T + 'static) -> T {
    runtime::spawn(poll_fn(move |context| Poll::Ready(f(context)))).await.unwrap()
}

const BUDGET: u32 = 128;

#[test]
fn a_poll_has_a_budget_of_128_operations() {
    runtime::run(async {
        assert_eq!(in_a_task(|context| use_up(context, 1000)).await, BUDGET);
    });
}

#[test]
fn the_main_future_has_the_same_budget() {
    let rt = Runtime::new().unwrap();
    for _ in 0..3 {
        let mut polls = 0;
        rt.block_on(poll_fn(|context| {
            assert_eq!(use_up(context, 1000), BUDGET);
            polls += 1;
            if polls == 3 { Poll::Ready(()) } else { Poll::Pending }
        }));
    }
}

#[test]
fn every_poll_begins_with_a_full_budget() {
    runtime::run(async {
        let mut polls = 0;
        let task = runtime::spawn(poll_fn(move |context| {
            assert_eq!(use_up(context, 1000), BUDGET);
            polls += 1;
            // The refusal has woken the task.
            if polls == 10 { Poll::Ready(()) } else { Poll::Pending }
        }));
        task.await.unwrap();
    });
}

#[test]
fn a_refusal_wakes_the_task() {
    runtime::run(async {
        let wakes = in_a_task(|context| {
            assert_eq!(use_up(context, 1000), BUDGET);
            let counting = CountingWaker::new();
            assert!(poll_proceed(&mut Context::from_waker(&counting.waker())).is_pending());
            counting.wakes()
        });
        assert_eq!(wakes.await, 1);
    });
}

#[test]
fn an_operation_without_progress_is_given_back() {
    runtime::run(async {
        let done = in_a_task(|context| {
            for _ in 0..1000 {
                let Poll::Ready(budget) = poll_proceed(context) else { panic!("used up") };
                drop(budget);
            }
            use_up(context, 1000)
        });
        assert_eq!(done.await, BUDGET);
    });
}

#[test]
fn what_remains_can_be_asked() {
    runtime::run(async {
        let asked = in_a_task(|context| {
            let before = has_budget_remaining();
            use_up(context, BUDGET - 1);
            let last = has_budget_remaining();
            use_up(context, 1);
            (before, last, has_budget_remaining())
        });
        assert_eq!(asked.await, (true, true, false));
    });
    assert!(has_budget_remaining());
}

#[test]
fn there_is_no_limit_outside_of_a_loop_and_in_one_that_is_only_entered() {
    let counting = CountingWaker::new();
    let waker = counting.waker();
    let mut context = Context::from_waker(&waker);
    assert_eq!(use_up(&mut context, 10_000), 10_000);
    let rt = Runtime::new().unwrap();
    let _guard = rt.enter();
    assert_eq!(use_up(&mut context, 10_000), 10_000);
    rt.block_on(yield_now());
    assert_eq!(use_up(&mut context, 10_000), 10_000);
    assert_eq!(counting.wakes(), 0);
}

#[test]
fn an_unconstrained_future_neither_counts_nor_ends() {
    runtime::run(async {
        let mut inner = Box::pin(unconstrained(poll_fn(|context| {
            assert_eq!(use_up(context, 10_000), 10_000);
            Poll::Ready(())
        })));
        let done = in_a_task(move |context| {
            use_up(context, 28);
            assert!(inner.as_mut().poll(context).is_ready());
            use_up(context, 1000)
        });
        assert_eq!(done.await, BUDGET - 28);
    });
}

#[test]
fn an_unconstrained_future_that_panics_gives_the_budget_back() {
    runtime::run(async {
        let done = in_a_task(|context| {
            use_up(context, 28);
            let mut inner =
                Box::pin(unconstrained(poll_fn(|_| -> Poll<()> { panic!("on purpose") })));
            support::panic_message(|| inner.as_mut().poll(context));
            use_up(context, 1000)
        });
        assert_eq!(done.await, BUDGET - 28);
    });
}

#[test]
fn a_cooperative_future_counts_when_it_completes() {
    runtime::run(async {
        let done = in_a_task(|context| {
            for _ in 0..10 {
                assert!(Box::pin(cooperative(async {})).as_mut().poll(context).is_ready());
                assert!(Box::pin(cooperative(pending::<()>())).as_mut().poll(context).is_pending());
            }
            let done = use_up(context, 1000);
            assert!(Box::pin(cooperative(async {})).as_mut().poll(context).is_pending());
            done
        });
        assert_eq!(done.await, BUDGET - 10);
    });
}

#[test]
fn joining_counts_and_waiting_does_not() {
    runtime::run(async {
        let task = runtime::spawn(async {
            let mut ready: Vec<_> = (0..1000).map(|_| runtime::spawn(async {})).collect();
            let mut stuck = runtime::spawn(pending::<()>());
            yield_now().await;
            poll_fn(|context| {
                let mut joined = 0;
                for task in &mut ready {
                    assert!(support::poll_with(&mut stuck, context.waker()).is_pending());
                    if support::poll_with(task, context.waker()).is_pending() {
                        break;
                    }
                    joined += 1;
                }
                Poll::Ready(joined)
            })
            .await
        });
        assert_eq!(task.await.unwrap(), BUDGET);
    });
}

#[test]
fn consuming_the_budget_yields_once_in_128() {
    runtime::run(async {
        let mut polls = 0;
        let mut work = Box::pin(async {
            for _ in 0..1000 {
                consume_budget().await;
            }
        });
        let task = runtime::spawn(poll_fn(move |context| {
            polls += 1;
            work.as_mut().poll(context).map(|()| polls)
        }));
        assert_eq!(task.await.unwrap(), 1000_u32.div_ceil(BUDGET));
    });
}
