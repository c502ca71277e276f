//! A group returns when its body and all its children have ended, and the first failure ends it.

mod support;

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::error::Error;
use std::fmt::Debug;
use std::future::pending;
use std::io;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use futures::FutureExt;
use futures::channel::oneshot;
use runtime::Runtime;
use runtime::task::{ChildError, GroupError, TaskGroup, yield_now};
use support::{DropLog, OnDrop};

/// What never ends, and is logged when it is dropped.
async fn waits<T>(log: &DropLog) -> T {
    let _witness = log.local_witness();
    pending().await
}

fn failure<E: Debug>(result: Result<(), GroupError<E>>) -> GroupError<E> {
    result.unwrap_err()
}

async fn yields(times: usize) {
    for _ in 0..times {
        yield_now().await;
    }
}

#[test]
fn a_group_returns_what_the_body_does_when_all_children_have_ended() {
    runtime::run(async {
        let ended = Rc::new(Cell::new(0));
        let result = TaskGroup::<Infallible>::run(async |group| {
            for turns in 0..10 {
                let ended = ended.clone();
                group.spawn(async move {
                    yields(turns).await;
                    ended.set(ended.get() + 1);
                    Ok(())
                });
            }
            assert_eq!(group.len(), 10);
            Ok("value")
        });
        assert_eq!(result.await.unwrap(), "value");
        assert_eq!(ended.get(), 10);
    });
}

#[test]
fn a_group_without_children_ends_at_once() {
    runtime::run(async {
        let result = TaskGroup::run(async |_| Ok::<_, Infallible>(1)).now_or_never();
        assert_eq!(result.unwrap().unwrap(), 1);
        let result = TaskGroup::<_>::run(async |_| Err::<(), _>("error")).now_or_never();
        assert_eq!(result.unwrap().unwrap_err().to_string(), "the task group failed: error");
    });
}

#[test]
fn children_of_children_belong_to_the_group() {
    async fn spawn_more(
        group: TaskGroup<Infallible>,
        count: Rc<Cell<u32>>,
        depth: u32,
    ) -> Result<(), Infallible> {
        count.set(count.get() + 1);
        if depth > 0 {
            for _ in 0..2 {
                group.spawn(Box::pin(spawn_more(group.clone(), count.clone(), depth - 1)));
            }
        }
        Ok(())
    }
    runtime::run(async {
        let count = Rc::new(Cell::new(0));
        let result = TaskGroup::run(async |group| {
            group.spawn(spawn_more(group.clone(), count.clone(), 9));
            Ok(())
        });
        result.await.unwrap();
        assert_eq!(count.get(), 1023);
    });
}

#[test]
fn the_body_borrows_and_children_are_joined() {
    runtime::run(async {
        let mut list = Vec::new();
        let result = TaskGroup::<Infallible>::run(async |group| {
            let first = group.spawn(async { Ok(Rc::new(1)) });
            let second = group.spawn(async { Ok(Rc::new(2)) });
            list.push(second.await.unwrap());
            list.push(first.await.unwrap());
            Ok(list.len())
        });
        assert_eq!(result.await.unwrap(), 2);
        assert_eq!(list, [Rc::new(2), Rc::new(1)]);
    });
}

#[test]
fn the_first_error_cancels_body_and_siblings_and_all_are_awaited() {
    runtime::run(async {
        let log = DropLog::new();
        let (fail, failed) = oneshot::channel();
        let group = TaskGroup::<io::Error>::run(async |group| {
            for _ in 0..3 {
                let log = log.clone();
                group.spawn::<(), _>(async move { waits(&log).await });
            }
            group.spawn(async move { Err::<(), _>(failed.await.unwrap()) });
            fail.send(io::Error::other("deliberate")).unwrap();
            waits(&log).await
        });
        let error = failure(group.await);
        log.assert_dropped_here(4);
        assert!(!error.is_cancelled());
        assert_eq!(error.errors().len(), 1);
        assert_eq!(error.to_string(), "the task group failed: deliberate");
    });
}

#[test]
fn the_join_of_a_child_that_failed_says_cancelled() {
    runtime::run(async {
        let handle = Rc::new(RefCell::new(None));
        let result = TaskGroup::run(async |group| {
            *handle.borrow_mut() = Some(group.spawn(async { Err::<(), _>("error") }));
            Ok(())
        });
        assert_eq!(result.await.unwrap_err().errors().len(), 1);
        let handle = handle.take().unwrap();
        assert!(handle.await.unwrap_err().is_cancelled());
    });
}

