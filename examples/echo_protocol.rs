//! An echo server by callbacks: a protocol with a buffer of its own for each connection.
//!
//! ```text
//! cargo run --release --example echo_protocol                     on a free port
//! cargo run --release --example echo_protocol -- 127.0.0.1:7000   on this address
//! cargo run --release --example echo -- --connect ADDR            a load for it
//! ```

use std::io;

use runtime::net::protocol::{BufferedProtocol, Transport, create_server};

/// Sends back what arrives, as fast as the peer takes it.
struct Echo {
    transport: Option<Transport>,
    buffer: Box<[u8]>,
}

impl Echo {
    fn new() -> Echo {
        Echo { transport: None, buffer: vec![0; 16 * 1024].into_boxed_slice() }
    }
}

impl BufferedProtocol for Echo {
    fn connection_made(&mut self, transport: Transport) {
        self.transport = Some(transport);
    }

    fn get_buffer(&mut self, _size_hint: usize) -> &mut [u8] {
        &mut self.buffer
    }

    fn buffer_updated(&mut self, count: usize) {
        if let Some(transport) = &self.transport {
            transport.write(&self.buffer[..count]);
        }
    }

    // A peer that sends and does not read is not listened to until it does.
    fn pause_writing(&mut self) {
        if let Some(transport) = &self.transport {
            transport.pause_reading();
        }
    }

    fn resume_writing(&mut self) {
        if let Some(transport) = &self.transport {
            transport.resume_reading();
        }
    }

    fn connection_lost(&mut self, error: Option<io::Error>) {
        if let Some(error) = error {
            eprintln!("a connection failed: {error}");
        }
    }
}

fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned());
    runtime::run(async {
        let server = create_server(Echo::new, address).await?;
        println!("echo server on {}", server.local_addrs()[0]);
        server.serve_forever().await
    })
}
