//! The children of a group that ends are asked first, and may clean up; a group whose own task is asked hands
//! that on.

mod support;

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use runtime::Runtime;
use runtime::task::{
    ChildError, GroupError, JoinHandle, TaskGroup, cancelled, uncancel, yield_now,
};
use support::DropLog;

/// What happened, in order.
#[derive(Clone, Default)]
struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    fn note(&self, what: impl Into<String>) {
        self.0.borrow_mut().push(what.into());
    }

    fn notes(&self) -> Vec<String> {
        self.0.take()
    }

    /// Waits to be asked, and takes some turns to clean up.
    async fn clean_up<T>(self, name: &str, turns: usize, result: T) -> T {
        let reason = cancelled().await;
        for _ in 0..turns {
            yield_now().await;
        }
        self.note(format!("{name}: {reason}"));
        result
    }
}

/// A group with a child and a body that wait, the child for the reason to end.
async fn group_of_one(log: Log) -> Result<(), GroupError<Infallible>> {
    TaskGroup::run(async |group| {
        group.spawn(log.clone().clean_up("child", 3, Ok(())));
        pending().await
    })
    .await
}

async fn ended(task: JoinHandle<Result<(), GroupError<Infallible>>>) -> GroupError<Infallible> {
    task.await.unwrap().unwrap_err()
}

#[test]
fn children_that_listen_clean_up_and_are_awaited() {
    runtime::run(async {
        let log = Log::default();
        let result = TaskGroup::<Infallible>::run(async |group| {
            group.spawn(log.clone().clean_up("slow", 5, Ok(())));
            group.spawn(log.clone().clean_up("quick", 0, Ok(())));
            yield_now().await;
            group.cancel("enough");
            Ok(())
        });
        result.await.unwrap();
        assert_eq!(log.notes(), ["quick: enough", "slow: enough"]);
    });
}

#[test]
fn what_fails_while_it_cleans_up_is_added_to_the_errors() {
    runtime::run(async {
        let log = Log::default();
        let result: Result<(), _> = TaskGroup::run(async |group| {
            group.spawn(log.clone().clean_up("slow", 5, Err::<(), _>("third")));
            group.spawn(log.clone().clean_up("quick", 1, Err::<(), _>("second")));
            group.spawn::<(), _>(async {
                cancelled().await;
                yield_now().await;
                yield_now().await;
                panic!("deliberate");
            });
            yield_now().await;
            Err("first")
        })
        .await;
        let error = result.unwrap_err();
        let text = error.to_string();
        let start = "the task group failed 4 times: first; second; task ";
        assert!(text.starts_with(start), "{text}");
        assert!(text.ends_with(" panicked with message \"deliberate\"; third"), "{text}");
        let lines = format!("{error:#}");
        assert_eq!(lines.lines().count(), 5, "{lines}");
        assert!(lines.ends_with("\n   4. third"), "{lines}");
        let panics = error.errors().iter().filter(|error| error.is_panic()).count();
        assert_eq!(panics, 1);
        let reason = "slow: another part of its task group failed";
        assert_eq!(log.notes().last().unwrap(), reason);
        let first = error.into_iter().next().unwrap();
        assert!(matches!(first, ChildError::Failed("first")));
    });
}

#[test]
fn who_takes_longer_than_the_grace_is_aborted() {
    let rt = Runtime::builder().start_paused(true).build().unwrap();
    rt.block_on(async {
        let log = DropLog::new();
        let witness = log.local_witness();
        let grace = Duration::from_secs(5);
        let start = runtime::time::Instant::now();
        let result = TaskGroup::builder().grace(grace).run(async |group| {
            group.spawn(async {
                let _witness = witness;
                cancelled().await;
                pending::<Result<(), Infallible>>().await
            });
            group.spawn(async {
                cancelled().await;
                runtime::time::sleep(Duration::from_secs(4)).await;
                Ok(())
            });
            yield_now().await;
            group.cancel("enough");
            Ok(())
        });
        result.await.unwrap();
        assert_eq!(start.elapsed(), grace);
        log.assert_dropped_here(1);
    });
}

#[test]
fn what_has_not_begun_never_does() {
    runtime::run(async {
        let result = TaskGroup::<Infallible>::run(async |group| {
            let child = group.spawn::<(), _>(async { unreachable!("polled") });
            group.cancel("enough");
            Ok(child)
        });
        let error = result.await.unwrap().await.unwrap_err();
        assert_eq!(error.cancel_reason(), Some("enough"));
    });
}

