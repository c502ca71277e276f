//! `inspect` and `watchdog` do what the methods of `Builder` do.

use runtime::Handle;
use runtime::time::Duration;

#[runtime::test(inspect = true)]
async fn an_inspected_loop_counts_its_polls() {
    runtime::task::yield_now().await;
    assert!(Handle::current().metrics().unwrap().polls.is_some_and(|polls| polls > 0));
}

#[runtime::test(watchdog = Duration::from_secs(60))]
async fn a_watched_loop_tells_in_which_poll_it_is() {
    assert!(Handle::current().current_poll().is_some());
}

#[runtime::test]
async fn any_other_does_neither() {
    assert!(Handle::current().metrics().unwrap().polls.is_none());
    assert!(Handle::current().current_poll().is_none());
}

#[test]
fn programs_have_the_options_as_well() {
    #[runtime::main(inspect = true, watchdog = Duration::from_secs(60))]
    async fn main() -> bool {
        let handle = Handle::current();
        handle.metrics().unwrap().polls.is_some() && handle.current_poll().is_some()
    }
    assert!(main());
}
