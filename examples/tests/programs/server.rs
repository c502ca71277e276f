//! The server that ends in good order.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use crate::program::Example;

#[test]
fn server_lets_the_busy_finish_and_resets_the_stubborn() {
    let output = Example::start("server", &[]).output();
    for line in [
        "ann hears: HELLO",
        "ann hears: the server closes, goodbye",
        "bob hears: done",
        "bob hears: the server closes, goodbye",
        "bob hears that this is the end",
        "cal hears nothing more: connection reset",
        "dot hears: as you wish",
        "1 connection left after",
    ] {
        assert!(output.contains(line), "{line:?} is missing in:\n{output}");
    }
}

#[test]
fn server_ends_when_its_time_is_up() {
    let options = ["--listen", "127.0.0.1:0", "--listen", ":0", "--seconds", "0.01"];
    let output = Example::start("server", &options).output();
    assert!(output.lines().filter(|line| line.contains("listening on")).count() >= 2, "{output}");
    assert!(output.contains("its time is up"), "{output}");
    assert!(output.contains("no connection left"), "{output}");
}

#[test]
fn server_ends_when_it_is_told_to() {
    let mut server = Example::start("server", &["--listen", "127.0.0.1:0", "--grace", "600"]);
    let line = server.line_with("listening on");
    let address = line.trim().trim_start_matches("listening on ").to_owned();
    let mut client = BufReader::new(TcpStream::connect(&address).expect("it listens"));
    client.get_ref().write_all(b"stop\n").expect("it reads");
    let mut said = String::new();
    client.read_line(&mut said).expect("it answers");
    assert_eq!(said, "as you wish\n");
    client.read_to_string(&mut said).expect("it says goodbye");
    assert!(said.ends_with("the server closes, goodbye\n"), "{said}");
    let output = server.output();
    assert!(
        output.contains("told it to stop") && output.contains("no connection left"),
        "{output}"
    );
    assert!(TcpStream::connect(&address).is_err());
}

#[test]
fn server_says_which_address_is_taken() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = taken.local_addr().expect("it is bound").to_string();
    let errors = Example::start("server", &["--listen", &address]).errors();
    assert!(errors.contains(&address), "{errors}");
}
