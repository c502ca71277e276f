//! The life of a registration, against a scripted selector.

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::task::{Context, Poll};
use std::time::Duration;

use crate::current;
use crate::task::yield_now;
use crate::{Builder, Runtime};

use super::scripted::{Call, Counter, Prop, Scripted};
use super::{Direction, Interest, Ready, Registered, Token};

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

fn runtime(selector: &Scripted) -> Runtime {
    Builder::new().selector(selector.clone()).build().expect("a script does not fail")
}

/// The token of the registration that was made last.
fn token(selector: &Scripted) -> Token {
    match selector.calls().last() {
        Some(Call::Register(token, _)) => *token,
        other => panic!("not a registration: {other:?}"),
    }
}

fn would_block<R>() -> io::Result<R> {
    Err(ErrorKind::WouldBlock.into())
}

#[test]
fn a_dropped_source_is_deregistered() {
    let selector = Scripted::forgetful();
    runtime(&selector).block_on(async {
        let source = Registered::with_interest(Prop(7), Interest::READABLE).unwrap();
        selector.calls();
        drop(source);
        assert_eq!(selector.calls(), [Call::Deregister(7)]);
        assert_eq!(current::with_current(|local| local.reactor.sources()), Some(0));
    });
}

#[test]
fn closing_is_enough_where_the_system_forgets_closed_sources() {
    for (selector, expected) in
        [(Scripted::forgetful(), vec![]), (Scripted::new(), vec![Call::Deregister(7)])]
    {
        runtime(&selector).block_on(async {
            let source = Registered::closing(Prop(7), BOTH).unwrap();
            selector.calls();
            drop(source);
            assert_eq!(selector.calls(), expected);
            assert_eq!(current::with_current(|local| local.reactor.sources()), Some(0));
        });
    }
}

#[test]
fn a_source_taken_back_is_deregistered_whatever_it_was() {
    let selector = Scripted::forgetful();
    runtime(&selector).block_on(async {
        let source = Registered::closing(Prop(7), BOTH).unwrap();
        selector.calls();
        assert_eq!(source.into_inner().unwrap().0, 7);
        assert_eq!(selector.calls(), [Call::Deregister(7)]);
    });
}

#[test]
fn a_source_dropped_between_two_runs_frees_its_slot_in_the_second() {
    let selector = Scripted::new();
    let rt = runtime(&selector);
    let source = rt.block_on(async { Registered::new(Prop(7)).unwrap() });
    drop(source);
    rt.block_on(async {
        yield_now().await;
        assert_eq!(current::with_current(|local| local.reactor.sources()), Some(0));
    });
}

#[test]
fn a_refused_registration_leaves_nothing_behind() {
    let selector = Scripted::new();
    runtime(&selector).block_on(async {
        selector.refuse(ErrorKind::OutOfMemory);
        let error = Registered::new(Prop(7)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutOfMemory);
        assert_eq!(current::with_current(|local| local.reactor.sources()), Some(0));
    });
}

#[test]
fn a_call_is_made_first_and_again_after_each_event() {
    let selector = Scripted::new();
    runtime(&selector).block_on(async {
        let source = Registered::new(Prop(7)).unwrap();
        let token = token(&selector);
        for _ in 0..3 {
            selector.bring(&[(token, Ready::READABLE)]);
        }
        let mut calls = 0;
        let result = poll_fn(|cx| {
            source.poll_io(cx, Direction::Read, |_| {
                calls += 1;
                if calls < 4 { would_block() } else { Ok(calls) }
            })
        });
        assert_eq!(result.await.unwrap(), 4);
    });
}

#[test]
fn a_failed_call_is_passed_on_and_keeps_readiness() {
    let selector = Scripted::new();
    runtime(&selector).block_on(async {
        let source = Registered::new(Prop(7)).unwrap();
        let failure = source.with_io(BOTH, |_| Err::<(), _>(ErrorKind::BrokenPipe.into())).await;
        assert_eq!(failure.unwrap_err().kind(), ErrorKind::BrokenPipe);
        source.with_io(BOTH, |_| Ok(())).await.unwrap();
    });
}

