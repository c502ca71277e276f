//! Debug mode can be turned on and off while the loop runs, by whoever has the loop or a handle.
#![cfg(feature = "tracing")]

mod support;

use std::rc::Rc;
use std::thread;
use std::time::Duration;

use runtime::task::yield_now;
use runtime::{Builder, Handle, Runtime};
use support::subscriber::{Said, listen};

/// Not in debug mode; once in it, whatever takes time at all is slow.
fn calm() -> Rc<Runtime> {
    let builder = Builder::new().debug(false).slow_callback_duration(Duration::ZERO);
    Rc::new(builder.build().unwrap())
}

fn names(said: &[Said]) -> Vec<&str> {
    said.iter().map(|said| said.field("task.name")).filter(|name| !name.is_empty()).collect()
}

fn spawn_named(name: &str, f: impl FnOnce() + 'static) {
    drop(runtime::task::Builder::new().name(name).spawn(async move { f() }));
}

#[test]
fn it_takes_effect_before_the_next_task() {
    let said = listen(|| {
        let rt = calm();
        assert!(!rt.debug());
        rt.block_on({
            let rt = rt.clone();
            async move {
                spawn_named("before", || ());
                spawn_named("switch", {
                    let rt = rt.clone();
                    move || rt.set_debug(true)
                });
                spawn_named("after", || ());
                spawn_named("off", {
                    let rt = rt.clone();
                    move || rt.set_debug(false)
                });
                yield_now().await;
                yield_now().await;
                spawn_named("much later", || ());
                yield_now().await;
                assert!(!rt.debug());
            }
        });
    });
    let names = names(&said);
    assert!(names.contains(&"after"), "{names:?}");
    for unseen in ["before", "switch", "much later"] {
        assert!(!names.contains(&unseen), "{names:?}");
    }
}

#[test]
fn a_handle_can_do_it_too() {
    let said = listen(|| {
        calm().block_on(async {
            Handle::current().set_debug(true).unwrap();
            spawn_named("seen", || ());
            yield_now().await;
        });
    });
    assert_eq!(names(&said), ["seen"]);
}

#[test]
fn another_thread_can_do_it_at_the_next_turn() {
    let said = listen(|| {
        let rt = calm();
        let handle = rt.handle().clone();
        thread::spawn(move || handle.set_debug(true).unwrap()).join().unwrap();
        assert!(!rt.debug());
        rt.block_on(async {
            yield_now().await;
            spawn_named("seen", || ());
            yield_now().await;
        });
        assert!(rt.debug());
    });
    assert_eq!(names(&said), ["seen"]);
}

#[test]
fn between_runs_it_takes_effect_with_the_next() {
    let said = listen(|| {
        let rt = calm();
        rt.set_debug(true);
        let run = |name: &'static str| {
            rt.block_on(async move {
                spawn_named(name, || ());
                yield_now().await;
            });
        };
        run("on");
        rt.set_debug(false);
        run("off");
    });
    assert_eq!(names(&said), ["on"]);
}

#[test]
fn a_closed_loop_says_so() {
    let rt = calm();
    let handle = rt.handle().clone();
    rt.close().unwrap();
    assert!(handle.set_debug(true).is_err());
}
