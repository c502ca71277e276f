//! The WebSocket server, spoken to by its own client, and by hand.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::program::Example;

fn start() -> (Example, String) {
    let mut server = Example::start("websocket", &["--listen", "127.0.0.1:0"]);
    let line = server.line_with("websocket on ws://");
    let address = line.trim().trim_start_matches("websocket on ws://").trim_end_matches('/');
    (server, address.to_owned())
}

#[test]
fn the_client_hears_what_it_says() {
    let (mut server, address) = start();
    let url = format!("ws://{address}/");
    let client = Example::start("websocket", &["--connect", &url, "one", "two", "dreiß"]);
    assert_eq!(client.output(), "one\ntwo\ndreiß\n");
    server.line_with("left after 3 messages");
}

/// The handshake and a frame are those of RFC 6455, sections 1.3 and 5.7.
#[test]
fn the_handshake_and_the_frames_are_those_of_the_standard() {
    let (_server, address) = start();
    let mut stream = TcpStream::connect(&address).expect("the server accepts");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout can be set");
    let request = "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
                   sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    stream.write_all(request.as_bytes()).expect("the server reads");
    let head = read_until(&mut stream, b"\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
    let masked_hello = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
    stream.write_all(&masked_hello).expect("the server reads");
    read_until(&mut stream, b"\x81\x05Hello");
}

fn read_until(stream: &mut TcpStream, end: &[u8]) -> String {
    let mut answer = Vec::new();
    while !answer.ends_with(end) {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("the server answers");
        answer.push(byte[0]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn whoever_does_not_speak_websocket_leaves_the_others_alone() {
    let (mut server, address) = start();
    let mut stream = TcpStream::connect(&address).expect("the server accepts");
    stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("the server reads");
    server.line_with("left: WebSocket protocol error");
    let client = Example::start("websocket", &["--connect", &format!("ws://{address}/")]);
    assert_eq!(client.output(), "hello\ngoodbye\n");
}
