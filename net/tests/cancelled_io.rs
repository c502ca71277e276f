//! Reads and writes that nobody waits for any more: no byte is lost, none is sent twice.

use std::io;

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::task::AbortOnDropHandle;

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_cancelled_read_takes_no_byte,
    a_read_that_was_cancelled_when_its_data_came_takes_no_byte,
    a_cancelled_write_has_written_nothing,
    an_aborted_task_closes_its_connection,
    another_task_can_wait_after_a_cancelled_one,
);

fn a_cancelled_read_takes_no_byte() -> io::Result<()> {
    run(async {
        let (mut client, mut server) = common::pair().await?;
        for round in 0..20_u8 {
            let mut lost = [0; 8];
            let mut read = Box::pin(client.read(&mut lost));
            assert!(common::stays_pending(&mut read).await?);
            drop(read);
            server.write_all(&[round; 3]).await?;
            let mut kept = [0; 3];
            client.read_exact(&mut kept).await?;
            assert_eq!((kept, lost), ([round; 3], [0; 8]));
        }
        Ok(())
    })
}

fn a_read_that_was_cancelled_when_its_data_came_takes_no_byte() -> io::Result<()> {
    run(async {
        let (mut client, mut server) = common::pair().await?;
        for round in 0..20_u8 {
            let mut lost = [0; 8];
            let mut read = Box::pin(client.read(&mut lost));
            assert!(common::stays_pending(&mut read).await?);
            // The wake is on its way when the read goes.
            server.write_all(&[round; 3]).await?;
            common::round_trips(2).await?;
            drop(read);
            let mut kept = [0; 3];
            client.read_exact(&mut kept).await?;
            assert_eq!((kept, lost), ([round; 3], [0; 8]));
        }
        Ok(())
    })
}

fn a_cancelled_write_has_written_nothing() -> io::Result<()> {
    run(async {
        let (mut client, mut server) = common::pair().await?;
        let filled = common::fill(&client).await?;
        let mut write = Box::pin(client.write(&[7; 65536]));
        assert!(common::stays_pending(&mut write).await?);
        drop(write);
        client.close().await?;
        let mut received = Vec::new();
        server.read_to_end(&mut received).await?;
        assert_eq!(received.len(), filled);
        assert!(received.iter().all(|&byte| byte == 0));
        Ok(())
    })
}

fn an_aborted_task_closes_its_connection() -> io::Result<()> {
    run(async {
        let (client, mut server) = common::pair().await?;
        let task = AbortOnDropHandle::new(runtime::spawn(async move {
            let mut client = client;
            client.read(&mut [0; 8]).await
        }));
        common::round_trips(2).await?;
        drop(task);
        assert_eq!(server.read(&mut [0; 8]).await?, 0);
        Ok(())
    })
}

fn another_task_can_wait_after_a_cancelled_one() -> io::Result<()> {
    run(async {
        let (client, mut server) = common::pair().await?;
        let client = std::rc::Rc::new(client);
        let waiter = |times: usize| {
            let client = client.clone();
            runtime::spawn(async move {
                let mut buf = [0; 1];
                for _ in 0..times {
                    (&*client).read_exact(&mut buf).await?;
                }
                Ok::<_, io::Error>(buf)
            })
        };
        let first = waiter(1);
        common::round_trips(2).await?;
        first.abort();
        assert!(first.await.expect_err("aborted").is_cancelled());
        let second = waiter(1);
        common::round_trips(2).await?;
        server.write_all(b"x").await?;
        assert_eq!(second.await.expect("no panic")?, *b"x");
        Ok(())
    })
}
