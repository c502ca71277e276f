//! Calls that do not wait, and the readiness they leave behind.

use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::pin::pin;

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::reactor::Interest;

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    try_read_would_block_and_then_reads,
    readable_waits_again_after_would_block,
    a_would_block_from_try_io_makes_readable_wait,
    async_io_waits_until_the_operation_is_content,
    ready_tells_the_directions_apart,
    a_full_send_buffer_makes_writable_wait_for_room,
);

fn try_read_would_block_and_then_reads() -> io::Result<()> {
    run(async {
        let (client, server) = common::pair().await?;
        let mut buf = [0; 8];
        assert_eq!(server.try_read(&mut buf).expect_err("nothing").kind(), ErrorKind::WouldBlock);
        assert_eq!(client.try_write(b"ab")?, 2);
        server.readable().await?;
        assert_eq!(server.try_read(&mut buf)?, 2);

        assert_eq!(client.try_write_vectored(&[IoSlice::new(b"c"), IoSlice::new(b"d")])?, 2);
        server.readable().await?;
        assert_eq!(server.try_read_vectored(&mut [IoSliceMut::new(&mut buf)])?, 2);
        assert_eq!(&buf[..2], b"cd");
        Ok(())
    })
}

fn readable_waits_again_after_would_block() -> io::Result<()> {
    run(async {
        let (mut client, server) = common::pair().await?;
        for _ in 0..3 {
            let mut readable = Box::pin(server.readable());
            assert!(common::stays_pending(&mut readable).await?);
            client.write_all(b"x").await?;
            readable.await?;
            assert_eq!(server.try_read(&mut [0; 8])?, 1);
            assert!(server.try_read(&mut [0; 8]).is_err());
        }
        Ok(())
    })
}

fn a_would_block_from_try_io_makes_readable_wait() -> io::Result<()> {
    run(async {
        let (mut client, mut server) = common::pair().await?;
        client.write_all(b"x").await?;
        server.readable().await?;
        // Reads what there is, behind the back of the reactor.
        let socket = socket2::SockRef::from(&server);
        let receive = || io::Read::read(&mut &*socket, &mut [0; 1]);
        assert_eq!(receive()?, 1);
        let refused = server.try_io(Interest::READABLE, receive);
        assert_eq!(refused.expect_err("nothing is left").kind(), ErrorKind::WouldBlock);
        let mut readable = Box::pin(server.readable());
        assert!(common::stays_pending(&mut readable).await?);
        client.write_all(b"y").await?;
        readable.await?;
        let mut buf = [0; 1];
        server.read_exact(&mut buf).await?;
        assert_eq!(&buf, b"y");
        Ok(())
    })
}

fn async_io_waits_until_the_operation_is_content() -> io::Result<()> {
    run(async {
        let (mut client, server) = common::pair().await?;
        let mut whole = pin!(server.async_io(Interest::READABLE, || {
            let mut buf = [0; 4];
            // `try_peek` would look at readiness first; ask the socket itself.
            let socket = socket2::SockRef::from(&server);
            let got = io::Read::read(&mut &*socket, &mut buf)?;
            Ok(got)
        }));
        assert!(common::stays_pending(&mut whole).await?);
        client.write_all(b"four").await?;
        assert_eq!(whole.await?, 4);
        Ok(())
    })
}

fn ready_tells_the_directions_apart() -> io::Result<()> {
    run(async {
        let (mut client, server) = common::pair().await?;
        let both = Interest::READABLE | Interest::WRITABLE;
        let ready = server.ready(both).await?;
        assert!(ready.is_writable() && !ready.is_readable());
        client.write_all(b"x").await?;
        assert!(server.ready(Interest::READABLE).await?.is_readable());
        drop(client);
        server.try_read(&mut [0; 8])?;
        let ready = server.ready(Interest::READABLE).await?;
        assert!(ready.is_read_closed());
        assert_eq!(server.try_read(&mut [0; 8])?, 0);
        Ok(())
    })
}

fn a_full_send_buffer_makes_writable_wait_for_room() -> io::Result<()> {
    run(async {
        let (client, mut server) = common::pair().await?;
        let mut left = common::fill(&client).await?;
        let mut writable = Box::pin(client.writable());
        assert!(common::stays_pending(&mut writable).await?);
        let mut buf = vec![0; 1 << 20];
        while left > 0 {
            left -= server.read(&mut buf).await?;
        }
        writable.await?;
        assert_eq!(client.try_write(b"room")?, 4);
        Ok(())
    })
}
