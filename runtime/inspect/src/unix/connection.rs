//! One client.

use std::io::{self, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use super::answers::{Answers, Client};
use super::client_threads::Seat;
use super::lines::{self, LONGEST_LINE, Line};
use super::peer;
use crate::protocol::{Answer, Answered, ErrorKind, Refusal, Request};

/// How long a client may take to make room for more of an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Answers a client until it goes, or does not read its answers. Where it fails there is nobody left to tell.
pub(super) fn serve(stream: &UnixStream, seat: &Seat, answers: &Answers) {
    let _ = answer_all(stream, seat, answers);
}

fn answer_all(stream: &UnixStream, seat: &Seat, answers: &Answers) -> io::Result<()> {
    // What a listener accepts may not block either, on some systems.
    stream.set_nonblocking(false)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    if !peer::is_trusted(stream) {
        let refusal = Refusal::new(ErrorKind::NotAllowed, "this process belongs to another user");
        return send(stream, Answered::Error(refusal));
    }
    let mut client = Client::new(answers);
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    loop {
        match lines::read(&mut reader, &mut line)? {
            Line::End => return Ok(()),
            Line::TooLong => {
                let message = format!("a request has {LONGEST_LINE} bytes at most");
                let refusal = Refusal::new(ErrorKind::TooLong, message);
                return send(stream, Answered::Error(refusal));
            }
            Line::Whole => {
                seat.asked();
                let answer = Request::read(&line).and_then(|request| client.answer(&request.asked));
                send(stream, answer.unwrap_or_else(Answered::Error))?;
            }
        }
    }
}

fn send(mut stream: &UnixStream, answered: Answered) -> io::Result<()> {
    let mut line = serde_json::to_vec(&Answer::new(answered))?;
    line.push(b'\n');
    stream.write_all(&line)
}
