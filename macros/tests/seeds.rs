//! A test with seeds is run with each of them, and says with which one it failed.

use std::cell::{Cell, RefCell};
use std::process::{Command, Output};
use std::rc::Rc;

/// Set for the processes in which the tests below are to fail.
const CHILD: &str = "RUNTIME_TESTS_FAIL";

thread_local! {
    static LOOPS: Cell<u32> = const { Cell::new(0) };
}

/// The order in which ten tasks are run.
async fn order() -> Vec<u32> {
    let order = Rc::new(RefCell::new(Vec::new()));
    let note = |n| {
        let order = order.clone();
        runtime::spawn(async move { order.borrow_mut().push(n) })
    };
    for task in (0..10).map(note).collect::<Vec<_>>() {
        task.await.expect("the task neither panics nor is aborted");
    }
    order.take()
}

#[runtime::test(start_paused, seed = 7)]
async fn a_test_with_a_seed_is_run_in_its_order() {
    assert!(!order().await.is_sorted());
    runtime::time::sleep(runtime::time::Duration::from_secs(3600)).await;
}

#[runtime::test(seed = random)]
async fn a_random_seed_is_one_too() {
    assert_eq!(order().await.len(), 10);
}

#[runtime::test(seeds = [5, 6])]
async fn a_test_may_return_a_result() -> Result<(), std::num::ParseIntError> {
    let _: u8 = "7".parse()?;
    Ok(())
}

#[runtime::test(seeds = 0..30)]
#[should_panic(expected = "the eighth loop")]
async fn a_test_is_run_once_for_each_seed_until_it_fails() {
    LOOPS.set(LOOPS.get() + 1);
    assert!(LOOPS.get() < 8, "the eighth loop");
}

mod inner {
    #[runtime::test(seeds = 3..9)]
    async fn fails_if_told_to() {
        let order = super::order().await;
        println!("order {order:?}");
        assert!(std::env::var_os(super::CHILD).is_none(), "as it was told");
    }
}

#[runtime::test(seed = 11)]
async fn returns_an_error_if_told_to() -> Result<(), String> {
    match std::env::var(CHILD) {
        Ok(_) => Err("as it was told".to_owned()),
        Err(_) => Ok(()),
    }
}

/// Runs one test of this file in a process of its own, where it fails.
fn failing(test: &str, seed: Option<&str>) -> Output {
    let mut command = Command::new(std::env::current_exe().expect("a test is a program"));
    command.args([test, "--exact", "--nocapture"]).env(CHILD, "1").env_remove("RUNTIME_SEED");
    command.envs(seed.map(|seed| ("RUNTIME_SEED", seed)));
    command.output().expect("it can be run again")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_failure_tells_the_seed_and_how_to_run_it_again() {
    let output = failing("inner::fails_if_told_to", None);
    assert!(!output.status.success());
    let said = text(&output.stderr);
    let wanted = "failed with seed 3; to run it with this seed alone: \
                  RUNTIME_SEED=3 cargo test inner::fails_if_told_to\n";
    assert!(said.contains(wanted), "{said}");
    assert_eq!(text(&output.stdout).matches("order [").count(), 1, "the first failure is the last");
    let said = text(&failing("returns_an_error_if_told_to", None).stderr);
    assert!(said.contains("RUNTIME_SEED=11 cargo test returns_an_error_if_told_to\n"), "{said}");
}

#[test]
fn the_environment_takes_the_place_of_the_tests_own_seeds() {
    let order = |seed| {
        let output = failing("inner::fails_if_told_to", Some(seed));
        let said = text(&output.stderr);
        let lines = text(&output.stdout);
        let order = lines.lines().find(|line| line.contains("order [")).map(str::to_owned);
        (said.contains(&format!("failed with seed {seed};")), order.expect("it tells its order"))
    };
    let (told, seventeen) = order("17");
    assert!(told);
    assert_eq!(order("17").1, seventeen);
    assert_eq!(order("0x11").1, seventeen);
    assert_ne!(order("18").1, seventeen);
}

#[test]
fn a_seed_that_is_no_number_is_told() {
    let said = text(&failing("inner::fails_if_told_to", Some("seven")).stderr);
    assert!(
        said.contains("`RUNTIME_SEED` is `seven`, but a seed is a number below 2^64"),
        "{said}"
    );
}

#[test]
fn each_run_is_announced_if_the_environment_asks_for_it() {
    let said = |announce: Option<&str>| {
        let mut command = Command::new(std::env::current_exe().expect("a test is a program"));
        // The harness keeps what the test prints.
        command.args(["inner::fails_if_told_to", "--exact"]);
        command.env_remove("RUNTIME_SEED").env_remove("RUNTIME_SEED_ANNOUNCE");
        command.envs(announce.map(|announce| ("RUNTIME_SEED_ANNOUNCE", announce)));
        let output = command.output().expect("it can be run again");
        assert!(output.status.success());
        text(&output.stderr)
    };
    let lines: String =
        (3..9).map(|seed| format!("inner::fails_if_told_to: seed {seed}\n")).collect();
    assert_eq!(said(Some("1")), lines);
    assert_eq!(said(Some("0")), "");
    assert_eq!(said(None), "");
}
