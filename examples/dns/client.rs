//! The client: asks by UDP, again if nothing comes, and by TCP if the answer is too long.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt};
use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query};
use hickory_proto::rr::{Name, RecordType};
use runtime::net::{TcpStream, UdpSocket};
use runtime::time::timeout;

use crate::answer::read_response;

/// How long to wait for an answer before asking again; datagrams may be lost.
const PATIENCE: Duration = Duration::from_secs(2);
const ATTEMPTS: u32 = 3;
/// Bytes of the longest answer by UDP that is asked for.
const ANSWER: u16 = 1232;

/// Asks a server for the records of a name.
pub(crate) async fn ask(server: SocketAddr, name: Name, kind: RecordType) -> io::Result<Message> {
    let mut edns = Edns::new();
    edns.set_max_payload(ANSWER);
    let mut question = Message::new();
    question
        .set_id(random())
        .set_message_type(MessageType::Query)
        .set_op_code(OpCode::Query)
        .set_recursion_desired(true)
        .add_query(Query::query(name, kind))
        .set_edns(edns);
    let bytes = question.to_vec().map_err(io::Error::other)?;

    // A port of its own for each question: who wants to forge an answer has to guess it (RFC 5452).
    let socket = UdpSocket::builder().remote(server).open().await?;
    for _ in 0..ATTEMPTS {
        // An error here, or from the receive, says that nobody listens there.
        socket.send(&bytes).await?;
        match timeout(PATIENCE, receive(&socket, &question)).await {
            Ok(Ok(response)) if response.truncated() => {
                return timeout(PATIENCE, ask_by_tcp(server, &bytes)).await.map_err(late)?;
            }
            Ok(outcome) => return outcome,
            Err(_) => {}
        }
    }
    Err(late(format!("{server} did not answer {ATTEMPTS} times")))
}

/// Waits for the answer to a question; ignores anything else.
async fn receive(socket: &UdpSocket, question: &Message) -> io::Result<Message> {
    let mut buf = [0; ANSWER as usize];
    loop {
        let received = socket.recv_msg(&mut buf).await?;
        if received.truncated {
            continue;
        }
        if let Ok(response) = read_response(&buf[..received.len]) {
            let answers = response.message_type() == MessageType::Response
                && response.id() == question.id()
                && response.queries() == question.queries();
            if answers {
                return Ok(response);
            }
        }
    }
}

async fn ask_by_tcp(server: SocketAddr, question: &[u8]) -> io::Result<Message> {
    let mut stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let length = (question.len() as u16).to_be_bytes();
    stream.write_all(&[&length[..], question].concat()).await?;
    let mut length = [0; 2];
    stream.read_exact(&mut length).await?;
    let mut bytes = vec![0; u16::from_be_bytes(length).into()];
    stream.read_exact(&mut bytes).await?;
    read_response(&bytes)
}

fn late(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, error)
}

/// A number that nobody guesses: hash maps have keys like that.
fn random() -> u16 {
    RandomState::new().build_hasher().finish() as u16
}