#[test]
fn what_a_failed_child_holds_is_dropped_at_once() {
    runtime::run(async {
        let log = DropLog::new();
        let result = TaskGroup::run(async |group| {
            let (witness, seen) = (log.local_witness(), log.clone());
            group.spawn(async move {
                let _witness = witness;
                Err::<(), _>("error")
            });
            group.spawn::<(), _>(async move {
                unreachable!("polled after {} drops", seen.count());
            });
            Ok(())
        });
        result.await.unwrap_err();
        log.assert_dropped_here(1);
    });
}

#[test]
fn an_error_of_the_body_cancels_the_children() {
    runtime::run(async {
        let log = DropLog::new();
        let result: Result<(), _> = TaskGroup::run(async |group| {
            let child = log.clone();
            group.spawn(async move { waits::<Result<(), &str>>(&child).await });
            yield_now().await;
            Err("deliberate")
        })
        .await;
        log.assert_dropped_here(1);
        assert!(matches!(result.unwrap_err().first(), Some(ChildError::Failed("deliberate"))));
    });
}

#[test]
fn a_panic_of_a_child_is_an_error_like_any() {
    runtime::run(async {
        let log = DropLog::new();
        let result = TaskGroup::<Infallible>::run(async |group| {
            let child = log.clone();
            group.spawn(async move { waits::<Result<(), _>>(&child).await });
            group.spawn::<(), _>(async { panic!("deliberate") });
            waits(&log).await
        });
        let error = failure(result.await);
        log.assert_dropped_here(2);
        assert!(error.to_string().ends_with("panicked with message \"deliberate\""), "{error}");
        let Some(ChildError::Panicked(panic)) = error.into_first() else { unreachable!() };
        assert_eq!(*panic.into_panic().downcast_ref::<&str>().unwrap(), "deliberate");
    });
}

#[test]
fn a_panic_of_the_body_goes_on_when_the_children_have_ended() {
    runtime::run(async {
        let log = DropLog::new();
        let group = TaskGroup::<Infallible>::run(async |group| {
            let child = log.clone();
            group.spawn(async move { waits::<Result<(), _>>(&child).await });
            yield_now().await;
            panic!("deliberate");
        });
        let payload = AssertUnwindSafe(group).catch_unwind().await.map(|_: Result<(), _>| ());
        assert_eq!(*payload.unwrap_err().downcast_ref::<&str>().unwrap(), "deliberate");
        log.assert_dropped_here(1);
    });
}

#[test]
fn cancelling_before_the_body_has_ended_is_an_error_that_says_why() {
    runtime::run(async {
        let log = DropLog::new();
        let group = TaskGroup::<io::Error>::run(async |group| {
            let (child, handle) = (log.clone(), group.clone());
            group.spawn(async move {
                handle.cancel("enough");
                handle.cancel("not heard any more");
                assert!(handle.is_ending());
                waits::<Result<(), _>>(&child).await
            });
            waits(&log).await
        });
        let error = failure(group.await);
        log.assert_dropped_here(2);
        assert!(error.is_cancelled());
        assert!(error.errors().is_empty());
        assert_eq!(error.cancel_reason(), Some("enough"));
        assert_eq!(error.to_string(), "the task group was cancelled: enough");
        assert_eq!(io::Error::from(error).to_string(), "the task group was cancelled: enough");
    });
}

#[test]
fn cancelling_after_the_body_has_ended_is_no_error() {
    runtime::run(async {
        let log = DropLog::new();
        let result = TaskGroup::<io::Error>::run(async |group| {
            let (child, handle) = (log.clone(), group.clone());
            group.spawn(async move { waits::<Result<(), _>>(&child).await });
            group.spawn(async move {
                yields(3).await;
                handle.cancel("enough");
                Ok(())
            });
            Ok("value")
        });
        assert_eq!(result.await.unwrap(), "value");
        log.assert_dropped_here(1);
    });
}

#[test]
fn what_the_body_does_in_the_poll_in_which_it_cancels_is_done() {
    runtime::run(async {
        let result = TaskGroup::<Infallible>::run(async |group| {
            group.spawn(pending::<Result<(), _>>());
            group.cancel("done");
            Ok("value")
        });
        assert_eq!(result.await.unwrap(), "value");
        let result = TaskGroup::<Infallible>::run(async |group| {
            group.cancel("done");
            yield_now().await;
            unreachable!("polled again")
        });
        assert!(failure(result.now_or_never().unwrap()).is_cancelled());
    });
}