#[test]
fn out_of_band_data_is_waited_for_apart_from_the_rest() {
    let selector = Scripted::new();
    runtime(&selector).block_on(async {
        let source = Registered::with_interest(Prop(7), BOTH | Interest::PRIORITY).unwrap();
        let token = token(&selector);
        selector.bring(&[(token, Ready::READABLE)]);
        selector.bring(&[(token, Ready::WRITABLE)]);
        selector.bring(&[(token, Ready::PRIORITY | Ready::READABLE)]);
        assert_eq!(source.ready(Interest::PRIORITY).await.unwrap(), Ready::PRIORITY);
        // A reader that finds nothing does not use it up.
        let _ = source.try_io(Interest::READABLE, |_| would_block::<()>());
        assert_eq!(source.ready(Interest::PRIORITY).await.unwrap(), Ready::PRIORITY);
        let _ = source.try_io(Interest::PRIORITY, |_| would_block::<()>());
        let error = source.try_io(Interest::PRIORITY, |_| Ok(())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    });
}

#[test]
fn an_error_is_what_a_wait_for_errors_ends_with() {
    let selector = Scripted::new();
    runtime(&selector).block_on(async {
        let source = Registered::new(Prop(7)).unwrap();
        let token = token(&selector);
        selector.bring(&[(token, Ready::READABLE | Ready::WRITABLE)]);
        selector.bring(&[(token, Ready::ERROR)]);
        assert_eq!(source.ready(Interest::ERROR).await.unwrap(), Ready::ERROR);
    });
}

#[test]
fn a_task_that_takes_over_a_source_hears_of_it() {
    let selector = Scripted::new();
    runtime(&selector).block_on(async {
        let source = Registered::new(Prop(7)).unwrap();
        let token = token(&selector);
        let mut wait = Box::pin(source.readable());
        // One task begins the wait ...
        poll_fn(|cx| {
            assert!(wait.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        // ... and another one, not the main future, ends it.
        selector.bring(&[(token, Ready::READABLE)]);
        let (wakes, waker) = Counter::new();
        let mut cx = Context::from_waker(&waker);
        assert!(wait.as_mut().poll(&mut cx).is_pending());
        while wakes.count() == 0 {
            yield_now().await;
        }
        assert!(wait.as_mut().poll(&mut cx).is_ready());
    });
}

#[test]
fn a_selector_of_levels_is_told_of_each_wait_of_a_task() {
    let (selector, rearms) = Scripted::of_levels();
    runtime(&selector).block_on(async {
        let source = Registered::new(Prop(7)).unwrap();
        let token = token(&selector);
        assert_eq!(rearms.take(), []);
        for _ in 0..6 {
            selector.bring(&[(token, Ready::READABLE)]);
        }
        // A task of ours is what the reactor's table would remember.
        let task = crate::spawn(async move {
            let mut calls = 0;
            let result = poll_fn(|cx| {
                source.poll_io(cx, Direction::Read, |_| {
                    calls += 1;
                    if calls < 4 { would_block() } else { Ok(()) }
                })
            });
            result.await.unwrap();
            let result = source.with_io(Interest::READABLE, |_| {
                calls += 1;
                if calls < 8 { would_block() } else { Ok(()) }
            });
            result.await.unwrap();
        });
        task.await.unwrap();
        assert_eq!(rearms.take(), [Interest::READABLE; 6]);
    });
}

#[test]
fn a_selector_of_levels_is_told_of_the_very_interest() {
    let (selector, rearms) = Scripted::of_levels();
    runtime(&selector).block_on(async {
        let source = Registered::with_interest(Prop(7), BOTH | Interest::PRIORITY).unwrap();
        let token = token(&selector);
        selector.bring(&[(token, Ready::PRIORITY)]);
        source.ready(Interest::PRIORITY).await.unwrap();
        assert_eq!(rearms.take(), [Interest::PRIORITY]);
        selector.bring(&[(token, Ready::WRITABLE)]);
        source.ready(BOTH).await.unwrap();
        // Each side has its place in the table, so it may be told of both twice.
        let told = rearms.take();
        assert!(!told.is_empty() && told.iter().all(|interest| *interest == BOTH), "{told:?}");
    });
}

#[test]
fn a_selector_of_levels_is_told_of_a_call_that_would_have_blocked() {
    let (selector, rearms) = Scripted::of_levels();
    runtime(&selector).block_on(async {
        let source = Registered::new(Prop(7)).unwrap();
        let _ = source.try_io(Interest::READABLE, |_| would_block::<()>());
        assert_eq!(rearms.take(), [Interest::READABLE]);
        // Nothing was called, but whoever asks now may ask again.
        let _ = source.try_write_io(1, |_| would_block());
        let _ = source.try_write_io(1, |_| unreachable!("it is known to be full"));
        assert_eq!(rearms.take(), [Interest::WRITABLE; 2]);
        source.try_io(Interest::READABLE, |_| Ok(())).unwrap_err();
        assert_eq!(rearms.take(), [Interest::READABLE]);
    });
}

#[test]
fn a_selector_of_levels_is_told_of_waits_on_other_threads() {
    let (selector, rearms) = Scripted::of_levels();
    runtime(&selector).block_on(async {
        let source = Registered::new(Prop(7)).unwrap();
        let (_, waker) = Counter::new();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut cx = Context::from_waker(&waker);
                let outcome = source.poll_io(&mut cx, Direction::Write, |_| would_block::<()>());
                assert!(outcome.is_pending());
                let mut wait = std::pin::pin!(source.ready(Interest::ERROR));
                assert!(wait.as_mut().poll(&mut cx).is_pending());
            });
        });
        assert_eq!(rearms.take(), [Interest::WRITABLE, Interest::ERROR]);
    });
}

