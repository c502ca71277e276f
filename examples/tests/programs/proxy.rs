//! The proxy, with programs of others on both of its sides.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

use crate::peer;
use crate::program::Example;

/// A proxy to `server` that ends after so many connections.
fn start(server: u16, connections: u32, more: &[&str]) -> (Example, u16) {
    let (to, connections) = (format!("127.0.0.1:{server}"), connections.to_string());
    let arguments = ["--listen", "127.0.0.1:0", "--to", &to, "--connections", &connections];
    let mut proxy = Example::start("proxy", &[&arguments, more].concat());
    let line = proxy.line_with("listening on");
    let port = line.trim_end().rsplit(':').next().and_then(|port| port.parse().ok());
    (proxy, port.expect("a port"))
}

#[test]
fn proxy_compares_its_two_ways() {
    let output = Example::start("proxy", &["--megabytes", "8"]).output();
    for what in ["Spliced", "Buffered", "GiB/s"] {
        assert!(output.contains(what), "{what:?} is missing in:\n{output}");
    }
}

#[test]
fn proxy_passes_bytes_and_ends_on() {
    for more in [&[][..], &["--buffered"]] {
        let behind = TcpListener::bind("127.0.0.1:0").expect("an address");
        let (proxy, port) = start(behind.local_addr().expect("it is bound").port(), 1, more);
        let server = thread::spawn(move || {
            let mut stream = behind.accept().expect("the proxy connects").0;
            let mut question = String::new();
            stream.read_to_string(&mut question).expect("the end is passed on");
            stream.write_all(question.to_uppercase().as_bytes()).expect("it goes on to be read");
        });
        let mut client = TcpStream::connect(("127.0.0.1", port)).expect("the proxy listens");
        client.write_all(b"question").expect("the proxy reads");
        client.shutdown(Shutdown::Write).expect("it is connected");
        let mut answer = String::new();
        client.read_to_string(&mut answer).expect("the answer comes");
        assert_eq!(answer, "QUESTION");
        server.join().expect("no panic");
        let output = proxy.output();
        assert!(output.contains("8 bytes up, 8 bytes down"), "{output}");
    }
}

#[test]
fn proxy_survives_a_server_that_is_not_there() {
    let nobody = TcpListener::bind("127.0.0.1:0").expect("an address");
    let closed = nobody.local_addr().expect("it is bound").port();
    drop(nobody);
    let (proxy, port) = start(closed, 2, &[]);
    for _ in 0..2 {
        let mut client = TcpStream::connect(("127.0.0.1", port)).expect("the proxy listens");
        assert!(matches!(client.read(&mut [0]), Ok(0) | Err(_)), "it is closed");
    }
    let output = proxy.output();
    assert!(output.contains("refused"), "{output}");
}

#[test]
fn proxy_serves_curl() {
    let body = "0123456789".repeat(300_000);
    let behind = TcpListener::bind("127.0.0.1:0").expect("an address");
    let server_port = behind.local_addr().expect("it is bound").port();
    let response = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let (_proxy, port) = start(server_port, 1, &[]);
    thread::spawn(move || {
        let mut stream = behind.accept().expect("the proxy connects").0;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("a request");
            head.push(byte[0]);
        }
        stream.write_all(response.as_bytes()).expect("the proxy reads");
    });
    let Some(got) = peer::curl(&[&format!("http://127.0.0.1:{port}/")]) else { return };
    assert!(got == body, "{} bytes", got.len());
}

#[test]
fn proxy_serves_nc() {
    let behind = TcpListener::bind("127.0.0.1:0").expect("an address");
    let (_proxy, port) = start(behind.local_addr().expect("it is bound").port(), 1, &[]);
    thread::spawn(move || {
        let mut stream = behind.accept().expect("the proxy connects").0;
        let mut said = String::new();
        stream.read_to_string(&mut said).expect("the end is passed on");
        stream.write_all(said.to_uppercase().as_bytes()).expect("nc reads");
    });
    let port = port.to_string();
    let said = peer::run_with("nc", &["-N", "-w", "60", "127.0.0.1", &port], b"hello\n");
    if let Some(said) = said {
        assert_eq!(said, "HELLO\n");
    }
}
