//! Clients with different manners, on a thread of their own and with blocking sockets.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Longer than the one who works takes, and no match for the one who sulks.
pub(crate) const GRACE: Duration = Duration::from_millis(500);

/// A client with a name.
struct Client {
    name: &'static str,
    stream: BufReader<TcpStream>,
}

impl Client {
    fn connect(name: &'static str, address: SocketAddr) -> io::Result<Client> {
        Ok(Client { name, stream: BufReader::new(TcpStream::connect(address)?) })
    }

    fn say(&mut self, order: &str) -> io::Result<()> {
        println!("{}: {order}", self.name);
        writeln!(self.stream.get_ref(), "{order}")
    }

    /// Prints the next line of the server, or how the connection has ended; tells whether there was a line.
    fn hear(&mut self) -> bool {
        let mut line = String::new();
        match self.stream.read_line(&mut line) {
            Ok(0) => println!("{} hears that this is the end", self.name),
            Ok(_) => println!("{} hears: {}", self.name, line.trim_end()),
            Err(error) => println!("{} hears nothing more: {}", self.name, error.kind()),
        }
        line.ends_with('\n')
    }
}

/// Has the clients talk to the server at `address` until it ends.
pub(crate) fn start(address: SocketAddr) -> JoinHandle<io::Result<()>> {
    thread::spawn(move || {
        let mut polite = Client::connect("ann", address)?;
        polite.say("hello")?;
        polite.hear();

        let mut busy = Client::connect("bob", address)?;
        busy.say("work 200")?;
        busy.hear();

        let mut stubborn = Client::connect("cal", address)?;
        stubborn.say("sulk")?;
        stubborn.hear();

        let mut chief = Client::connect("dot", address)?;
        chief.say("stop")?;
        for mut client in [chief, polite, busy, stubborn] {
            while client.hear() {}
        }
        Ok(())
    })
}