#[test]
fn a_child_that_is_asked_by_itself_is_not_asked_again() {
    runtime::run(async {
        let log = Log::default();
        let result = TaskGroup::<Infallible>::run(async |group| {
            let child = group.spawn(log.clone().clean_up("child", 5, Ok(())));
            yield_now().await;
            child.cancel("by itself");
            yield_now().await;
            group.cancel("with all others");
            Ok(())
        });
        result.await.unwrap();
        assert_eq!(log.notes(), ["child: by itself"]);
    });
}

#[test]
fn a_task_that_is_asked_hands_it_to_its_group() {
    runtime::run(async {
        let log = Log::default();
        let task = runtime::spawn(group_of_one(log.clone()));
        yield_now().await;
        yield_now().await;
        task.cancel("the lights go out");
        let error = ended(task).await;
        assert_eq!(error.cancel_reason(), Some("the lights go out"));
        assert_eq!(log.notes(), ["child: the lights go out"]);
    });
}

#[test]
fn a_group_hears_of_it_wherever_it_is_polled() {
    runtime::run(async {
        let log = Log::default();
        let inner = log.clone();
        let task = runtime::spawn(async move {
            let groups: FuturesUnordered<_> = (0..3).map(|_| group_of_one(inner.clone())).collect();
            let results: Vec<_> = groups.collect().await;
            results
                .into_iter()
                .filter(|result| result.as_ref().is_err_and(GroupError::is_cancelled))
                .count()
        });
        yield_now().await;
        yield_now().await;
        task.cancel("the lights go out");
        // Each of them hears of the one request.
        assert_eq!(task.await.unwrap(), 3);
        assert_eq!(log.notes(), ["child: the lights go out"; 3]);
    });
}

#[test]
fn the_body_comes_first() {
    runtime::run(async {
        let log = Log::default();
        let inner = log.clone();
        let task = runtime::spawn(async move {
            TaskGroup::<Infallible>::run(async |group| {
                let child = inner.clone();
                group.spawn(async move {
                    for _ in 0..5 {
                        yield_now().await;
                    }
                    child.note("child has ended by itself");
                    Ok(())
                });
                let reason = cancelled().await;
                inner.note(format!("body: {reason}"));
                Ok(())
            })
            .await
        });
        yield_now().await;
        task.cancel("closing time");
        task.await.unwrap().unwrap();
        assert_eq!(log.notes(), ["body: closing time", "child has ended by itself"]);
    });
}

#[test]
fn the_request_after_the_one_that_the_body_took_is_the_groups() {
    runtime::run(async {
        let log = Log::default();
        let inner = log.clone();
        let task = runtime::spawn(async move {
            TaskGroup::<Infallible>::run(async |group| {
                group.spawn(inner.clone().clean_up("child", 2, Ok(())));
                cancelled().await;
                Ok(())
            })
            .await
        });
        yield_now().await;
        yield_now().await;
        task.cancel("closing time");
        yield_now().await;
        yield_now().await;
        assert!(log.notes().is_empty());
        task.cancel("last orders");
        // The body had ended well, but not so its children.
        let error = ended(task).await;
        assert_eq!(error.cancel_reason(), Some("last orders"));
        assert_eq!(log.notes(), ["child: last orders"]);
    });
}

#[test]
fn the_next_request_drops_the_task_and_the_group_with_it() {
    runtime::run(async {
        let (log, drops) = (Log::default(), DropLog::new());
        let witness = drops.local_witness();
        let task = runtime::spawn(TaskGroup::<Infallible>::run(async move |group| {
            group.spawn(async move {
                let _witness = witness;
                cancelled().await;
                pending::<Result<(), _>>().await
            });
            group.spawn(log.clone().clean_up("never", 1000, Ok(())));
            pending::<Result<(), _>>().await
        }));
        yield_now().await;
        yield_now().await;
        task.cancel("first");
        for _ in 0..5 {
            yield_now().await;
        }
        assert!(!task.is_finished());
        assert_eq!(drops.count(), 0);
        task.cancel("second");
        assert_eq!(task.await.unwrap_err().cancel_reason(), Some("second"));
        yield_now().await;
        drops.assert_dropped_here(1);
    });
}

#[test]
fn the_main_future_may_be_asked_as_well() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    let log = Log::default();
    let result = rt.block_on(async {
        runtime::spawn(async move {
            yield_now().await;
            yield_now().await;
            handle.cancel_main("the lights go out").unwrap();
        });
        group_of_one(log.clone()).await
    });
    assert_eq!(result.unwrap_err().cancel_reason(), Some("the lights go out"));
    assert_eq!(log.notes(), ["child: the lights go out"]);
}

