//! The reactor against a scripted selector.

use std::io::ErrorKind;
use std::sync::Arc;
use std::task::Waker;

use crate::current::LoopId;

use super::driver::Reactor;
use super::entry::Entry;
use super::scope::Scope;
use super::scripted::{Call, Counter, Prop, Scripted};
use super::{Direction, Interest, Ready};

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

fn reactor(selector: &Scripted) -> Reactor {
    Reactor::new(LoopId::next(), Box::new(selector.clone())).expect("a script does not fail")
}

fn register(reactor: &Reactor, number: i32) -> Arc<Entry> {
    reactor.register(&mut Prop(number), BOTH, false).expect("the script does not refuse")
}

/// Takes a turn and wakes; returns the number of events.
fn turn(reactor: &Reactor) -> usize {
    let mut wakers = Vec::new();
    let count = reactor.select(None, &mut wakers).expect("the script does not fail");
    wakers.into_iter().for_each(Waker::wake);
    count
}

/// Uses up what a new source may be ready for.
fn settle(entry: &Entry) {
    for scope in [Scope::READ, Scope::WRITE] {
        entry.settle(scope, entry.seen(scope), Ready::ALL);
    }
}

fn invites(entry: &Entry, direction: Direction) -> bool {
    let scope = Scope::of_direction(direction);
    entry.seen(scope).invites(scope)
}

#[test]
fn an_event_wakes_who_waits_for_its_direction() {
    let selector = Scripted::new();
    let reactor = reactor(&selector);
    let entry = register(&reactor, 3);
    settle(&entry);
    let (reads, reader) = Counter::new();
    let (writes, writer) = Counter::new();
    reactor.wait_polled(&entry, Direction::Read, &reader);
    reactor.wait_polled(&entry, Direction::Write, &writer);

    selector.bring(&[(entry.token(), Ready::READABLE)]);
    assert_eq!(turn(&reactor), 1);
    assert_eq!((reads.count(), writes.count()), (1, 0));
    assert!(invites(&entry, Direction::Read));
    assert!(!invites(&entry, Direction::Write));

    selector.bring(&[(entry.token(), Ready::WRITABLE)]);
    assert_eq!(turn(&reactor), 1);
    assert_eq!((reads.count(), writes.count()), (1, 1));
}

#[test]
fn a_hang_up_or_an_error_wakes_readers_and_writers() {
    for ready in [Ready::READ_CLOSED | Ready::WRITE_CLOSED, Ready::ERROR] {
        let selector = Scripted::new();
        let reactor = reactor(&selector);
        let entry = register(&reactor, 3);
        settle(&entry);
        let (wakes, waker) = Counter::new();
        reactor.wait_polled(&entry, Direction::Read, &waker);
        reactor.wait_polled(&entry, Direction::Write, &waker);

        selector.bring(&[(entry.token(), ready)]);
        turn(&reactor);
        assert_eq!(wakes.count(), 2, "{ready:?}");
        assert!(invites(&entry, Direction::Read) && invites(&entry, Direction::Write));
    }
}

#[test]
fn an_event_of_a_closed_source_never_reaches_its_successor() {
    let selector = Scripted::new();
    let reactor = reactor(&selector);
    let closed = register(&reactor, 3);
    let late = closed.token();
    reactor.deregister(&mut Prop(3), late).expect("the script does not refuse");
    let successor = register(&reactor, 3);
    settle(&successor);
    let (wakes, waker) = Counter::new();
    reactor.wait_polled(&successor, Direction::Read, &waker);

    selector.bring(&[(late, Ready::ALL)]);
    turn(&reactor);
    assert_eq!(wakes.count(), 0);
    assert!(!invites(&successor, Direction::Read));
}

#[test]
fn a_failed_registration_frees_its_slot() {
    let selector = Scripted::new();
    let reactor = reactor(&selector);
    selector.refuse(ErrorKind::PermissionDenied);
    let error = reactor.register(&mut Prop(3), BOTH, false).expect_err("the script refuses");
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.to_string().contains("spawn_blocking"), "{error}");
    assert_eq!(reactor.sources(), 0);
}

#[test]
fn a_registration_left_behind_is_taken_over() {
    let selector = Scripted::new();
    let reactor = reactor(&selector);
    selector.refuse(ErrorKind::AlreadyExists);
    let token = register(&reactor, 3).token();
    assert_eq!(selector.calls(), [Call::Register(token, BOTH), Call::Reregister(token, BOTH)]);
}

#[test]
fn a_descriptor_in_use_is_not_registered_twice() {
    let selector = Scripted::new();
    let reactor = reactor(&selector);
    register(&reactor, 3);
    selector.refuse(ErrorKind::AlreadyExists);
    let error = reactor.register(&mut Prop(3), BOTH, false).expect_err("it is in use");
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert_eq!(reactor.sources(), 1);
}

#[test]
fn an_interruption_is_a_turn_without_events() {
    let selector = Scripted::new();
    let reactor = reactor(&selector);
    selector.fail(&[], ErrorKind::Interrupted);
    assert_eq!(turn(&reactor), 0);
}