#[test]
fn whoever_has_written_expects_a_reply_and_whoever_has_read_does_not() {
    let selector = Scripted::forgetful();
    runtime(&selector).block_on(async {
        let source = Registered::with_interest(Prop(7), BOTH).unwrap();
        let expects = || current::with_current(|local| local.expects_reply.replace(false)).unwrap();
        expects();
        poll_fn(|cx| source.poll_write_io(cx, 1, |_| Ok(1))).await.unwrap();
        assert!(expects());
        source.try_write_io(1, |_| Ok(1)).unwrap();
        assert!(expects());
        source.try_write_io(1, |_| Err(ErrorKind::ConnectionReset.into())).unwrap_err();
        source.try_read_io(1, |_| Ok(1)).unwrap();
        assert!(!expects());
    });
}

#[test]
fn an_event_that_nobody_waits_for_is_not_the_reply() {
    let selector = Scripted::forgetful();
    let rt = runtime(&selector);
    let _guard = rt.enter();
    let source = Registered::with_interest(Prop(7), BOTH).unwrap();
    let token = token(&selector);
    let expects = || current::with_current(|local| local.expects_reply.get()).unwrap();
    let (woken, waker) = Counter::new();
    let mut cx = Context::from_waker(&waker);
    assert!(source.poll_read_io(&mut cx, 1, |_| would_block()).is_pending());
    source.try_write_io(1, |_| Ok(1)).unwrap();

    selector.bring(&[(token, Ready::WRITABLE)]);
    rt.turn(Some(Duration::from_secs(60))).unwrap();
    assert!(expects());
    assert_eq!(woken.count(), 0);

    selector.bring(&[(token, Ready::READABLE)]);
    rt.turn(Some(Duration::from_secs(60))).unwrap();
    assert!(!expects());
    assert_eq!(woken.count(), 1);
}
