//! A descriptor that is closed before its callback is removed leaves its number to others, whom that does
//! no harm.
#![cfg(unix)]

mod support;

use std::cell::RefCell;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::sync::{Mutex, MutexGuard, PoisonError};

use runtime::reactor::{AsyncFd, Interest, add_reader, add_writer, remove_reader, remove_writer};
use runtime::task::yield_now;
use support::DropLog;
use support::fds::{Count, pair, settled};
use support::selectors::{MIO, POLL, on, run};

/// One test at a time: a number that one of them closes must not be taken by another.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Closes a descriptor and gives its number to another; returns that one, and its peer.
fn reuse(closed: OwnedFd) -> (UnixStream, UnixStream) {
    let number = closed.as_raw_fd();
    let (one, peer) = pair();
    drop(closed);
    let reused = rustix::io::fcntl_dupfd_cloexec(&one, number).unwrap();
    assert_eq!(reused.as_raw_fd(), number);
    (reused.into(), peer)
}

#[test]
fn a_reused_number_is_watched_for_its_new_owner() {
    let _alone = alone();
    runtime::run(async {
        let (ours, _theirs) = pair();
        let log = DropLog::new();
        let (reads, writes) = (log.local_witness(), log.local_witness());
        add_reader(&ours, move || {
            let _witness = &reads;
        })
        .unwrap();
        add_writer(&ours, move || {
            let _witness = &writes;
        })
        .unwrap();
        let (new, _peer) = reuse(ours.into());
        let calls = Count::default();
        let counted = calls.clone();
        add_writer(&new, move || counted.up()).unwrap();
        // Both callbacks of the old owner are gone.
        log.assert_dropped_here(2);
        while calls.get() < 2 {
            yield_now().await;
        }
        assert!(remove_writer(&new));
        assert!(!remove_reader(&new));
    });
}

#[test]
fn a_removal_that_comes_too_late_leaves_the_new_owner_alone() {
    let _alone = alone();
    runtime::run(async {
        let (ours, _theirs) = pair();
        let number = ours.as_raw_fd();
        add_reader(&ours, || ()).unwrap();
        let (new, theirs) = reuse(ours.into());
        let new = AsyncFd::new(new).unwrap();
        assert!(remove_reader(&number));
        assert!(!remove_reader(&number));
        drop(new.writable().await.unwrap());
        (&theirs).write_all(b"x").unwrap();
        let read = new.async_io(Interest::READABLE, |mut stream| stream.read(&mut [0])).await;
        assert_eq!(read.unwrap(), 1);
    });
}

#[test]
fn a_callback_whose_descriptor_is_replaced_by_a_socket_of_the_loop_is_forgotten() {
    let _alone = alone();
    runtime::run(async {
        let (ours, theirs) = pair();
        (&theirs).write_all(b"left alone").unwrap();
        let (number, log) = (ours.as_raw_fd(), DropLog::new());
        let (calls, new) = (Count::default(), Rc::new(RefCell::new(None)));
        let (counted, slot, witness) = (calls.clone(), new.clone(), log.local_witness());
        let mut ours = Some(ours);
        add_reader(&number, move || {
            let _witness = &witness;
            counted.up();
            let (reused, peer) = reuse(ours.take().expect("called once").into());
            *slot.borrow_mut() = Some((AsyncFd::new(reused).unwrap(), peer));
        })
        .unwrap();
        while calls.get() == 0 {
            yield_now().await;
        }
        let (new, theirs) = new.take().unwrap();
        log.assert_dropped_here(1);
        assert!(!remove_reader(&number));
        // The events of the new owner are its own.
        (&theirs).write_all(b"x").unwrap();
        let read = new.async_io(Interest::READABLE, |mut stream| stream.read(&mut [0])).await;
        assert_eq!(read.unwrap(), 1);
        assert_eq!(calls.get(), 1);
    });
}

#[test]
fn closing_without_removing_is_noticed_by_the_next_call() {
    let _alone = alone();
    for selector in [MIO, POLL] {
        on(selector, || run(closes_without_removing()));
    }
}

async fn closes_without_removing() {
    let (ours, theirs) = pair();
    (&theirs).write_all(b"left alone").unwrap();
    let (number, log, calls) = (ours.as_raw_fd(), DropLog::new(), Count::default());
    let (counted, witness) = (calls.clone(), log.local_witness());
    let mut ours = Some(ours);
    add_reader(&number, move || {
        let _witness = &witness;
        counted.up();
        drop(ours.take());
    })
    .unwrap();
    while calls.get() == 0 {
        yield_now().await;
    }
    log.assert_dropped_here(1);
    settled().await;
    assert_eq!(calls.get(), 1);
}
