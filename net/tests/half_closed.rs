//! A peer that has stopped to send and does not read either must not keep the loop busy.

use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::net::Shutdown;
use std::pin::Pin;
use std::rc::Rc;

use futures::{AsyncReadExt, AsyncWrite};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_half_closed_peer_with_a_full_send_buffer_uses_no_cpu,
    waiting_for_readability_does_not_wake_for_room_to_write,
);

fn a_half_closed_peer_with_a_full_send_buffer_uses_no_cpu() -> io::Result<()> {
    run(async {
        let (server, client) = common::half_pair().await?;
        common::fill(&server).await?;
        client.shutdown(Shutdown::Write)?;
        assert_eq!((&server).read(&mut [0; 8]).await?, 0);

        let polls = Rc::new(Cell::new(0));
        let count = Rc::clone(&polls);
        let writer = runtime::spawn(async move {
            poll_fn(|cx| {
                count.set(count.get() + 1);
                Pin::new(&mut &server).poll_write(cx, &[0; 65536])
            })
            .await
        });
        // The kernel reports the half-closed socket as readable all the time; only edges may matter.
        common::round_trips(200).await?;
        assert!(!writer.is_finished());
        assert!(polls.get() <= 3, "polled {} times while nothing happened", polls.get());

        drop(client);
        writer.await.expect("no panic").expect_err("the peer is gone");
        Ok(())
    })
}

fn waiting_for_readability_does_not_wake_for_room_to_write() -> io::Result<()> {
    run(async {
        let (server, mut client) = common::half_pair().await?;
        let polls = Rc::new(Cell::new(0));
        let count = Rc::clone(&polls);
        let reader = runtime::spawn(async move {
            poll_fn(|cx| {
                count.set(count.get() + 1);
                futures::AsyncRead::poll_read(Pin::new(&mut &server), cx, &mut [0; 8])
            })
            .await
        });
        common::round_trips(50).await?;
        assert!(polls.get() <= 2, "polled {} times while nothing happened", polls.get());
        io::Write::write_all(&mut client, b"now")?;
        assert_eq!(reader.await.expect("no panic")?, 3);
        Ok(())
    })
}
