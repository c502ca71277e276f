//! A source that is always ready does not starve the other tasks.

#![cfg(unix)]

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;

use mio::net::UnixStream;
use runtime_core::reactor::{Direction, Interest, Registered};

mod support;

use support::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_source_that_is_always_ready_yields_by_budget,
    waiting_for_what_is_always_ready_yields_by_budget,
);

fn a_source_that_is_always_ready_yields_by_budget() {
    run(async {
        let (ours, _theirs) = UnixStream::pair().unwrap();
        let ours = Registered::new(ours).unwrap();
        let stop = Rc::new(Cell::new(false));
        let stopper = runtime_core::spawn({
            let stop = stop.clone();
            async move { stop.set(true) }
        });
        let mut calls = 0;
        while !stop.get() {
            poll_fn(|cx| ours.poll_io(cx, Direction::Read, |_| Ok(()))).await.unwrap();
            ours.with_io(Interest::WRITABLE, |_| Ok(())).await.unwrap();
            calls += 1;
            assert!(calls < 100_000, "the other task never ran");
        }
        stopper.await.unwrap();
    });
}

fn waiting_for_what_is_always_ready_yields_by_budget() {
    run(async {
        let (ours, _theirs) = UnixStream::pair().unwrap();
        let ours = Registered::new(ours).unwrap();
        let stop = Rc::new(Cell::new(false));
        let stopper = runtime_core::spawn({
            let stop = stop.clone();
            async move { stop.set(true) }
        });
        let mut calls = 0;
        while !stop.get() {
            ours.writable().await.unwrap();
            calls += 1;
            assert!(calls < 100_000, "the other task never ran");
        }
        stopper.await.unwrap();
    });
}
