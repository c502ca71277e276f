//! An end that the peer has announced is an end, any other is an error.

#![cfg(feature = "tls")]

use std::io::{self, ErrorKind};

use futures::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, future};
use runtime::net::tls::TlsConnector;
use runtime::net::tls::rustls::version::{TLS12, TLS13};

mod common;
#[path = "common/tls.rs"]
mod tls;

use common::selectors::{self, on_each_selector, run};
use tls::{Authority, Tls};

on_each_selector!(
    an_end_that_is_announced_reads_as_nothing,
    an_end_that_is_not_announced_is_an_error_each_time,
    a_record_that_is_cut_off_is_an_error,
    what_came_before_a_cut_is_read_first,
    a_forged_record_is_an_error,
    a_stream_that_is_closed_still_reads,
    a_stream_that_is_closed_writes_no_more,
    closing_twice_is_closing_once,
    a_shutdown_waits_for_the_end_of_the_peer,
    a_shutdown_throws_away_what_still_comes,
    a_shutdown_is_content_with_a_peer_that_just_goes,
    the_stream_below_can_be_had,
);

async fn each_version() -> io::Result<Vec<(Tls, Tls)>> {
    let authority = Authority::new();
    let mut pairs = Vec::new();
    for version in [&TLS12, &TLS13] {
        let connector = TlsConnector::builder().root_pem(authority.pem());
        let connector = connector.protocol_versions(&[version]).build()?;
        let (client, server) = tls::pair_of(&connector, &authority.acceptor()).await?;
        pairs.push((client, server));
    }
    // Both roles, as each of them has to write and to read ends.
    let turned: Vec<_> = each_role(&authority).await?;
    pairs.extend(turned);
    Ok(pairs)
}

/// The same with the server's end first.
async fn each_role(authority: &Authority) -> io::Result<Vec<(Tls, Tls)>> {
    let (client, server) = tls::pair_of(&authority.connector(), &authority.acceptor()).await?;
    Ok(vec![(server, client)])
}

fn an_end_that_is_announced_reads_as_nothing() -> io::Result<()> {
    run(async {
        for (mut reader, mut writer) in each_version().await? {
            writer.write_all(b"all of it").await?;
            writer.close().await?;
            drop(writer);
            let mut text = String::new();
            reader.read_to_string(&mut text).await?;
            assert_eq!(text, "all of it");
            assert_eq!(reader.read(&mut [0]).await?, 0);
            assert!(reader.fill_buf().await?.is_empty());
        }
        Ok(())
    })
}

fn an_end_that_is_not_announced_is_an_error_each_time() -> io::Result<()> {
    run(async {
        for (mut reader, mut writer) in each_version().await? {
            writer.flush().await?;
            // The stream below ends in good order, TLS does not.
            writer.get_mut().close().await?;
            for _ in 0..3 {
                let error = reader.read(&mut [0]).await.expect_err("it was cut off");
                assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
                assert!(error.to_string().contains("close_notify"), "{error}");
                let error = reader.fill_buf().await.expect_err("it was cut off");
                assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
            }
        }
        Ok(())
    })
}

fn a_record_that_is_cut_off_is_an_error() -> io::Result<()> {
    run(async {
        for (mut reader, mut writer) in each_version().await? {
            // The header of a record with application data, and 3 bytes of its 100.
            writer.get_mut().write_all(&[23, 3, 3, 0, 100, 1, 2, 3]).await?;
            writer.get_mut().close().await?;
            let error = reader.read(&mut [0]).await.expect_err("it was cut off");
            assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
        }
        Ok(())
    })
}

fn what_came_before_a_cut_is_read_first() -> io::Result<()> {
    run(async {
        for (mut reader, mut writer) in each_version().await? {
            writer.write_all(&[b'x'; 50_000]).await?;
            writer.flush().await?;
            writer.get_mut().close().await?;
            let mut bytes = Vec::new();
            let error = reader.read_to_end(&mut bytes).await.expect_err("it was cut off");
            assert_eq!((error.kind(), bytes.len()), (ErrorKind::UnexpectedEof, 50_000));
        }
        Ok(())
    })
}

