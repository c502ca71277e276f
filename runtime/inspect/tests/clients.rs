//! Clients come in numbers, hang, and go, and none is in the way of another.
#![cfg(unix)]

mod common;

use std::io::Write;
use std::thread;

use runtime::inspect::protocol::Asked;
use runtime::inspect::{Client, Server};

use common::{Home, Raw, asked_for_snapshot, server, snapshot};

const PROCESS: &str = r#"{"version":1,"request":"process"}"#;

#[test]
fn a_client_that_says_nothing_keeps_no_other_waiting() {
    let (_directory, server) = server();
    let _silent = Raw::connect(server.path());
    let mut half = Raw::connect(server.path());
    half.send(br#"{"version":1,"#);
    let mut client = Client::connect(server.path()).unwrap();
    client.ask(Asked::Process).unwrap();
}

#[test]
fn a_client_that_does_not_read_keeps_no_other_waiting() {
    let (_directory, server) = server();
    let home = Home::new();
    let mut deaf = Raw::connect(server.path());
    let deaf = deaf.0.get_mut();
    deaf.set_nonblocking(true).unwrap();
    let requests = format!("{PROCESS}\n").repeat(1000);
    // Until there is no room for more: neither here for requests, nor, sooner or later, there for answers.
    while deaf.write(requests.as_bytes()).is_ok() {}
    let mut client = Client::connect(server.path()).unwrap();
    assert_eq!(snapshot(client.ask(asked_for_snapshot(home.id)).unwrap()).tasks.len(), 2);
}

#[test]
fn many_clients_are_answered_at_once() {
    let (_directory, server) = server();
    let home = Home::new();
    let id = home.id;
    thread::scope(|scope| {
        for _ in 0..24 {
            scope.spawn(|| {
                let mut client = Client::connect(server.path()).unwrap();
                for _ in 0..20 {
                    let answered = client.ask(asked_for_snapshot(id)).unwrap();
                    assert_eq!(snapshot(answered).tasks.len(), 2);
                }
            });
        }
    });
}

#[test]
fn one_too_many_takes_the_place_of_the_one_that_is_silent_the_longest() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    let _server = Server::builder().path(&path).max_clients(2).start().unwrap();
    let mut busy = Raw::connect(&path);
    busy.ask(PROCESS);
    let mut silent = Raw::connect(&path);
    silent.ask(PROCESS);
    busy.ask(PROCESS);
    let mut new = Raw::connect(&path);
    new.ask(PROCESS);
    assert_eq!(silent.answer(), None, "it is hung up on");
    assert!(busy.ask(PROCESS).get("process").is_some());
    assert!(new.ask(PROCESS).get("process").is_some());
}

#[test]
fn clients_that_have_gone_leave_their_places() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("s");
    let _server = Server::builder().path(&path).max_clients(2).start().unwrap();
    let mut first = Raw::connect(&path);
    first.ask(PROCESS);
    for _ in 0..50 {
        let mut other = Raw::connect(&path);
        other.ask(PROCESS);
        first.ask(PROCESS);
    }
}

#[test]
fn a_server_that_is_dropped_hangs_up() {
    let (_directory, server) = server();
    let mut client = Raw::connect(server.path());
    client.ask(PROCESS);
    let path = server.path().to_owned();
    drop(server);
    assert_eq!(client.answer(), None);
    let error = Client::connect(&path).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
}
