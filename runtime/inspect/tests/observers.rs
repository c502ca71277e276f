//! A loop is measured as long as any client, of any server, or the program wants it.
#![cfg(unix)]

mod common;

use std::time::Duration;

use runtime::inspect::protocol::{Answered, Asked, Observing};
use runtime::inspect::{Client, Server};

use common::{Home, server};

/// Longer than any loop takes that is there at all.
const LONG: Duration = Duration::from_secs(60);

fn observe(server: &Server, id: u64) -> Client {
    let mut client = Client::connect(server.path()).unwrap();
    tell(&mut client, id, true);
    client
}

fn tell(client: &mut Client, id: u64, on: bool) {
    let answered = client.ask(Asked::Observe { id, on }).unwrap();
    assert!(matches!(answered, Answered::Observing(Observing { on: told, .. }) if told == on));
}

fn is_measured(home: &Home) -> bool {
    home.handle.snapshot(LONG).unwrap().metrics.is_inspected()
}

/// A server sees the end of a connection a little later than its client does.
fn wait_until_not_measured(home: &Home) {
    while is_measured(home) {}
}

#[test]
fn what_the_program_wants_outlasts_the_clients() {
    let (_directory, server) = server();
    let home = Home::new();
    let mut client = observe(&server, home.id);
    assert!(is_measured(&home));
    home.handle.set_inspect(true).unwrap();
    tell(&mut client, home.id, false);
    assert!(is_measured(&home));
    home.handle.set_inspect(false).unwrap();
    assert!(!is_measured(&home));
}

#[test]
fn what_a_client_wants_outlasts_the_programs_wish() {
    let (_directory, server) = server();
    let home = Home::new();
    home.handle.set_inspect(true).unwrap();
    let client = observe(&server, home.id);
    home.handle.set_inspect(false).unwrap();
    assert!(is_measured(&home));
    drop(client);
    wait_until_not_measured(&home);
}

#[test]
fn clients_of_one_server_do_not_count_for_those_of_another() {
    let (one, other) = (server(), server());
    let home = Home::new();
    let first = observe(&one.1, home.id);
    let mut second = observe(&other.1, home.id);
    // It wants it twice, and is one.
    tell(&mut second, home.id, true);
    drop(one);
    drop(first);
    assert!(is_measured(&home));
    tell(&mut second, home.id, false);
    wait_until_not_measured(&home);
}

#[test]
fn a_loop_that_is_blocked_is_measured_when_it_goes_on() {
    let (_directory, server) = server();
    let home = Home::new();
    let release = home.block();
    let _client = observe(&server, home.id);
    drop(release);
    assert!(is_measured(&home));
}
