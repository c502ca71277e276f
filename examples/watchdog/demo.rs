//! Two clients, with blocking sockets: one asks for little, one for much.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// A client with a name.
struct Client {
    name: &'static str,
    stream: BufReader<TcpStream>,
}

impl Client {
    fn connect(name: &'static str, address: SocketAddr) -> io::Result<Client> {
        Ok(Client { name, stream: BufReader::new(TcpStream::connect(address)?) })
    }

    fn ask(&mut self, request: &str) -> io::Result<()> {
        writeln!(self.stream.get_ref(), "{request}")
    }

    /// Waits for the answer, and prints how long that took.
    fn hear(&mut self, asked: Instant) -> io::Result<()> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let took = asked.elapsed();
        let late = if took > Duration::from_millis(100) { ", late" } else { "" };
        println!("{} hears: {}{late}", self.name, line.trim_end());
        Ok(())
    }
}

/// Has the clients talk to the server.
pub(crate) fn run(address: SocketAddr) -> io::Result<()> {
    let mut modest = Client::connect("ann", address)?;
    let mut greedy = Client::connect("bob", address)?;
    for greed in [false, true, false] {
        let asked = Instant::now();
        if greed {
            greedy.ask("digest something")?;
        }
        modest.ask("ping")?;
        modest.hear(asked)?;
        if greed {
            greedy.hear(asked)?;
        }
    }
    Ok(())
}
