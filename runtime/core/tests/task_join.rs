//! Awaiting a join handle yields the task's output, whatever it is and whenever it is asked for.

mod support;

use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use futures::future::join_all;
use runtime::Runtime;
use runtime::task::yield_now;
use support::{CountingWaker, DropLog, panic_message, poll_with};

#[test]
fn joining_before_completion_yields_the_output() {
    runtime::run(async {
        let task = runtime::spawn(async {
            yield_now().await;
            "output"
        });
        assert_eq!(task.await.unwrap(), "output");
    });
}

#[test]
fn joining_after_completion_yields_the_output_at_once() {
    runtime::run(async {
        let mut task = runtime::spawn(async { "output" });
        assert!(!task.is_finished());
        yield_now().await;
        assert!(task.is_finished());
        let counting = CountingWaker::new();
        assert!(poll_with(&mut task, &counting.waker()).is_ready());
        assert_eq!(counting.wakes(), 0);
    });
}

#[test]
fn outputs_of_any_shape_arrive() {
    #[derive(Debug, PartialEq)]
    #[repr(align(256))]
    struct Aligned(u8);

    runtime::run(async {
        runtime::spawn(async {}).await.unwrap();
        assert_eq!(runtime::spawn(async { [7_u8; 5000] }).await.unwrap(), [7; 5000]);
        assert_eq!(runtime::spawn(async { Aligned(3) }).await.unwrap(), Aligned(3));
        let large = [1_u64; 1000];
        let sum = runtime::spawn(async move {
            yield_now().await;
            large.iter().sum::<u64>()
        });
        assert_eq!(sum.await.unwrap(), 1000);
        let shared = Rc::new(5);
        let output = runtime::spawn({
            let shared = shared.clone();
            async move { shared }
        });
        assert!(Rc::ptr_eq(&output.await.unwrap(), &shared));
        assert_eq!(Rc::strong_count(&shared), 1);
    });
}

#[test]
fn an_aligned_future_is_where_it_ought_to_be() {
    #[repr(align(128))]
    struct Aligned(u32);

    impl Future for Aligned {
        type Output = (usize, u32);

        fn poll(self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> Poll<Self::Output> {
            Poll::Ready((std::ptr::from_ref(&*self).addr() % 128, self.0))
        }
    }

    runtime::run(async {
        for n in 0..10 {
            assert_eq!(runtime::spawn(Aligned(n)).await.unwrap(), (0, n));
        }
    });
}

#[test]
fn many_tasks_are_joined_in_any_order() {
    runtime::run(async {
        let tasks = (0..1000_u32).map(|n| {
            runtime::spawn(async move {
                for _ in 0..n % 7 {
                    yield_now().await;
                }
                n
            })
        });
        let outputs = join_all(tasks.collect::<Vec<_>>().into_iter().rev()).await;
        let outputs: Vec<_> = outputs.into_iter().map(Result::unwrap).collect();
        assert!(outputs.into_iter().eq((0..1000).rev()));
    });
}

#[test]
fn the_last_waker_that_polled_the_handle_is_woken_and_no_other() {
    let rt = Runtime::new().unwrap();
    let mut task = rt.spawn(async {
        yield_now().await;
        1
    });
    let (first, second) = (CountingWaker::new(), CountingWaker::new());
    rt.block_on(async {
        for counting in [&first, &second, &second, &first, &second] {
            assert!(poll_with(&mut task, &counting.waker()).is_pending());
        }
        while !task.is_finished() {
            yield_now().await;
        }
        assert_eq!((first.wakes(), second.wakes()), (0, 1));
        assert_eq!(task.await.unwrap(), 1);
    });
}

#[test]
fn giving_up_a_wait_leaves_the_output_with_the_task() {
    runtime::run(async {
        let mut task = runtime::spawn(async {
            yield_now().await;
            yield_now().await;
            "kept"
        });
        let counting = CountingWaker::new();
        assert!(poll_with(&mut task, &counting.waker()).is_pending());
        while !task.is_finished() {
            yield_now().await;
        }
        assert_eq!((&mut task).await.unwrap(), "kept");
    });
}

#[test]
fn a_handle_polled_after_completion_panics() {
    runtime::run(async {
        let mut task = runtime::spawn(async { 1 });
        assert_eq!((&mut task).await.unwrap(), 1);
        let waker = CountingWaker::new().waker();
        let message = panic_message(|| poll_with(&mut task, &waker));
        assert_eq!(message, "JoinHandle polled after completion");
        // The handle of a cancelled and of a panicked task does so too, if its error was taken.
        let mut task = runtime::spawn(async { panic!("on purpose") });
        assert!((&mut task).await.unwrap_err().is_panic());
        assert_eq!(panic_message(|| poll_with(&mut task, &waker)), message);
        let mut task = runtime::spawn(pending::<()>());
        task.abort();
        assert!((&mut task).await.unwrap_err().is_cancelled());
        assert_eq!(panic_message(|| poll_with(&mut task, &waker)), message);
    });
}

#[test]
fn a_task_joined_in_a_later_block_on_yields_its_output() {
    let rt = Runtime::new().unwrap();
    let log = DropLog::new();
    let task = rt.block_on(async {
        let witness = log.witness();
        runtime::spawn(async move { witness })
    });
    rt.block_on(async {
        yield_now().await;
        assert!(task.is_finished());
    });
    assert!(task.is_finished());
    let witness = rt.block_on(task).unwrap();
    assert_eq!(log.count(), 0);
    drop(witness);
    log.assert_dropped_here(1);
}

#[test]
fn a_handle_polled_between_two_calls_of_block_on_is_woken_by_the_next() {
    let rt = Runtime::new().unwrap();
    let mut task = rt.spawn(async { 1 });
    let counting = CountingWaker::new();
    assert!(poll_with(&mut task, &counting.waker()).is_pending());
    rt.block_on(yield_now());
    assert_eq!(counting.wakes(), 1);
    let Poll::Ready(Ok(1)) = poll_with(&mut task, &counting.waker()) else { panic!("not ready") };
}

#[test]
fn a_task_may_await_itself_and_be_aborted() {
    runtime::run(async {
        let slot = Rc::new(std::cell::RefCell::new(None::<runtime::task::JoinHandle<()>>));
        let task = runtime::spawn({
            let slot = slot.clone();
            poll_fn(move |context| {
                let mut slot = slot.borrow_mut();
                Pin::new(slot.as_mut().unwrap()).poll(context).map(drop)
            })
        });
        let abort = task.abort_handle();
        *slot.borrow_mut() = Some(task);
        yield_now().await;
        abort.abort();
        yield_now().await;
        assert!(abort.is_finished());
        let task = slot.borrow_mut().take().unwrap();
        assert!(task.await.unwrap_err().is_cancelled());
    });
}
