//! The end of a stream is never lost.

use std::io::{self, Write};
use std::net::Shutdown;

use futures::AsyncReadExt;

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_short_read_and_the_end_in_one_event_deliver_both,
    data_and_end_that_came_before_the_first_read_are_both_read,
    an_end_that_comes_later_wakes_the_reader,
    a_read_of_exactly_what_there_is_waits_for_more,
);

fn a_short_read_and_the_end_in_one_event_deliver_both() -> io::Result<()> {
    run(async {
        let (mut stream, mut peer) = common::half_pair().await?;
        // Pending first, so that data and end arrive as one edge.
        let mut buf = [0; 64];
        let mut read = Box::pin(stream.read(&mut buf));
        assert!(common::stays_pending(&mut read).await?);
        peer.write_all(b"last words")?;
        peer.shutdown(Shutdown::Write)?;
        assert_eq!(read.await?, 10);
        for _ in 0..3 {
            assert_eq!(stream.read(&mut buf).await?, 0);
        }
        Ok(())
    })
}

fn data_and_end_that_came_before_the_first_read_are_both_read() -> io::Result<()> {
    run(async {
        let (mut stream, mut peer) = common::half_pair().await?;
        peer.write_all(b"early")?;
        drop(peer);
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        assert_eq!(text, "early");
        Ok(())
    })
}

fn an_end_that_comes_later_wakes_the_reader() -> io::Result<()> {
    run(async {
        let (mut stream, mut peer) = common::half_pair().await?;
        peer.write_all(b"abc")?;
        let mut buf = [0; 64];
        assert_eq!(stream.read(&mut buf).await?, 3);
        let mut read = Box::pin(stream.read(&mut buf));
        assert!(common::stays_pending(&mut read).await?);
        drop(peer);
        assert_eq!(read.await?, 0);
        Ok(())
    })
}

fn a_read_of_exactly_what_there_is_waits_for_more() -> io::Result<()> {
    run(async {
        let (mut stream, mut peer) = common::half_pair().await?;
        for _ in 0..5 {
            peer.write_all(b"full")?;
            let mut buf = [0; 4];
            assert_eq!(stream.read(&mut buf).await?, 4);
            let mut read = Box::pin(stream.read(&mut buf));
            assert!(common::stays_pending(&mut read).await?);
        }
        Ok(())
    })
}