fn a_forged_record_is_an_error() -> io::Result<()> {
    run(async {
        for (mut reader, mut writer) in each_version().await? {
            let mut record = vec![23, 3, 3, 0, 100];
            record.resize(105, b'x');
            writer.get_mut().write_all(&record).await?;
            let error = reader.read(&mut [0]).await.expect_err("nobody has encrypted that");
            assert_eq!(error.kind(), ErrorKind::InvalidData);
            // The peer is told, and neither end goes on.
            let error = writer.read(&mut [0]).await.expect_err("it has been refused");
            assert_eq!(error.kind(), ErrorKind::InvalidData);
            reader.read(&mut [0]).await.expect_err("it stays broken");
        }
        Ok(())
    })
}

fn a_stream_that_is_closed_still_reads() -> io::Result<()> {
    run(async {
        for (mut asker, mut answerer) in each_version().await? {
            asker.write_all(b"how much?").await?;
            asker.close().await?;
            let mut question = String::new();
            answerer.read_to_string(&mut question).await?;
            assert_eq!(question, "how much?");
            answerer.write_all(&[b'a'; 300_000]).await?;
            answerer.close().await?;
            let mut answer = Vec::new();
            asker.read_to_end(&mut answer).await?;
            assert_eq!(answer.len(), 300_000);
        }
        Ok(())
    })
}

fn a_stream_that_is_closed_writes_no_more() -> io::Result<()> {
    run(async {
        for (mut writer, mut reader) in each_version().await? {
            writer.close().await?;
            let error = writer.write(b"more").await.expect_err("it is closed");
            assert_eq!(error.kind(), ErrorKind::BrokenPipe);
            let more = [io::IoSlice::new(b"more")];
            let error = writer.write_vectored(&more).await.expect_err("it is closed");
            assert_eq!(error.kind(), ErrorKind::BrokenPipe);
            writer.flush().await?;
            assert_eq!(reader.read(&mut [0]).await?, 0);
        }
        Ok(())
    })
}

fn closing_twice_is_closing_once() -> io::Result<()> {
    run(async {
        for (mut writer, mut reader) in each_version().await? {
            writer.close().await?;
            writer.close().await?;
            reader.close().await?;
            writer.shutdown().await?;
            writer.close().await?;
            assert_eq!(writer.read(&mut [0]).await?, 0);
        }
        Ok(())
    })
}

fn a_shutdown_waits_for_the_end_of_the_peer() -> io::Result<()> {
    run(async {
        for (mut first, mut second) in each_version().await? {
            {
                let mut ending = Box::pin(first.shutdown());
                assert!(common::stays_pending(&mut ending).await?);
                // It is announced all the same.
                assert_eq!(second.read(&mut [0]).await?, 0);
            }
            // Begun anew, and from both sides at once.
            future::try_join(first.shutdown(), second.shutdown()).await?;
        }
        Ok(())
    })
}

fn a_shutdown_throws_away_what_still_comes() -> io::Result<()> {
    run(async {
        for (mut first, mut second) in each_version().await? {
            let talk = async {
                second.write_all(&[b'x'; 3_000_000]).await?;
                second.close().await
            };
            future::try_join(first.shutdown(), talk).await?;
        }
        Ok(())
    })
}

fn a_shutdown_is_content_with_a_peer_that_just_goes() -> io::Result<()> {
    run(async {
        for (mut first, mut second) in each_version().await? {
            second.get_mut().close().await?;
            first.shutdown().await?;
        }
        Ok(())
    })
}

fn the_stream_below_can_be_had() -> io::Result<()> {
    run(async {
        for (first, second) in each_version().await? {
            assert_eq!(first.get_ref().local_addr()?, second.get_ref().peer_addr()?);
            // Both have read all that TLS has sent, and may go back to plain text.
            let (mut first, mut second) = (first, second);
            future::try_join(first.flush(), second.flush()).await?;
            let mut first = first.into_inner();
            first.write_all(b"plain").await?;
            first.close().await?;
            let mut rest = Vec::new();
            second.into_inner().read_to_end(&mut rest).await?;
            // In TLS 1.3 the tickets of the server may come before.
            assert!(rest.ends_with(b"plain"));
        }
        Ok(())
    })
}
