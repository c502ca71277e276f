//! The HTTP server, asked by hand and by programs that know better.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::peer;
use crate::program::Example;

fn start() -> (Example, String) {
    let mut server = Example::start("http", &["--listen", "127.0.0.1:0"]);
    let line = server.line_with("http on http://");
    let address = line.trim().trim_start_matches("http on http://").trim_end_matches('/');
    (server, address.to_owned())
}

/// Sends `text` and reads until the server has said everything.
fn tell(address: &str, text: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("the server accepts");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout can be set");
    stream.write_all(text.as_bytes()).expect("the server reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the server answers");
    answer
}

fn quit(server: Example, address: &str) -> String {
    let answer = tell(
        address,
        "POST /quit HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    );
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("goodbye\n"), "{answer}");
    server.output()
}

#[test]
fn it_answers_and_ends_when_told() {
    let (server, address) = start();
    let hello = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let stats = "GET /stats HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let answers = tell(&address, &format!("{hello}{hello}{stats}"));
    assert_eq!(answers.matches("hello, world").count(), 2, "{answers}");
    assert!(answers.ends_with("3 requests\n"), "{answers}");
    let output = quit(server, &address);
    assert_eq!(output, "all requests are done, 4 in all\n");
}

#[test]
fn nonsense_is_refused_and_others_are_served() {
    let (server, address) = start();
    let answer = tell(&address, "how do you do?\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    // Half a head, and gone.
    drop(TcpStream::connect(&address).and_then(|mut stream| stream.write_all(b"GET / HT")));
    let missing = "GET /nothing HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    assert!(tell(&address, missing).starts_with("HTTP/1.1 404"));
    quit(server, &address);
}

#[test]
fn curl_speaks_both_versions() {
    let (_server, address) = start();
    let url = format!("http://{address}/");
    for (option, version) in [("--http1.1", "1.1"), ("--http2-prior-knowledge", "2")] {
        let Some(text) = peer::curl(&[option, "--write-out", "%{http_version}", &url]) else {
            return;
        };
        assert_eq!(text, format!("hello, world\n{version}"));
    }
}

#[test]
fn curl_gets_back_what_it_sends() {
    let (_server, address) = start();
    let url = format!("http://{address}/echo");
    let sent: String = (0..300_000).map(|n| format!("{n}\n")).collect();
    for option in ["--http1.1", "--http2-prior-knowledge"] {
        let arguments = ["--silent", "--max-time", "60", option, "--data-binary", "@-", &url];
        let Some(received) = peer::run_with("curl", &arguments, sent.as_bytes()) else { return };
        assert!(received == sent, "{option}: {} of {} bytes", received.len(), sent.len());
    }
}

#[test]
fn requests_under_way_are_finished_before_the_end() {
    let (server, address) = start();
    let mut stream = TcpStream::connect(&address).expect("the server accepts");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout can be set");
    stream
        .write_all(b"GET /ticks/4 HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .expect("the server reads");
    let mut first = [0; 16];
    stream.read_exact(&mut first).expect("the server answers");
    // Keep-alive or not, the connection ends with the request.
    let output = quit(server, &address);
    assert_eq!(output, "all requests are done, 2 in all\n");
    let mut rest = String::new();
    stream.read_to_string(&mut rest).expect("an orderly end");
    assert!(rest.contains("tick 4\n") && rest.ends_with("0\r\n\r\n"), "{rest}");
}

#[test]
fn h2load_finds_nothing_wrong() {
    let (_server, address) = start();
    let url = format!("http://{address}/");
    for arguments in [&["-n2000", "-c20", "-m10", &url][..], &["--h1", "-n2000", "-c20", &url]] {
        let Some(report) = peer::run("h2load", arguments) else { return };
        assert!(report.contains("2000 succeeded, 0 failed, 0 errored"), "{report}");
    }
}
