//! A peer that resets the connection.

use std::io::{self, ErrorKind};
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::TcpStream;

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_reset_wakes_a_waiting_reader_with_an_error,
    a_reset_wakes_a_waiting_writer_with_an_error,
    a_connection_reset_before_it_was_accepted_disturbs_nobody,
);

/// Resets the connection: unsent data is thrown away and the other end hears of it.
fn reset(stream: TcpStream) -> io::Result<()> {
    stream.set_linger(Some(Duration::ZERO))
}

fn a_reset_wakes_a_waiting_reader_with_an_error() -> io::Result<()> {
    run(async {
        let (client, mut server) = common::pair().await?;
        let mut read = Box::pin(async move { server.read(&mut [0; 8]).await });
        assert!(common::stays_pending(&mut read).await?);
        reset(client)?;
        assert_eq!(read.await.expect_err("reset").kind(), ErrorKind::ConnectionReset);
        Ok(())
    })
}

fn a_reset_wakes_a_waiting_writer_with_an_error() -> io::Result<()> {
    run(async {
        let (client, mut server) = common::pair().await?;
        common::fill(&server).await?;
        let mut write = Box::pin(async move {
            let error = server.write(&[0; 65536]).await.expect_err("reset");
            (error.kind(), server)
        });
        assert!(common::stays_pending(&mut write).await?);
        reset(client)?;
        let (kind, mut server) = write.await;
        assert_eq!(kind, ErrorKind::ConnectionReset);

        // Later writes fail without a signal, and closing is no error.
        let error = server.write(b"more").await.expect_err("gone");
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        server.close().await
    })
}

fn a_connection_reset_before_it_was_accepted_disturbs_nobody() -> io::Result<()> {
    run(async {
        let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        reset(TcpStream::connect(address).await?)?;
        let client = TcpStream::connect(address).await?;
        loop {
            // Linux still hands out the dead connection; others skip it.
            let (mut stream, peer) = listener.accept().await?;
            if peer == client.local_addr()? {
                return Ok(());
            }
            assert!(stream.read(&mut [0; 8]).await.is_err());
        }
    })
}
