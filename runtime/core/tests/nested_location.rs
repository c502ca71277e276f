//! A nested `block_on` is blamed on the line that calls it.

use std::panic;
use std::sync::{Arc, Mutex};

#[test]
fn the_panic_names_the_callers_line() {
    let file = Arc::new(Mutex::new(None));
    let seen = file.clone();
    panic::set_hook(Box::new(move |info| {
        *seen.lock().unwrap() = info.location().map(|location| location.file().to_owned());
    }));
    let outer = runtime::Runtime::new().unwrap();
    let inner = runtime::Runtime::new().unwrap();
    let nested = panic::AssertUnwindSafe(|| outer.block_on(async { inner.block_on(async {}) }));
    assert!(panic::catch_unwind(nested).is_err());
    drop(panic::take_hook());
    assert!(file.lock().unwrap().as_deref().unwrap().ends_with("nested_location.rs"));
}
