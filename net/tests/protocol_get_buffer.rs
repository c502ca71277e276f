//! `get_buffer` is called before every read; what it asks of the transport is done also when there is nothing
//! to read.

use std::io;
use std::io::Read;

use runtime::net::protocol::{BufferedProtocol, Transport, create_connection};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    closing_in_get_buffer_closes,
    aborting_in_get_buffer_aborts,
    ending_the_writing_side_in_get_buffer_ends_it,
    what_get_buffer_writes_is_sent_when_there_is_room,
);

/// Does something once, in its second `get_buffer`.
struct Asking {
    transport: Option<Transport>,
    calls: usize,
    ask: fn(&Transport),
    buffer: [u8; 64],
}

impl BufferedProtocol for Asking {
    fn connection_made(&mut self, transport: Transport) {
        self.transport = Some(transport);
    }

    fn get_buffer(&mut self, _: usize) -> &mut [u8] {
        self.calls += 1;
        if let (1, Some(transport)) = (self.calls, &self.transport) {
            (self.ask)(transport);
        }
        &mut self.buffer
    }

    fn buffer_updated(&mut self, _: usize) {}
}

async fn connection(ask: fn(&Transport)) -> io::Result<std::net::TcpStream> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let factory = move || Asking { transport: None, calls: 0, ask, buffer: [0; 64] };
    create_connection(factory, listener.local_addr()?).await?;
    listener.accept().map(|(peer, _)| peer)
}

/// Reads all there is, on a thread that may wait.
async fn all(mut peer: std::net::TcpStream) -> io::Result<Vec<u8>> {
    let reading = runtime::spawn_blocking(move || {
        let mut bytes = Vec::new();
        peer.read_to_end(&mut bytes).map(|_| bytes)
    });
    reading.await.expect("no panic")
}

fn closing_in_get_buffer_closes() -> io::Result<()> {
    run(async {
        let peer = connection(Transport::close).await?;
        assert!(all(peer).await?.is_empty());
        Ok(())
    })
}

fn aborting_in_get_buffer_aborts() -> io::Result<()> {
    run(async {
        let peer = connection(Transport::abort).await?;
        assert!(all(peer).await?.is_empty());
        Ok(())
    })
}

fn ending_the_writing_side_in_get_buffer_ends_it() -> io::Result<()> {
    run(async {
        let peer = connection(Transport::write_eof).await?;
        assert!(all(peer).await?.is_empty());
        Ok(())
    })
}

fn what_get_buffer_writes_is_sent_when_there_is_room() -> io::Result<()> {
    const SIZE: usize = 16 << 20;
    run(async {
        let peer = connection(|transport| {
            transport.write(&vec![7; SIZE]);
            transport.write_eof();
        })
        .await?;
        assert_eq!(all(peer).await?.len(), SIZE);
        Ok(())
    })
}