#[test]
fn an_error_of_the_selector_is_passed_on_and_its_events_are_kept() {
    let selector = Scripted::new();
    let reactor = reactor(&selector);
    let entry = register(&reactor, 3);
    settle(&entry);
    selector.fail(&[(entry.token(), Ready::READABLE)], ErrorKind::OutOfMemory);
    let error = reactor.select(None, &mut Vec::new()).expect_err("the script fails");
    assert_eq!(error.kind(), ErrorKind::OutOfMemory);
    assert!(invites(&entry, Direction::Read));
}

#[test]
fn the_last_poller_wins() {
    let selector = Scripted::new();
    let reactor = reactor(&selector);
    let entry = register(&reactor, 3);
    let (first, waker) = Counter::new();
    reactor.wait_polled(&entry, Direction::Read, &waker);
    let (second, waker) = Counter::new();
    reactor.wait_polled(&entry, Direction::Read, &waker);
    assert_eq!(first.count(), 0);

    selector.bring(&[(entry.token(), Ready::READABLE)]);
    turn(&reactor);
    assert_eq!((first.count(), second.count()), (0, 1));
}

#[test]
fn a_poller_that_takes_the_place_of_a_wait_calls_it() {
    let reactor = reactor(&Scripted::new());
    let entry = register(&reactor, 3);
    let (waits, waker) = Counter::new();
    assert!(reactor.wait_async(&entry, Direction::Read, Interest::READABLE, &waker));
    let (polls, waker) = Counter::new();
    reactor.wait_polled(&entry, Direction::Read, &waker);
    assert_eq!((waits.count(), polls.count()), (1, 0));
}

#[test]
fn a_wait_of_a_task_that_polls_as_well_is_called_when_another_takes_its_place() {
    let reactor = reactor(&Scripted::new());
    let entry = register(&reactor, 3);
    let (task, waker) = Counter::new();
    reactor.wait_polled(&entry, Direction::Read, &waker);
    assert!(reactor.wait_async(&entry, Direction::Read, Interest::READABLE, &waker));
    let (_, waker) = Counter::new();
    reactor.wait_polled(&entry, Direction::Read, &waker);
    assert_eq!(task.count(), 1);
}

#[test]
fn a_wait_leaves_the_place_to_a_poller() {
    let selector = Scripted::new();
    let reactor = reactor(&selector);
    let entry = register(&reactor, 3);
    let (polls, waker) = Counter::new();
    reactor.wait_polled(&entry, Direction::Read, &waker);
    let (waits, waker) = Counter::new();
    assert!(!reactor.wait_async(&entry, Direction::Read, Interest::READABLE, &waker));
    let scope = Scope::READ;
    let mut key = None;
    settle(&entry);
    let seen = entry.seen(scope);
    assert!(!entry.wait_queued(&mut key, Interest::READABLE, &waker, seen));

    selector.bring(&[(entry.token(), Ready::READABLE)]);
    turn(&reactor);
    assert_eq!((polls.count(), waits.count()), (1, 1));
    entry.leave_queue(key.expect("it is in the queue"));
    assert!(!entry.hub().is_crowded());
}

#[test]
fn a_wait_behind_the_lock_sees_an_event_that_came_before_it() {
    let selector = Scripted::new();
    let reactor = reactor(&selector);
    let entry = register(&reactor, 3);
    settle(&entry);
    let scope = Scope::READ;
    let seen = entry.seen(scope);
    selector.bring(&[(entry.token(), Ready::READABLE)]);
    turn(&reactor);
    assert!(entry.wait_polled(Direction::Read, Waker::noop(), seen));
}

#[test]
fn a_source_dropped_while_somebody_waits_leaves_no_crowd() {
    let reactor = reactor(&Scripted::new());
    let entry = register(&reactor, 3);
    let scope = Scope::READ;
    let _ = entry.wait_polled(Direction::Read, Waker::noop(), entry.seen(scope));
    let hub = entry.hub().clone();
    assert!(hub.is_crowded());
    reactor.release(entry.token());
    drop(entry);
    assert!(!hub.is_crowded());
}

#[test]
fn closing_wakes_everybody_and_refuses_newcomers() {
    let reactor = reactor(&Scripted::new());
    let entry = register(&reactor, 3);
    settle(&entry);
    let (wakes, waker) = Counter::new();
    reactor.wait_polled(&entry, Direction::Read, &waker);
    reactor.wait_polled(&entry, Direction::Write, &waker);
    let scope = Scope::READ;
    let _ = entry.wait_polled(Direction::Read, &waker, entry.seen(scope));

    let mut wakers = Vec::new();
    reactor.close(&mut wakers);
    wakers.into_iter().for_each(Waker::wake);
    assert_eq!(wakes.count(), 3);
    assert!(entry.seen(scope).is_shut() && entry.seen(Scope::WRITE).is_shut());
    assert!(reactor.register(&mut Prop(4), BOTH, false).is_err());
}
