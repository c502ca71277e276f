//! Debug mode notices guards of `Runtime::enter` that are forgotten, or dropped out of order.
#![cfg(feature = "tracing")]

mod support;

use runtime::{Builder, Runtime};
use support::subscriber::listen;

fn debugged() -> Runtime {
    Builder::new().debug(true).build().unwrap()
}

#[test]
fn a_guard_dropped_out_of_order_is_reported_with_where_it_was_made() {
    let said = listen(|| {
        let (outer, inner) = (debugged(), debugged());
        let first = outer.enter();
        let second = inner.enter();
        drop(first);
        drop(second);
    });
    assert!(said[0].message().contains("out of order"), "{said:?}");
    assert!(said[0].field("location").contains("debug_guards.rs"), "{said:?}");
    assert_eq!(said.len(), 2, "both were dropped while another loop was current: {said:?}");
}

#[test]
fn a_forgotten_guard_is_reported_when_the_runtime_goes() {
    let said = listen(|| {
        let rt = debugged();
        std::mem::forget(rt.enter());
    });
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].message().contains("forgotten"), "{said:?}");
}

#[test]
fn guards_dropped_in_order_are_nothing_to_speak_of() {
    let said = listen(|| {
        let (outer, inner) = (debugged(), debugged());
        let first = outer.enter();
        let second = inner.enter();
        drop(second);
        drop(first);
        let guard = outer.enter();
        outer.close().unwrap();
        drop(guard);
    });
    assert!(said.is_empty(), "{said:?}");
}

#[test]
fn without_debug_mode_nothing_is_said() {
    let said = listen(|| {
        let rt = Builder::new().debug(false).build().unwrap();
        std::mem::forget(rt.enter());
    });
    assert!(said.is_empty(), "{said:?}");
}
