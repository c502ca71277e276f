//! Reads and writes of no bytes at all wait for nothing and hide nothing.

use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt, FutureExt};
use runtime::net::TcpStream;

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    empty_operations_do_not_wait_for_a_silent_peer,
    empty_operations_do_not_wait_for_a_peer_that_does_not_read,
    empty_operations_leave_data_end_and_error_alone,
);

/// Does nothing in every way there is.
fn nothing(stream: &mut TcpStream) -> io::Result<()> {
    let at_once = "an empty operation does not wait";
    assert_eq!(stream.read(&mut []).now_or_never().expect(at_once)?, 0);
    let bufs = &mut [IoSliceMut::new(&mut []), IoSliceMut::new(&mut [])];
    assert_eq!(stream.read_vectored(bufs).now_or_never().expect(at_once)?, 0);
    assert_eq!(stream.peek(&mut []).now_or_never().expect(at_once)?, 0);
    assert_eq!(stream.write(&[]).now_or_never().expect(at_once)?, 0);
    let bufs = &[IoSlice::new(&[]), IoSlice::new(&[])];
    assert_eq!(stream.write_vectored(bufs).now_or_never().expect(at_once)?, 0);
    assert_eq!(stream.try_read(&mut [])?, 0);
    assert_eq!(stream.try_peek(&mut [])?, 0);
    assert_eq!(stream.try_write(&[])?, 0);
    assert_eq!(stream.try_write_vectored(&[])?, 0);
    Ok(())
}

fn empty_operations_do_not_wait_for_a_silent_peer() -> io::Result<()> {
    run(async {
        let (mut client, _server) = common::pair().await?;
        nothing(&mut client)?;
        // Also once it is known that there is nothing to read.
        assert!(client.read(&mut [0; 1]).now_or_never().is_none());
        nothing(&mut client)
    })
}

fn empty_operations_do_not_wait_for_a_peer_that_does_not_read() -> io::Result<()> {
    run(async {
        let (mut client, mut server) = common::pair().await?;
        let filled = common::fill(&client).await?;
        assert!(client.write(b"more").now_or_never().is_none());
        nothing(&mut client)?;
        client.close().await?;
        assert_eq!(server.read_to_end(&mut Vec::new()).await?, filled);
        Ok(())
    })
}

fn empty_operations_leave_data_end_and_error_alone() -> io::Result<()> {
    run(async {
        let (mut client, mut server) = common::pair().await?;
        server.write_all(b"abc").await?;
        client.readable().await?;
        nothing(&mut client)?;
        client.read_exact(&mut [0; 3]).await?;

        server.close().await?;
        nothing(&mut client)?;
        assert_eq!(client.read(&mut [0; 8]).await?, 0);

        let (mut client, server) = common::pair().await?;
        server.set_linger(Some(Duration::ZERO))?;
        drop(server);
        nothing(&mut client)?;
        let error = client.read(&mut [0; 8]).await.expect_err("reset");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        Ok(())
    })
}