#[test]
fn an_error_on_the_way_out_comes_with_the_reason() {
    runtime::run(async {
        let result = TaskGroup::run(async |group| {
            let handle = group.clone();
            group.spawn(async move {
                handle.cancel("enough");
                Err::<(), _>("deliberate")
            });
            pending().await
        });
        let error: GroupError<&str> = failure(result.await);
        let text = "the task group was cancelled (enough), and then failed: deliberate";
        assert_eq!(error.to_string(), text);
    });
}

#[test]
fn aborting_one_child_concerns_nobody_else() {
    runtime::run(async {
        let result = TaskGroup::<Infallible>::run(async |group| {
            let child = group.spawn(pending::<Result<(), _>>());
            let sibling = group.spawn(async {
                yields(3).await;
                Ok("sibling")
            });
            child.abort();
            assert!(child.await.unwrap_err().is_cancelled());
            assert_eq!(group.len(), 1);
            Ok(sibling.await.unwrap())
        });
        assert_eq!(result.await.unwrap(), "sibling");
    });
}

#[test]
fn what_is_spawned_when_a_group_ends_is_never_polled() {
    runtime::run(async {
        let kept = Rc::new(RefCell::new(None));
        TaskGroup::<Infallible>::run(async |group| {
            *kept.borrow_mut() = Some(group.clone());
            let handle = group.clone();
            let late = OnDrop(move || {
                let child = handle.spawn(async { unreachable!("polled") });
                drop::<runtime::task::JoinHandle<()>>(child);
            });
            group.spawn(async move {
                let _late = late;
                pending::<Result<(), _>>().await
            });
            yield_now().await;
            group.cancel("enough");
            Ok(())
        })
        .await
        .unwrap();
        let group = kept.take().unwrap();
        assert!(group.is_ending() && group.is_empty());
        let log = DropLog::new();
        let child = log.clone();
        let late = group.spawn(async move { waits::<Result<(), _>>(&child).await });
        assert!(late.await.unwrap_err().is_cancelled());
        assert_eq!(log.count(), 0);
    });
}

#[test]
fn a_group_that_is_dropped_aborts_its_children() {
    runtime::run(async {
        let log = DropLog::new();
        let group = TaskGroup::<Infallible>::run(async |group| {
            let child = log.clone();
            group.spawn(async move { waits::<Result<(), _>>(&child).await });
            waits(&log).await
        });
        let mut group = Box::pin(group.map(|_: Result<(), _>| ()));
        assert!(group.as_mut().now_or_never().is_none());
        yield_now().await;
        drop(group);
        log.assert_dropped_here(1);
        yield_now().await;
        log.assert_dropped_here(2);
    });
}
#[test]
fn the_source_is_that_of_the_first_error() {
    #[derive(Debug)]
    struct Caused(io::Error);
    impl std::fmt::Display for Caused {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("no page")
        }
    }
    impl Error for Caused {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }
    runtime::run(async {
        let result = TaskGroup::run(async |group| {
            group.spawn(async { Err::<(), _>(Caused(io::Error::other("no line"))) });
            Ok(())
        });
        let error = result.await.unwrap_err();
        assert_eq!(error.to_string(), "the task group failed: no page");
        assert_eq!(error.source().unwrap().to_string(), "no line");
        assert_eq!(error.first().unwrap().source().unwrap().to_string(), "no line");
    });
}

#[test]
fn a_closing_loop_takes_its_groups_along() {
    let log = DropLog::new();
    let rt = Runtime::new().unwrap();
    let inner = log.clone();
    drop(rt.spawn(async move {
        let log = inner.clone();
        let group = TaskGroup::<Infallible>::run(async |group| {
            group.spawn(async move { waits::<Result<(), _>>(&log).await });
            waits(&inner).await
        });
        unreachable!("{:?}", failure(group.await));
    }));
    rt.block_on(yields(3));
    drop(rt);
    log.assert_dropped_here(2);
}

#[test]
fn a_panic_in_the_drop_of_a_child_ends_nobody_else() {
    runtime::run(async {
        let result = TaskGroup::<Infallible>::run(async |group| {
            for _ in 0..2 {
                let bomb = OnDrop(|| panic!("from a destructor"));
                group.spawn(async move {
                    let _bomb = bomb;
                    pending::<Result<(), _>>().await
                });
            }
            yield_now().await;
            group.cancel("enough");
            Ok("value")
        });
        assert_eq!(result.await.unwrap(), "value");
    });
}
