//! The loops of a process are built by its policy. It is one for all threads, so each test here has it to
//! itself.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use parking_lot::{Mutex, MutexGuard};
use runtime::policy::{DefaultPolicy, Policy, policy, set_policy};
use runtime::{Builder, Runtime};

/// Holds the policy of the process for one test, and puts the default back in the end.
struct Alone {
    _guard: MutexGuard<'static, ()>,
}

fn alone() -> Alone {
    static ONE: Mutex<()> = Mutex::new(());
    Alone { _guard: ONE.lock() }
}

impl Drop for Alone {
    fn drop(&mut self) {
        set_policy(DefaultPolicy);
    }
}

/// Counts the loops that it builds.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicUsize>);

impl Counting {
    fn loops(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Policy for Counting {
    fn build(&self, builder: Builder) -> io::Result<Runtime> {
        self.0.fetch_add(1, Ordering::SeqCst);
        builder.build()
    }
}

fn refuse(_: Builder) -> io::Result<Runtime> {
    Err(io::Error::other("no loops today"))
}

#[test]
fn run_asks_the_policy() {
    let _alone = alone();
    let counting = Counting::default();
    set_policy(counting.clone());
    assert_eq!(runtime::run(async { 7 }), 7);
    assert_eq!(counting.loops(), 1);
}

#[test]
fn the_attribute_asks_the_policy() {
    #[runtime::main]
    async fn plain() -> u8 {
        1
    }
    #[runtime::main(event_interval = 16)]
    async fn with_options() -> u8 {
        2
    }
    let _alone = alone();
    let counting = Counting::default();
    set_policy(counting.clone());
    assert_eq!((plain(), with_options()), (1, 2));
    assert_eq!(counting.loops(), 2);
}

#[test]
fn a_policy_sees_the_options_of_the_attribute() {
    #[runtime::main(debug = true, event_interval = 17)]
    async fn with_options() {}

    let _alone = alone();
    let seen = Arc::new(Mutex::new(String::new()));
    let sees = seen.clone();
    set_policy(move |builder: Builder| {
        *sees.lock() = format!("{builder:?}");
        builder.build()
    });
    with_options();
    let seen = seen.lock();
    assert!(seen.contains("event_interval: 17") && seen.contains("debug: true"), "{seen}");
}

#[test]
fn loops_made_by_hand_do_not_ask() -> io::Result<()> {
    let _alone = alone();
    set_policy(refuse);
    Runtime::new()?.block_on(async {});
    Builder::new().build()?.block_on(async {});
    Ok(())
}

#[test]
fn the_previous_policy_can_be_set_again() {
    let _alone = alone();
    let (first, second) = (Counting::default(), Counting::default());
    set_policy(first.clone());
    let previous = set_policy(second.clone());
    runtime::run(async {});
    set_policy(previous);
    runtime::run(async {});
    runtime::run(async {});
    assert_eq!((first.loops(), second.loops()), (2, 1));
}

#[test]
fn setting_a_policy_again_does_not_wrap_it() {
    let _alone = alone();
    set_policy(Counting::default());
    let before = policy();
    for _ in 0..3 {
        let previous = set_policy(DefaultPolicy);
        set_policy(previous);
    }
    assert!(Arc::ptr_eq(&before, &policy()));
}

#[test]
fn a_policy_can_wrap_the_one_before() {
    let _alone = alone();
    let counting = Counting::default();
    set_policy(counting.clone());
    let before = policy();
    set_policy(move |builder: Builder| before.build(builder.max_blocking_threads(1)));
    let threads = runtime::run(async {
        let name = || runtime::spawn_blocking(|| thread::current().id());
        let (a, b) = futures::join!(name(), name());
        (a.unwrap(), b.unwrap())
    });
    assert_eq!(threads.0, threads.1, "one thread had to do");
    assert_eq!(counting.loops(), 1);
}

#[test]
fn every_thread_has_the_same_policy() {
    let _alone = alone();
    let counting = Counting::default();
    set_policy(counting.clone());
    thread::spawn(|| runtime::run(async {})).join().unwrap();
    assert_eq!(counting.loops(), 1);
}

#[test]
fn a_policy_may_run_a_loop_and_set_a_policy() {
    let _alone = alone();
    let counting = Counting::default();
    let next = counting.clone();
    set_policy(move |builder: Builder| {
        set_policy(next.clone());
        runtime::run(async {});
        builder.build()
    });
    runtime::run(async {});
    assert_eq!(counting.loops(), 1);
}

#[test]
#[should_panic(expected = "failed to build the runtime: no loops today")]
fn run_panics_with_the_error_of_the_policy() {
    let _alone = alone();
    set_policy(refuse);
    runtime::run(async {});
}

#[test]
fn policies_and_what_keeps_them_can_be_printed() {
    let _alone = alone();
    assert_eq!(format!("{DefaultPolicy:?}"), "DefaultPolicy");
    assert_eq!(format!("{:?}", policy()), "Policy { .. }");
}
