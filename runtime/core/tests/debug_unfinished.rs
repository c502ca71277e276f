//! Debug mode lists the tasks that are dropped unfinished when a loop closes.
#![cfg(feature = "tracing")]

mod support;

use std::future::pending;

use runtime::{Builder, Runtime};
use support::subscriber::{Said, listen};

fn debugged() -> Runtime {
    Builder::new().debug(true).build().unwrap()
}

fn leave_behind(rt: &Runtime, tasks: usize) {
    rt.block_on(async {
        for number in 0..tasks {
            let name = format!("number-{number}");
            drop(runtime::task::Builder::new().name(&name).spawn(pending::<()>()));
        }
    });
}

fn named(said: &[Said]) -> usize {
    said.iter().filter(|said| said.field("task.name").starts_with("number-")).count()
}

#[test]
fn a_task_that_is_dropped_is_named_with_where_it_was_spawned() {
    let said = listen(|| {
        let rt = debugged();
        leave_behind(&rt, 1);
        rt.close().unwrap();
    });
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].message().contains("had not finished"), "{said:?}");
    assert_eq!(said[0].field("task.name"), "number-0");
    assert!(said[0].field("location").contains("debug_unfinished.rs"), "{said:?}");
}

#[test]
fn of_many_some_are_listed_and_the_others_counted() {
    let said = listen(|| {
        let rt = debugged();
        leave_behind(&rt, 25);
    });
    assert_eq!(named(&said), 10);
    assert_eq!(said.len(), 11);
    assert!(said[10].message().starts_with("15 more tasks"), "{said:?}");
}

#[test]
fn tasks_that_finish_and_callbacks_are_not_listed() {
    let said = listen(|| {
        let rt = debugged();
        rt.block_on(rt.spawn(async {})).unwrap();
        rt.call_later(std::time::Duration::from_secs(3600), || ());
        rt.call_soon(|| ());
    });
    assert!(said.is_empty(), "{said:?}");
}

#[test]
fn without_debug_mode_nothing_is_said() {
    let said = listen(|| leave_behind(&Builder::new().debug(false).build().unwrap(), 3));
    assert!(said.is_empty(), "{said:?}");
}
