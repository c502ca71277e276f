//! Programs that are ended by signals.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use crate::program::Example;

const SIGTERM: i32 = 15;
const SIGINT: i32 = 2;

#[test]
fn signal_handlers_stop_the_loop() {
    for (name, kind) in [("INT", "SIGINT"), ("TERM", "SIGTERM")] {
        let mut example = Example::start("signal_handlers", &[]);
        example.line_with("send SIGINT or SIGTERM");
        example.signal(name);
        let output = example.output();
        assert!(output.contains(&format!("got {kind}: exit\nstopped")), "{output}");
    }
}

/// A server, and a client whom it has answered.
fn server_and_client() -> (Example, BufReader<TcpStream>) {
    let mut server = Example::start("server", &["--listen", "127.0.0.1:0", "--grace", "600"]);
    let line = server.line_with("listening on");
    let address = line.trim().trim_start_matches("listening on ");
    let mut client = BufReader::new(TcpStream::connect(address).expect("it listens"));
    client.get_ref().write_all(b"hello\n").expect("it reads");
    let mut said = String::new();
    client.read_line(&mut said).expect("it answers");
    assert_eq!(said, "HELLO\n");
    (server, client)
}

#[test]
fn a_server_that_is_told_to_end_says_goodbye() {
    for (name, kind) in [("TERM", "SIGTERM"), ("INT", "SIGINT")] {
        let (server, mut client) = server_and_client();
        server.signal(name);
        let mut said = String::new();
        client.read_to_string(&mut said).expect("it says goodbye");
        assert_eq!(said, "the server closes, goodbye\n");
        let output = server.output();
        assert!(output.contains(&format!("{kind} told it to stop")), "{output}");
        assert!(output.contains("no connection left"), "{output}");
    }
}

#[test]
fn a_server_that_is_told_to_end_twice_ends_at_once() {
    for (name, number) in [("TERM", SIGTERM), ("INT", SIGINT)] {
        let (mut server, mut client) = server_and_client();
        client.get_ref().write_all(b"sulk\n").expect("it reads");
        client.read_line(&mut String::new()).expect("it answers");
        server.signal(name);
        server.line_with("told it to stop");
        server.signal(name);
        assert_eq!(server.killed_by(), Some(number));
    }
}
