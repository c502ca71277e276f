//! `#[runtime::test]` makes an ordinary test that runs on a loop of its own.

use std::cell::Cell;
use std::error::Error;
use std::rc::Rc;
use std::time::Duration;

use runtime::task::yield_now;
use runtime::time::{Instant, sleep};

#[runtime::test]
async fn a_test_runs_on_a_loop() {
    runtime::Handle::try_current().expect("a loop runs this test");
    let shared = Rc::new(Cell::new(1));
    let task = runtime::spawn({
        let shared = Rc::clone(&shared);
        async move { shared.set(2) }
    });
    task.await.expect("the task neither panics nor is aborted");
    assert_eq!(shared.get(), 2);
}

#[runtime::test]
#[should_panic(expected = "as announced")]
async fn a_panic_passes_through() {
    yield_now().await;
    panic!("as announced");
}

#[runtime::test(spin = false)]
#[should_panic(expected = "as announced")]
async fn a_panic_passes_through_a_configured_loop() {
    yield_now().await;
    panic!("as announced");
}

#[runtime::test]
async fn a_test_may_return_a_result() -> Result<(), Box<dyn Error>> {
    yield_now().await;
    let number: u8 = "7".parse()?;
    assert_eq!(number, 7);
    Ok(())
}

#[runtime::test(start_paused = true)]
async fn a_paused_clock_moves_only_when_the_loop_is_idle() {
    let start = Instant::now();
    sleep(Duration::from_secs(86_400)).await;
    assert!(start.elapsed() >= Duration::from_secs(86_400));
}

mod with_the_attribute_in_scope {
    use runtime::test;

    #[test]
    async fn the_short_name_works_too() {
        runtime::Handle::try_current().expect("a loop runs this test");
    }
}
