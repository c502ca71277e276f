//! Groups that are run inside of groups end before these do.

mod support;

use std::future::pending;
use std::io;

use runtime::task::{ChildError, GroupError, TaskGroup, yield_now};
use support::DropLog;

/// What never ends, and is logged when it is dropped.
async fn waits<T>(log: &DropLog) -> T {
    let _witness = log.local_witness();
    pending().await
}

async fn yields(times: usize) {
    for _ in 0..times {
        yield_now().await;
    }
}

/// A group with a child that waits, and with `depth` groups like that inside of it.
async fn nest(log: DropLog, depth: usize) -> Result<(), io::Error> {
    let result = TaskGroup::<io::Error>::run(async |group| {
        let child = log.clone();
        group.spawn(async move { waits::<io::Result<()>>(&child).await });
        if depth == 0 {
            return waits(&log).await;
        }
        let inner = Box::pin(nest(log.clone(), depth - 1));
        if depth % 2 == 0 {
            group.spawn(inner);
            pending().await
        } else {
            inner.await
        }
    });
    Ok(result.await?)
}

#[test]
fn an_outer_group_waits_for_what_inner_ones_leave_behind() {
    runtime::run(async {
        for turns in 0..12 {
            let log = DropLog::new();
            let group = TaskGroup::<io::Error>::run(async |group| {
                group.spawn(nest(log.clone(), 5));
                yields(turns).await;
                Err::<(), _>(io::Error::other("deliberate"))
            });
            let error = group.await.unwrap_err();
            assert_eq!(error.first().unwrap().to_string(), "deliberate");
            let dropped = log.count();
            yields(20).await;
            assert_eq!(log.count(), dropped, "dropped after the group had ended");
            if turns == 11 {
                assert_eq!(dropped, 7);
            }
        }
    });
}

#[test]
fn an_outer_group_waits_for_what_is_dropped_unasked() {
    runtime::run(async {
        for turns in 0..12 {
            let log = DropLog::new();
            let group = TaskGroup::<io::Error>::run(async |group| {
                let child = group.spawn(nest(log.clone(), 5));
                yields(turns).await;
                child.abort();
                Ok(())
            });
            group.await.unwrap();
            let dropped = log.count();
            yields(20).await;
            assert_eq!(log.count(), dropped, "dropped after the group had ended");
            if turns == 11 {
                assert_eq!(dropped, 7);
            }
        }
    });
}

#[test]
fn an_inner_error_becomes_an_outer_one() {
    runtime::run(async {
        let result = TaskGroup::<io::Error>::run(async |group| {
            group.spawn(async {
                TaskGroup::<io::Error>::run(async |group| {
                    group.spawn(async { Err::<(), _>(io::Error::other("deliberate")) });
                    pending::<io::Result<()>>().await
                })
                .await?;
                Ok(())
            });
            Ok(())
        });
        let error = result.await.unwrap_err();
        assert_eq!(error.to_string(), "the task group failed: the task group failed: deliberate");
        let Some(ChildError::Failed(error)) = error.into_first() else { unreachable!() };
        assert!(error.get_ref().unwrap().is::<GroupError<io::Error>>());
    });
}
