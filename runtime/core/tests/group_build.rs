//! A group is built whole or not at all: if one loop cannot be, the others' threads have ended when that is
//! known.
//!
//! The policy belongs to the whole process, so the tests that set one take turns.

use std::io;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::{self, ThreadId};

use parking_lot::Mutex;
use runtime::policy::{DefaultPolicy, Policy, set_policy};
use runtime::{Builder, LoopGroup, Runtime};

mod support;

use support::panic_message;

/// Builds a group under a policy.
fn build_under(
    policy: impl Policy,
    build: impl FnOnce() -> io::Result<LoopGroup>,
) -> io::Result<LoopGroup> {
    static ONE: Mutex<()> = Mutex::new(());
    let _guard = ONE.lock();
    set_policy(policy);
    let built = build();
    set_policy(DefaultPolicy);
    built
}

/// Builds a group of four under a policy that is told the index of each loop.
fn build_four(
    policy: impl Fn(usize, Builder) -> io::Result<Runtime> + Send + Sync + 'static,
) -> io::Result<LoopGroup> {
    build_under(
        move |builder: Builder| policy(index(), builder),
        || LoopGroup::builder().loops(4).build(),
    )
}

/// Which loop this thread is to run, by its name.
fn index() -> usize {
    let thread = thread::current();
    let (_, index) = thread.name().unwrap().split_once('-').unwrap();
    index.parse().unwrap()
}

#[test]
fn the_policy_builds_each_loop_on_its_thread() {
    let threads = Arc::new(Mutex::new(Vec::<(usize, ThreadId)>::new()));
    let seen = threads.clone();
    let group = build_four(move |index, builder| {
        seen.lock().push((index, thread::current().id()));
        builder.build()
    });
    let ran_on = group.unwrap().run(|index| async move { (index, thread::current().id()) });
    let mut built_on = threads.lock().clone();
    built_on.sort_by_key(|&(index, _)| index);
    assert_eq!(built_on, ran_on.into_iter().map(Result::unwrap).collect::<Vec<_>>());
}

#[test]
fn the_policy_comes_after_the_configuration() {
    let seen = Arc::new(Mutex::new(String::new()));
    let sees = seen.clone();
    let policy = move |builder: Builder| {
        *sees.lock() = format!("{builder:?}");
        builder.build()
    };
    let group = LoopGroup::builder().loops(1).configure(|_, builder| builder.event_interval(19));
    drop(build_under(policy, || group.build()).unwrap());
    assert!(seen.lock().contains("event_interval: 19"), "{}", seen.lock());
}

#[test]
fn an_error_of_one_loop_is_that_of_the_group() {
    let error = build_four(|index, builder| match index {
        2 => Err(io::Error::new(io::ErrorKind::PermissionDenied, "not this one")),
        _ => builder.build(),
    });
    let error = error.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    assert_eq!(error.to_string(), "not this one");
}

#[test]
fn of_several_errors_the_first_loop_s_is_returned() {
    let error = build_four(|index, _| Err(io::Error::other(format!("no loop {index}"))));
    assert_eq!(error.unwrap_err().to_string(), "no loop 0");
}

#[test]
fn no_thread_is_left_after_an_error() {
    let witness = Arc::new(());
    let kept = witness.clone();
    let group = LoopGroup::builder().loops(4).configure(move |_, builder| {
        // Each thread has a share in this closure as long as it runs.
        let _ = &kept;
        builder
    });
    let policy = |builder: Builder| match index() {
        1 => Err(io::Error::other("not this one")),
        _ => builder.build(),
    };
    assert!(build_under(policy, || group.build()).is_err());
    assert_eq!(Arc::strong_count(&witness), 1);
}

#[test]
fn a_panic_while_building_is_passed_on() {
    let witness = Arc::new(());
    let kept = witness.clone();
    let group = LoopGroup::builder().loops(3).configure(move |index, builder| {
        let _ = &kept;
        if index == 1 {
            resume_unwind(Box::new("not this one"));
        }
        builder
    });
    assert_eq!(panic_message(|| group.build()), "not this one");
    assert_eq!(Arc::strong_count(&witness), 1);
}

#[test]
fn a_policy_may_give_a_loop_that_is_closed() {
    let closed = |builder: Builder| {
        let runtime = builder.build()?;
        runtime.close().map_err(io::Error::other)?;
        Ok(runtime)
    };
    let group = build_under(closed, || LoopGroup::builder().loops(1).build()).unwrap();
    assert!(group.run(|_| async {})[0].as_ref().unwrap_err().is_cancelled());
    assert!(group.join().ended_well());
}

#[cfg(all(unix, target_pointer_width = "64"))]
#[test]
fn a_thread_that_cannot_be_started_is_an_error() {
    // More than any address space has.
    let group = LoopGroup::builder().loops(2).thread_stack_size(1 << 60);
    assert!(group.build().is_err());
}

#[cfg(not(target_os = "linux"))]
#[test]
fn where_threads_cannot_be_pinned_that_is_an_error() {
    let error = LoopGroup::builder().loops(1).pin(true).build().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::Unsupported);
}
