//! Peeking takes nothing away and never loses an edge.

use std::io;

use futures::{AsyncReadExt, AsyncWriteExt};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    peeked_bytes_are_read_again,
    a_peek_that_waits_is_woken_by_every_new_message,
    peek_sees_the_end_of_the_stream_again_and_again,
);

fn peeked_bytes_are_read_again() -> io::Result<()> {
    run(async {
        let (mut client, mut server) = common::pair().await?;
        client.write_all(b"hello").await?;
        let mut buf = [0; 16];
        assert_eq!(server.peek(&mut buf).await?, 5);
        assert_eq!(server.peek(&mut buf[..2]).await?, 2);
        assert_eq!(server.try_peek(&mut buf)?, 5);
        assert_eq!(server.read(&mut buf).await?, 5);
        assert_eq!(&buf[..5], b"hello");
        Ok(())
    })
}

fn a_peek_that_waits_is_woken_by_every_new_message() -> io::Result<()> {
    run(async {
        let (mut client, mut server) = common::pair().await?;
        for n in 0..10_u8 {
            let mut buf = [0; 4];
            let mut peek = Box::pin(server.peek(&mut buf));
            assert!(common::stays_pending(&mut peek).await?);
            client.write_all(&[n]).await?;
            assert_eq!(peek.await?, 1);
            assert_eq!(server.read(&mut buf).await?, 1);
            assert_eq!(buf[0], n);
        }
        Ok(())
    })
}

fn peek_sees_the_end_of_the_stream_again_and_again() -> io::Result<()> {
    run(async {
        let (client, mut server) = common::pair().await?;
        drop(client);
        assert_eq!(server.peek(&mut [0; 4]).await?, 0);
        assert_eq!(server.peek(&mut [0; 4]).await?, 0);
        assert_eq!(server.read(&mut [0; 4]).await?, 0);
        Ok(())
    })
}
