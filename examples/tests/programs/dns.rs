//! The DNS server, asked by its own client, by dig, and by hand.

use std::net::{Ipv4Addr, UdpSocket};
use std::time::Duration;

use crate::peer;
use crate::program::Example;

fn start() -> (Example, String) {
    let mut server = Example::start("dns", &["--listen", "127.0.0.1:0"]);
    let line = server.line_with("dns server on ");
    let address = line.trim_start_matches("dns server on ").split(',').next().expect("an address");
    let address = address.to_owned();
    (server, address)
}

/// What dig prints in short form; nothing where there is no dig.
fn dig(address: &str, arguments: &[&str]) -> Option<String> {
    let (_, port) = address.rsplit_once(':').expect("an address has a port");
    let server = ["@127.0.0.1", "-p", port, "+timeout=60", "+tries=1", "+nocookie", "+norecurse"];
    peer::run("dig", &[&server[..], arguments].concat())
}

#[test]
fn without_arguments_it_asks_itself() {
    let output = Example::start("dns", &[]).output();
    let expected = [
        "www.runtime.test. 60 IN CNAME runtime.test.",
        "runtime.test. 60 IN A 192.0.2.1",
        "runtime.test. 60 IN MX 10 mail.runtime.test.",
        "127.0.0.1",
        // Too long for UDP.
        "19 large large",
        "no such record: Non-Existent Domain",
    ];
    for what in expected {
        assert!(output.contains(what), "{what:?} is missing in:\n{output}");
    }
}

#[test]
fn the_client_asks_a_server_that_runs_elsewhere() {
    let (_server, address) = start();
    let arguments = ["--server", &address, "runtime.test", "AAAA"];
    let output = Example::start("dns", &arguments).output();
    assert_eq!(output, "    runtime.test. 60 IN AAAA 2001:db8::1\n");
}

#[test]
fn dig_gets_its_answers() {
    let (_server, address) = start();
    let Some(output) = dig(&address, &["+short", "www.runtime.test", "A"]) else { return };
    assert_eq!(output, "runtime.test.\n192.0.2.1\n");
    let short = |arguments: &[&str]| dig(&address, arguments).expect("dig has run before");
    assert_eq!(short(&["+short", "RunTime.TEST", "MX"]), "10 mail.runtime.test.\n");
    assert_eq!(short(&["+short", "whoami.runtime.test", "TXT"]), "\"127.0.0.1\"\n");
    assert_eq!(short(&["+short", "+tcp", "runtime.test", "A"]), "192.0.2.1\n");
    let output = short(&["nobody.runtime.test", "A"]);
    assert!(output.contains("status: NXDOMAIN") && output.contains("SOA"), "{output}");
    let output = short(&["example.org", "A"]);
    assert!(output.contains("status: REFUSED"), "{output}");
    let output = short(&["mail.runtime.test", "AAAA"]);
    assert!(output.contains("status: NOERROR") && output.contains("ANSWER: 0"), "{output}");
    assert!(!output.contains("WARNING") && !output.contains("malformed"), "{output}");
}

#[test]
fn dig_comes_back_by_tcp_for_a_long_answer() {
    let (_server, address) = start();
    let Some(output) = dig(&address, &["large.runtime.test", "TXT"]) else { return };
    assert!(output.contains("Truncated, retrying in TCP mode"), "{output}");
    assert!(output.contains("19 large large") && output.contains("(TCP)"), "{output}");
    let output = dig(&address, &["+ignore", "large.runtime.test", "TXT"]).expect("dig is there");
    assert!(output.contains("flags: qr aa tc") && output.contains("(UDP)"), "{output}");
}

#[test]
fn what_is_no_question_harms_nobody() {
    let (_server, address) = start();
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    socket.connect(&address).expect("an address of the loopback");
    socket.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout can be set");
    let response = [&[1, 2, 0x80, 0][..], &[0; 8]].concat();
    let broken = [&[3, 4, 0, 0, 0, 9][..], &[0; 6]].concat();
    for message in [&b""[..], b"short", &[0xff; 5000], &response, &broken] {
        socket.send(message).expect("the server is there");
    }
    // Of all these, one asks, and is told that it does it wrong.
    let mut buffer = [0; 512];
    let count = socket.recv(&mut buffer).expect("the server answers");
    assert_eq!((&buffer[..2], buffer[3] & 0xf), (&[3, 4][..], 1), "{:?}", &buffer[..count]);
    let output = Example::start("dns", &["--server", &address, "mail.runtime.test"]).output();
    assert_eq!(output, "    mail.runtime.test. 60 IN A 192.0.2.25\n");
}

#[test]
fn the_client_is_told_that_nobody_listens() {
    let nobody = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|socket| socket.local_addr());
    let nobody = nobody.expect("a port is free").to_string();
    let errors = Example::start("dns", &["--server", &nobody, "runtime.test"]).errors();
    assert!(errors.contains("refused"), "{errors}");
}
