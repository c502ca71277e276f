//! Calls outside of a loop end in one message, which says what is missing and how to get it.

mod support;

use std::panic::Location;

use runtime::Handle;
use support::panic_message;

fn assert_helpful(message: &str) {
    assert!(message.contains("there is no reactor running"), "{message}");
    assert!(message.contains("must be called from the context of a `runtime` loop"), "{message}");
    assert!(message.contains("runtime::run"), "{message}");
    assert!(message.contains("Runtime::block_on"), "{message}");
    assert!(message.contains("Runtime::enter"), "{message}");
}

#[test]
fn every_call_says_what_is_missing() {
    assert_helpful(&panic_message(|| runtime::spawn(async {})));
    assert_helpful(&panic_message(|| runtime::task::spawn(async {})));
    assert_helpful(&panic_message(|| runtime::task::Builder::new().spawn(async {})));
    assert_helpful(&panic_message(|| runtime::spawn_blocking(|| ())));
    assert_helpful(&panic_message(Handle::current));
    assert_helpful(&Handle::try_current().unwrap_err().to_string());
}

#[test]
fn a_sleep_that_is_polled_outside_says_what_is_missing() {
    let sleep = || futures::executor::block_on(runtime::time::sleep(std::time::Duration::MAX));
    assert_helpful(&panic_message(sleep));
}

#[test]
fn the_panic_names_the_callers_line() {
    let place = std::sync::Arc::new(std::sync::Mutex::new(None));
    let (told, me) = (place.clone(), std::thread::current().id());
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        // Other tests panic meanwhile.
        if std::thread::current().id() == me {
            let place = info.location().map(|place| (place.file().to_owned(), place.line()));
            *told.lock().unwrap() = place;
        }
    }));
    let here = Location::caller();
    let line = line!() + 1;
    let message = panic_message(|| drop(runtime::spawn(async {})));
    std::panic::set_hook(before);
    assert_helpful(&message);
    assert_eq!(*place.lock().unwrap(), Some((here.file().to_owned(), line)));
}

#[test]
fn asking_for_the_task_outside_of_one_says_so() {
    let message = panic_message(runtime::task::id);
    assert!(message.contains("outside of a task"), "{message}");
    assert_eq!(runtime::task::try_id(), None);
    runtime::run(async {
        let message = panic_message(runtime::task::id);
        assert!(message.contains("`block_on` is not one"), "{message}");
    });
}

#[test]
fn other_threads_are_outside() {
    runtime::run(async {
        let message = std::thread::spawn(|| panic_message(|| runtime::spawn(async {})));
        assert_helpful(&message.join().unwrap());
        let message = runtime::spawn_blocking(|| panic_message(|| runtime::spawn(async {})));
        assert_helpful(&message.await.unwrap());
    });
}
