//! A blocking function may be a child of a group.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use futures::channel::oneshot;
use runtime::blocking::CancellationToken;
use runtime::task::{ChildError, GroupError, TaskGroup, yield_now};
use runtime::{Builder, Runtime};

const LONG: Duration = Duration::from_secs(60);

#[test]
fn what_it_returns_is_joined() {
    runtime::run(async {
        let result = TaskGroup::<io::Error>::run(async |group| {
            let child = group.build_task().name("reader").spawn_blocking(|| {
                let thread = std::thread::current().id();
                Ok(thread)
            });
            assert_eq!(child.name(), Some("reader"));
            Ok(child.await?)
        });
        assert_ne!(result.await.unwrap(), std::thread::current().id());
    });
}

#[test]
fn its_failures_are_those_of_the_group() {
    runtime::run(async {
        let result = TaskGroup::<&str>::run(async |group| {
            group.spawn_blocking(|| Err::<(), _>("deliberate"));
            std::future::pending::<Result<(), _>>().await
        });
        let error: GroupError<&str> = result.await.unwrap_err();
        assert!(matches!(error.errors(), [ChildError::Failed("deliberate")]));
        let result = TaskGroup::<&str>::run(async |group| {
            group.spawn_blocking::<(), _>(|| panic!("deliberate"));
            Ok(())
        });
        let error = result.await.unwrap_err();
        assert!(error.first().unwrap().is_panic(), "{error}");
    });
}

#[test]
fn one_that_runs_when_the_group_ends_is_asked_and_waited_for() {
    runtime::run(async {
        let ended = Arc::new(AtomicBool::new(false));
        let (begun, is_begun) = oneshot::channel();
        let job_ended = ended.clone();
        let result = TaskGroup::<&str>::run(async |group| {
            group.spawn_blocking(move || {
                begun.send(()).unwrap();
                assert!(CancellationToken::current().cancelled_within(LONG));
                // The group waits for this.
                std::thread::sleep(Duration::from_millis(2));
                job_ended.store(true, Ordering::Relaxed);
                Ok(())
            });
            is_begun.await.unwrap();
            Err::<(), _>("deliberate")
        });
        let error = result.await.unwrap_err();
        assert_eq!(error.errors().len(), 1, "{error}");
        assert!(ended.load(Ordering::Relaxed));
    });
}

#[test]
fn one_that_does_not_heed_its_token_is_left_behind_at_the_end_of_the_grace() {
    runtime::run(async {
        let (begun, is_begun) = oneshot::channel();
        let (end, ends) = mpsc::channel::<()>();
        let result = TaskGroup::builder().grace(Duration::from_millis(2)).run(async |group| {
            let child = group.spawn_blocking(move || {
                begun.send(()).unwrap();
                ends.recv().unwrap_err();
                Ok::<_, &str>(())
            });
            is_begun.await.unwrap();
            group.cancel("enough");
            Ok(child)
        });
        let child = result.await.unwrap();
        assert_eq!(child.await.unwrap_err().cancel_reason(), Some("enough"));
        drop(end);
    });
}

#[test]
fn one_that_has_not_begun_never_does() {
    let rt = Builder::new().max_blocking_threads(1).build().unwrap();
    rt.block_on(async {
        let (begun, is_begun) = oneshot::channel();
        let (end, ends) = mpsc::channel::<()>();
        let occupied = runtime::spawn_blocking(move || {
            begun.send(()).unwrap();
            ends.recv().unwrap_err();
        });
        is_begun.await.unwrap();
        let result = TaskGroup::<&str>::run(async |group| {
            let child = group.spawn_blocking(|| -> Result<(), &str> { unreachable!() });
            // Queued by now.
            for _ in 0..3 {
                yield_now().await;
            }
            group.cancel("enough");
            Ok(child)
        });
        let child = result.await.unwrap();
        assert_eq!(child.await.unwrap_err().cancel_reason(), Some("enough"));
        drop(end);
        occupied.await.unwrap();
    });
}

#[test]
fn one_that_is_cancelled_by_its_handle_is_asked_once_and_then_left_behind() {
    runtime::run(async {
        let (begun, is_begun) = oneshot::channel();
        let (end, ends) = mpsc::channel::<()>();
        let (told, is_told) = oneshot::channel();
        let result = TaskGroup::<&str>::run(async |group| {
            let child = group.spawn_blocking(move || {
                begun.send(()).unwrap();
                assert!(CancellationToken::current().cancelled_within(LONG));
                told.send(()).unwrap();
                ends.recv().unwrap_err();
                Ok(())
            });
            is_begun.await.unwrap();
            child.cancel("first");
            is_told.await.unwrap();
            yield_now().await;
            assert!(!child.is_finished());
            child.cancel("second");
            Ok(child)
        });
        let child = result.await.unwrap();
        assert_eq!(child.await.unwrap_err().cancel_reason(), Some("second"));
        drop(end);
    });
}

#[test]
fn no_more_run_at_once_than_the_group_allows() {
    Runtime::new().unwrap().block_on(async {
        let running = Arc::new(AtomicBool::new(false));
        let result = TaskGroup::builder().max_concurrent(1).run(async |group| {
            for _ in 0..20 {
                let running = running.clone();
                group.spawn_blocking(move || {
                    assert!(!running.swap(true, Ordering::SeqCst));
                    std::thread::yield_now();
                    running.store(false, Ordering::SeqCst);
                    Ok::<_, &str>(())
                });
            }
            Ok(())
        });
        result.await.unwrap();
    });
}
