//! Halves of streams.

use std::io;

use futures::{AsyncReadExt, AsyncWriteExt, future};
use runtime::net::TcpStream;

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    borrowed_halves_work_at_the_same_time,
    owned_halves_work_in_two_tasks,
    dropping_the_owned_write_half_ends_the_peers_stream_only,
    dropping_the_owned_read_half_shuts_nothing_down,
    a_forgotten_write_half_leaves_the_stream_open,
    reunited_halves_are_the_stream_again,
    halves_of_two_streams_are_given_back,
);

fn borrowed_halves_work_at_the_same_time() -> io::Result<()> {
    run(async {
        let (mut client, mut server) = common::pair().await?;
        {
            let (mut reader, mut writer) = TcpStream::split(&mut client);
            let (mut others_reader, mut others_writer) = TcpStream::split(&mut server);
            let (mut first, mut second) = ([0; 3], [0; 3]);
            future::try_join4(
                reader.read_exact(&mut first),
                others_reader.read_exact(&mut second),
                writer.write_all(b"abc"),
                others_writer.write_all(b"xyz"),
            )
            .await?;
            assert_eq!((&first, &second), (b"xyz", b"abc"));
            assert_eq!(reader.peer_addr()?, others_writer.local_addr()?);
        }
        // Dropping borrowed halves shuts nothing down.
        client.write_all(b"more").await?;
        server.read_exact(&mut [0; 4]).await?;
        Ok(())
    })
}

fn owned_halves_work_in_two_tasks() -> io::Result<()> {
    run(async {
        let (client, server) = common::pair().await?;
        runtime::spawn(async move { futures::io::copy(&server, &mut &server).await });
        let (mut reader, mut writer) = client.into_split();
        let sending = runtime::spawn(async move {
            for _ in 0..1000 {
                writer.write_all(&[5; 1000]).await?;
            }
            Ok::<_, io::Error>(())
        });
        let mut received = Vec::new();
        reader.read_to_end(&mut received).await?;
        assert_eq!(received.len(), 1_000_000);
        sending.await.expect("no panic")
    })
}

fn dropping_the_owned_write_half_ends_the_peers_stream_only() -> io::Result<()> {
    run(async {
        let (client, mut server) = common::pair().await?;
        let (mut reader, mut writer) = client.into_split();
        writer.write_all(b"end").await?;
        drop(writer);
        let mut text = String::new();
        server.read_to_string(&mut text).await?;
        assert_eq!(text, "end");
        server.write_all(b"answer").await?;
        let mut answer = [0; 6];
        reader.read_exact(&mut answer).await?;
        assert_eq!(&answer, b"answer");
        Ok(())
    })
}

fn dropping_the_owned_read_half_shuts_nothing_down() -> io::Result<()> {
    run(async {
        let (client, mut server) = common::pair().await?;
        let (reader, mut writer) = client.into_split();
        drop(reader);
        server.write_all(b"unread").await?;
        writer.write_all(b"still here").await?;
        server.read_exact(&mut [0; 10]).await?;
        Ok(())
    })
}

fn a_forgotten_write_half_leaves_the_stream_open() -> io::Result<()> {
    run(async {
        let (client, mut server) = common::pair().await?;
        let (reader, writer) = client.into_split();
        writer.forget();
        let mut end = Box::pin(async move { server.read(&mut [0; 4]).await });
        assert!(common::stays_pending(&mut end).await?);
        drop(reader);
        assert_eq!(end.await?, 0);
        Ok(())
    })
}

fn reunited_halves_are_the_stream_again() -> io::Result<()> {
    run(async {
        let (client, mut server) = common::pair().await?;
        let local = client.local_addr()?;
        let (reader, writer) = client.into_split();
        let mut client: TcpStream = reader.reunite(writer).expect("the same stream");
        assert_eq!(client.local_addr()?, local);
        client.write_all(b"whole").await?;
        server.read_exact(&mut [0; 5]).await?;
        let (reader, writer) = client.into_split();
        writer.reunite(reader).expect("the same stream");
        Ok(())
    })
}

fn halves_of_two_streams_are_given_back() -> io::Result<()> {
    run(async {
        let (client, server) = common::pair().await?;
        let (reader, writer) = client.into_split();
        let (others_reader, others_writer) = server.into_split();
        let error = reader.reunite(others_writer).expect_err("two streams");
        assert_eq!(error.to_string(), "the two halves are not of the same stream");
        let client = error.0.reunite(writer).expect("the same stream");
        let server = error.1.reunite(others_reader).expect("the same stream");
        assert_eq!(client.local_addr()?, server.peer_addr()?);
        Ok(())
    })
}
