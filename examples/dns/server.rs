//! The server: UDP in batches, and a task for each connection of TCP.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::udp::{RecvBatch, SendBatch};
use runtime::net::{TcpListener, TcpStream, UdpSocket};
use runtime::time::timeout;

use crate::answer::{Way, answer};
use crate::zone::Zone;

/// Bytes of the longest question.
const QUESTION: usize = 4096;

/// How long a client of TCP may be silent (RFC 7766 asks for a few seconds).
const SILENCE: Duration = Duration::from_secs(10);

pub(crate) struct Server {
    udp: UdpSocket,
    tcp: TcpListener,
    zone: Rc<Zone>,
}

impl Server {
    /// Takes one port for both ways.
    pub(crate) async fn bind(address: SocketAddr) -> io::Result<Server> {
        let mut attempts = 0;
        loop {
            let udp = UdpSocket::bind(address).await?;
            attempts += 1;
            match TcpListener::bind(udp.local_addr()?).await {
                Ok(tcp) => return Ok(Server { udp, tcp, zone: Rc::new(Zone::new()) }),
                // The system chose the port with only UDP in mind.
                Err(_) if address.port() == 0 && attempts < 10 => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.udp.local_addr()
    }

    /// Answers for ever.
    pub(crate) async fn run(self) -> io::Result<()> {
        let Server { udp, tcp, zone } = self;
        futures::try_join!(serve_udp(&udp, &zone), serve_tcp(&tcp, &zone)).map(drop)
    }
}

async fn serve_udp(socket: &UdpSocket, zone: &Zone) -> io::Result<()> {
    let (mut questions, mut answers) = (RecvBatch::new(32, QUESTION), SendBatch::new());
    loop {
        socket.recv_batch(&mut questions).await?;
        for question in &questions {
            if question.truncated {
                continue;
            }
            if let Some(bytes) = answer(zone, question.data, question.addr.ip(), Way::Udp) {
                answers.push_to(&bytes, question.addr);
            }
        }
        while let Err(error) = socket.send_batch(&mut answers).await {
            eprintln!("an answer could not be sent: {error}");
        }
    }
}

async fn serve_tcp(listener: &TcpListener, zone: &Rc<Zone>) -> io::Result<()> {
    loop {
        let (stream, peer) = listener.accept().await?;
        let zone = zone.clone();
        runtime::spawn(async move {
            // Who has asked enough leaves, and some forget to say so.
            let _ = converse(stream, peer.ip(), &zone).await;
        });
    }
}

/// Answers one question after the other, each with its length before it (RFC 1035, section 4.2.2).
async fn converse(mut stream: TcpStream, asker: IpAddr, zone: &Zone) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut question = Vec::new();
    loop {
        let mut length = [0; 2];
        timeout(SILENCE, stream.read_exact(&mut length)).await.map_err(io::Error::other)??;
        question.resize(u16::from_be_bytes(length).into(), 0);
        timeout(SILENCE, stream.read_exact(&mut question)).await.map_err(io::Error::other)??;
        let Some(bytes) = answer(zone, &question, asker, Way::Tcp) else { return Ok(()) };
        let Ok(length) = u16::try_from(bytes.len()) else { return Ok(()) };
        let message = [&length.to_be_bytes()[..], &bytes].concat();
        stream.write_all(&message).await?;
    }
}
