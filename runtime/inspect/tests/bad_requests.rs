//! What is no request is refused, and nobody else notices.
#![cfg(unix)]

mod common;

use std::io::Write;
use std::net::Shutdown;

use runtime::inspect::Client;
use runtime::inspect::protocol::{Asked, ErrorKind, Refusal};

use common::{Home, Raw, asked_for_snapshot, kind, server};

const PROCESS: &str = r#"{"version":1,"request":"process"}"#;

#[test]
fn nonsense_is_refused_and_the_connection_lives_on() {
    let (_directory, server) = server();
    let mut raw = Raw::connect(server.path());
    for nonsense in [
        "",
        "hello",
        "{",
        "[]",
        "null",
        "1",
        "{}",
        r#"{"version":1}"#,
        r#"{"version":1,"request":"sudo"}"#,
        r#"{"version":1,"request":7}"#,
        r#"{"version":"1","request":"process"}"#,
        r#"{"version":-1,"request":"process"}"#,
        r#"{"request":"process"}"#,
        r#"{"version":1,"request":"snapshot"}"#,
        r#"{"version":1,"request":"snapshot","loop":"1"}"#,
        r#"{"version":1,"request":"graph","loop":1,"format":"svg"}"#,
        "\u{0}\u{1}\u{2}",
    ] {
        assert_eq!(kind(&raw.ask(nonsense)), "malformed", "{nonsense:?}");
    }
    raw.send(b"\xff\xfe\n");
    assert_eq!(kind(&raw.answer().unwrap()), "malformed");
    let nested = "[".repeat(60_000);
    assert_eq!(kind(&raw.ask(&nested)), "malformed");
    assert!(raw.ask(PROCESS).get("process").is_some());
}

#[test]
fn another_version_is_refused_whatever_else_it_asks() {
    let (_directory, server) = server();
    let mut raw = Raw::connect(server.path());
    for request in [r#"{"version":2,"request":"process"}"#, r#"{"version":0,"wish":"sing"}"#] {
        let answer = raw.ask(request);
        assert_eq!(kind(&answer), "unsupported-version");
        assert_eq!(answer["version"], 1);
    }
}

#[test]
fn members_that_nobody_knows_are_skipped() {
    let (_directory, server) = server();
    let mut raw = Raw::connect(server.path());
    let answer = raw.ask(r#"{"version":1,"request":"process","colour":"blue"}"#);
    assert!(answer.get("process").is_some(), "{answer}");
}

#[test]
fn a_request_without_an_end_is_cut_off() {
    let (_directory, server) = server();
    let mut raw = Raw::connect(server.path());
    // As much as the server looks at: more would be met by a reset that may take the answer along.
    raw.send(&vec![b'x'; 64 * 1024 + 1]);
    assert_eq!(kind(&raw.answer().unwrap()), "too-long");
    assert_eq!(raw.answer(), None);
    assert!(Raw::connect(server.path()).ask(PROCESS).get("process").is_some());
}

#[test]
fn an_endless_request_ends_the_connection() {
    let (_directory, server) = server();
    let mut raw = Raw::connect(server.path());
    let piece = vec![b'x'; 1 << 20];
    // It is not read to its end, or this would not end.
    while raw.0.get_mut().write_all(&piece).is_ok() {}
    assert!(Raw::connect(server.path()).ask(PROCESS).get("process").is_some());
}

#[test]
fn half_a_request_is_none() {
    let (_directory, server) = server();
    let mut raw = Raw::connect(server.path());
    raw.send(PROCESS.as_bytes());
    raw.0.get_ref().shutdown(Shutdown::Write).unwrap();
    assert_eq!(raw.answer(), None);
}

#[test]
fn a_loop_that_does_not_exist_is_named_in_the_refusal() {
    let (_directory, server) = server();
    let mut client = Client::connect(server.path()).unwrap();
    for asked in [asked_for_snapshot(u64::MAX), Asked::Observe { id: u64::MAX, on: true }] {
        let error = client.ask(asked).unwrap_err();
        let refusal = error.downcast::<Refusal>().unwrap();
        assert_eq!(refusal.kind, ErrorKind::NoSuchLoop);
        assert!(refusal.message.contains("18446744073709551615"), "{refusal}");
    }
}

#[test]
fn a_closed_loop_does_not_exist() {
    let (_directory, server) = server();
    let mut client = Client::connect(server.path()).unwrap();
    let home = Home::new();
    let id = home.id;
    client.ask(asked_for_snapshot(id)).unwrap();
    drop(home);
    let error = client.ask(asked_for_snapshot(id)).unwrap_err();
    assert_eq!(error.downcast::<Refusal>().unwrap().kind, ErrorKind::NoSuchLoop);
}
