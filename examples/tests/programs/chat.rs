//! The chat, with members that speak TCP by hand.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::program::Example;

struct Member {
    stream: BufReader<TcpStream>,
}

impl Member {
    fn connect(address: &str) -> Member {
        let stream = TcpStream::connect(address).expect("the server accepts");
        // So that a server that says nothing fails the test instead of hanging it.
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout can be set");
        Member { stream: BufReader::new(stream) }
    }

    fn join(address: &str, nickname: &str) -> Member {
        let mut member = Member::connect(address);
        member.say(nickname);
        member.hears(&format!("* {nickname} has joined"));
        member
    }

    fn say(&mut self, line: &str) {
        self.stream.get_mut().write_all(format!("{line}\n").as_bytes()).expect("the server reads");
    }

    /// Reads on until a line that ends in `text`.
    fn hears(&mut self, text: &str) {
        let mut line = String::new();
        while !line.trim_end().ends_with(text) {
            line.clear();
            let count = self.stream.read_line(&mut line).expect("the server writes");
            assert!(count > 0, "the connection ended without {text:?}");
        }
    }

    fn hears_the_end(mut self) {
        self.stream.read_to_end(&mut Vec::new()).expect("an orderly end");
    }
}

fn start() -> (Example, String) {
    let mut server = Example::start("chat", &["--listen", "127.0.0.1:0"]);
    let line = server.line_with("chat on ");
    let address = line.trim_start_matches("chat on ").split(',').next().expect("an address");
    (server, address.to_owned())
}

#[test]
fn members_hear_each_other_come_speak_and_go() {
    let (_server, address) = start();
    let mut ada = Member::join(&address, "ada");
    let mut grace = Member::join(&address, "grace");
    ada.hears("* grace has joined");
    grace.say("good morning");
    ada.hears("grace: good morning");
    ada.say("/who");
    ada.hears("* ada, grace");
    grace.say("/quit");
    grace.hears_the_end();
    ada.hears("* grace has left");
}

#[test]
fn a_nickname_has_one_owner() {
    let (_server, address) = start();
    let _ada = Member::join(&address, "ada");
    let mut other = Member::connect(&address);
    other.say("ada");
    other.hears("* ada is here already");
    other.say("lovelace");
    other.hears("* lovelace has joined");
}

#[test]
fn a_line_without_end_ends_the_connection_and_nobody_else_s() {
    let (mut server, address) = start();
    let mut ada = Member::join(&address, "ada");
    let mut flood = Member::join(&address, "flood");
    flood.stream.get_mut().write_all(&[b'x'; 4096]).expect("the server reads");
    ada.hears("* flood has left");
    server.line_with("a line of more than 4096 bytes");
}

#[test]
fn a_member_who_does_not_read_is_removed() {
    let (_server, address) = start();
    let _deaf = Member::join(&address, "deaf");
    let mut ada = Member::join(&address, "ada");
    // More than all the buffers between the two can hold. The server reads while it can not write.
    let line = "x".repeat(4000);
    let mut writer = Member { stream: BufReader::new(ada.stream.get_ref().try_clone().unwrap()) };
    let flood = std::thread::spawn(move || {
        // Ends when the test has heard what it waits for and is gone.
        while writer.stream.get_mut().write_all(format!("{line}\n").as_bytes()).is_ok() {}
    });
    ada.hears("* deaf does not keep up");
    ada.stream.get_ref().shutdown(std::net::Shutdown::Both).expect("it is still connected");
    flood.join().expect("the writer does not panic");
}