/// A chain of groups, each in a child of the one before.
async fn chain(log: Log, depth: usize) -> Result<(), GroupError<Infallible>> {
    let result = TaskGroup::run(async |group| {
        if depth > 0 {
            let (log, inner) = (log.clone(), Box::pin(chain(log.clone(), depth - 1)));
            group.spawn(async move {
                let error = inner.await.unwrap_err();
                log.note(format!("{depth}: {}", error.cancel_reason().unwrap()));
                Ok(())
            });
        }
        pending().await
    });
    result.await
}

#[test]
fn a_request_goes_down_and_the_ends_come_up() {
    runtime::run(async {
        let log = Log::default();
        let task = runtime::spawn(chain(log.clone(), 3));
        for _ in 0..10 {
            yield_now().await;
        }
        task.cancel("why");
        ended(task).await;
        assert_eq!(log.notes(), ["1: why", "2: why", "3: why"]);
    });
}

#[test]
fn a_task_that_cleans_up_can_run_a_group() {
    runtime::run(async {
        let log = Log::default();
        let task = runtime::spawn({
            let log = log.clone();
            async move {
                cancelled().await;
                TaskGroup::<Infallible>::run(async |group| {
                    let child = group.spawn(async {
                        for _ in 0..3 {
                            yield_now().await;
                        }
                        Ok("saved")
                    });
                    log.note(child.await.unwrap());
                    Ok(())
                })
                .await
                .unwrap();
                // The next request is the group's again.
                group_of_one(log).await
            }
        });
        yield_now().await;
        task.cancel("first");
        for _ in 0..10 {
            yield_now().await;
        }
        assert_eq!(log.notes(), ["saved"]);
        task.cancel("second");
        assert_eq!(ended(task).await.cancel_reason(), Some("second"));
        assert_eq!(log.notes(), ["child: second"]);
    });
}

#[test]
fn groups_one_after_the_other_each_tell_of_a_request_that_comes_in_its_time() {
    runtime::run(async {
        let told = Rc::new(RefCell::new(Vec::new()));
        let task = runtime::spawn({
            let told = told.clone();
            async move {
                loop {
                    let error = group_of_one(Log::default()).await.unwrap_err();
                    told.borrow_mut().push(error.cancel_reason().unwrap().to_owned());
                }
            }
        });
        for (round, reason) in ["one", "two", "three"].into_iter().enumerate() {
            for _ in 0..10 {
                yield_now().await;
            }
            assert_eq!(told.borrow().len(), round);
            task.cancel(reason);
        }
        for _ in 0..10 {
            yield_now().await;
        }
        assert_eq!(*told.borrow(), ["one", "two", "three"]);
        task.abort();
    });
}

#[test]
fn a_request_that_comes_while_a_failed_group_ends_is_told_as_well() {
    runtime::run(async {
        let task = runtime::spawn(TaskGroup::run(async |group| {
            group.spawn(Log::default().clean_up("slow", 5, Ok::<(), &str>(())));
            yield_now().await;
            Err::<(), _>("deliberate")
        }));
        for _ in 0..3 {
            yield_now().await;
        }
        assert!(!task.is_finished());
        task.cancel("why");
        let error = task.await.unwrap().unwrap_err();
        assert!(error.is_cancelled() && !error.is_elapsed());
        assert_eq!(error.cancel_reason(), Some("why"));
        assert_eq!(error.to_string(), "the task group failed, and was cancelled (why): deliberate");
    });
}

#[test]
fn a_request_that_comes_while_a_cancelled_group_ends_is_told_as_well() {
    runtime::run(async {
        let task = runtime::spawn(TaskGroup::<&str>::run(async |group| {
            group.spawn(Log::default().clean_up("slow", 5, Ok(())));
            yield_now().await;
            group.cancel("done");
            Ok("value")
        }));
        for _ in 0..3 {
            yield_now().await;
        }
        assert!(!task.is_finished());
        task.cancel("why");
        let error = task.await.unwrap().unwrap_err();
        assert_eq!(error.to_string(), "the task group was cancelled: why");
    });
}

#[test]
fn a_task_that_takes_its_request_back_goes_on() {
    runtime::run(async {
        let rounds = Rc::new(Cell::new(0));
        let counted = rounds.clone();
        let task = runtime::spawn(async move {
            loop {
                let result = group_of_one(Log::default()).await;
                assert_eq!(result.unwrap_err().cancel_reason(), Some("this round"));
                assert_eq!(uncancel(), 0);
                counted.set(counted.get() + 1);
            }
        });
        for round in 1..=3 {
            for _ in 0..10 {
                yield_now().await;
            }
            task.cancel("this round");
            for _ in 0..10 {
                yield_now().await;
            }
            assert_eq!(rounds.get(), round);
        }
        task.abort();
    });
}
