//! Crates that read and write by tokio's traits run on this loop, without tokio's runtime.

use std::error::Error;
use std::future::poll_fn;
use std::io::IoSlice;
use std::mem::MaybeUninit;
use std::pin::Pin;

use bytes::Bytes;
use futures::{SinkExt, StreamExt, future};
use http::{Request, Response};
use runtime::compat::tokio::Compat;
use runtime::net::TcpStream;
use runtime::net::tcp::{OwnedReadHalf, OwnedWriteHalf, ReadHalf, WriteHalf};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_util::codec::{Framed, FramedRead, FramedWrite, LengthDelimitedCodec, LinesCodec};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    frames_go_to_and_fro,
    halves_carry_frames_from_two_tasks,
    the_h2_crate_serves_and_asks,
    the_copy_of_tokio_moves_both_directions,
    shutting_down_ends_the_stream_of_the_peer,
    a_stream_is_read_and_written_through_references,
    several_buffers_go_out_at_once,
    memory_that_is_partly_initialized_is_read_into,
    a_stream_of_futures_io_is_one_of_tokio_s,
    a_stream_of_tokio_s_is_one_of_futures_io,
);

type Outcome = Result<(), Box<dyn Error>>;

fn frames_go_to_and_fro() -> Outcome {
    run(async {
        let (client, server) = common::pair().await?;
        let echo = runtime::spawn(async move {
            let (sink, stream) = Framed::new(server, LengthDelimitedCodec::new()).split();
            stream.map(|frame| frame.map(|frame| frame.freeze())).forward(sink).await
        });
        let mut client = Framed::new(client, LengthDelimitedCodec::new());
        for size in [0, 1, 100, 8192, 200_000] {
            let frame = Bytes::from(vec![size as u8; size]);
            client.send(frame.clone()).await?;
            let answer = client.next().await.ok_or("the stream ended")??;
            assert!(answer == frame, "{size} bytes");
        }
        SinkExt::<Bytes>::close(&mut client).await?;
        assert!(client.next().await.is_none());
        echo.await??;
        Ok(())
    })
}

fn halves_carry_frames_from_two_tasks() -> Outcome {
    run(async {
        let (client, server) = common::pair().await?;
        let (reader, writer) = client.into_split();
        let writing = runtime::spawn(async move {
            let mut lines = FramedWrite::new(writer, LinesCodec::new());
            for n in 0..100 {
                lines.send(format!("line {n}")).await?;
            }
            Ok::<_, tokio_util::codec::LinesCodecError>(())
        });
        let mut server = server;
        let (from, mut to) = TcpStream::split(&mut server);
        let mut from = tokio::io::BufReader::new(from);
        let echoing = tokio::io::copy_buf(&mut from, &mut to);
        let reading = FramedRead::new(reader, LinesCodec::new()).take(100).collect::<Vec<_>>();
        let (copied, lines) = future::join(echoing, reading).await;
        writing.await??;
        assert!(copied? > 600);
        for (n, line) in lines.into_iter().enumerate() {
            assert_eq!(line?, format!("line {n}"));
        }
        Ok(())
    })
}

fn the_h2_crate_serves_and_asks() -> Outcome {
    run(async {
        let (client, server) = common::pair().await?;
        runtime::spawn(async move {
            let mut connection = h2::server::handshake(server).await?;
            while let Some(accepted) = connection.accept().await {
                let (request, mut respond) = accepted?;
                let mut body = respond.send_response(Response::new(()), false)?;
                body.send_data(Bytes::from(request.uri().path().to_owned()), true)?;
            }
            Ok::<_, h2::Error>(())
        });
        let (requests, connection) = h2::client::handshake(client).await?;
        runtime::spawn(connection);
        let mut requests = requests.ready().await?;
        for path in ["/one", "/two"] {
            let request = Request::get(format!("http://localhost{path}")).body(())?;
            let (answer, _) = requests.send_request(request, true)?;
            let mut body = answer.await?.into_body();
            let text = body.data().await.ok_or("no body")??;
            assert_eq!(text, path);
        }
        Ok(())
    })
}

fn the_copy_of_tokio_moves_both_directions() -> Outcome {
    run(async {
        let (mut client, mut outside) = common::pair().await?;
        let (mut inside, mut server) = common::pair().await?;
        let proxy = runtime::spawn(async move {
            tokio::io::copy_bidirectional(&mut outside, &mut inside).await
        });
        let sent = vec![7; 1_000_000];
        let asking = async {
            client.write_all(&sent).await?;
            AsyncWriteExt::shutdown(&mut client).await?;
            let mut answer = Vec::new();
            client.read_to_end(&mut answer).await?;
            Ok::<_, std::io::Error>(answer)
        };
        let answering = async {
            let mut received = Vec::new();
            server.read_to_end(&mut received).await?;
            server.write_all(b"thanks").await?;
            AsyncWriteExt::shutdown(&mut server).await?;
            Ok(received.len())
        };
        let (answer, received) = future::try_join(asking, answering).await?;
        assert_eq!((answer.as_slice(), received), (&b"thanks"[..], sent.len()));
        assert_eq!(proxy.await??, (1_000_000, 6));
        Ok(())
    })
}

fn a_stream_is_read_and_written_through_references() -> Outcome {
    run(async {
        let (mut client, server) = common::pair().await?;
        let echo = runtime::spawn(async move { tokio::io::copy(&mut &server, &mut &server).await });
        let (sent, mut received) = (vec![7; 1 << 20], Vec::new());
        let (mut reader, mut writer) = (&client, &client);
        let send = async {
            writer.write_all(&sent).await?;
            AsyncWriteExt::shutdown(&mut writer).await
        };
        future::try_join(send, reader.read_to_end(&mut received)).await?;
        assert!(received == sent);
        assert_eq!(echo.await??, 1 << 20);
        assert_eq!(client.read(&mut [0]).await?, 0);
        Ok(())
    })
}

fn shutting_down_ends_the_stream_of_the_peer() -> Outcome {
    run(async {
        let (mut client, server) = common::pair().await?;
        client.write_all(b"one\ntwo").await?;
        client.flush().await?;
        AsyncWriteExt::shutdown(&mut client).await?;
        let mut lines = tokio::io::BufReader::new(server).lines();
        assert_eq!(lines.next_line().await?.as_deref(), Some("one"));
        assert_eq!(lines.next_line().await?.as_deref(), Some("two"));
        assert_eq!(lines.next_line().await?, None);
        Ok(())
    })
}

fn several_buffers_go_out_at_once() -> Outcome {
    run(async {
        let (mut client, mut server) = common::pair().await?;
        assert!(client.is_write_vectored());
        let parts = [IoSlice::new(b"one"), IoSlice::new(b""), IoSlice::new(b"two")];
        assert_eq!(client.write_vectored(&parts).await?, 6);
        let mut text = [0; 6];
        server.read_exact(&mut text).await?;
        assert_eq!(&text, b"onetwo");
        Ok(())
    })
}

fn memory_that_is_partly_initialized_is_read_into() -> Outcome {
    run(async {
        let (mut client, mut server) = common::pair().await?;
        client.write_all(b"abcdefgh").await?;
        let mut memory = [MaybeUninit::uninit(); 6];
        let mut buf = ReadBuf::uninit(&mut memory);
        buf.put_slice(b"12");
        buf.initialize_unfilled_to(1);
        poll_fn(|cx| Pin::new(&mut server).poll_read(cx, &mut buf)).await?;
        assert_eq!(buf.filled(), b"12abcd");
        // A buffer without room is no reason to wait.
        poll_fn(|cx| Pin::new(&mut server).poll_read(cx, &mut buf)).await?;
        let mut rest = [0; 4];
        server.read_exact(&mut rest).await?;
        assert_eq!(&rest, b"efgh");
        Ok(())
    })
}

fn a_stream_of_futures_io_is_one_of_tokio_s() -> Outcome {
    run(async {
        let text = futures::io::Cursor::new(&b"one\ntwo\n"[..]);
        let mut lines = FramedRead::new(Compat::new(text), LinesCodec::new());
        assert_eq!(lines.next().await.ok_or("the stream ended")??, "one");
        assert_eq!(lines.next().await.ok_or("the stream ended")??, "two");
        assert!(lines.next().await.is_none());

        let mut sink = Compat::new(futures::io::Cursor::new(Vec::new()));
        sink.write_all(b"three").await?;
        sink.shutdown().await?;
        assert_eq!(sink.into_inner().into_inner(), b"three");
        Ok(())
    })
}

fn a_stream_of_tokio_s_is_one_of_futures_io() -> Outcome {
    run(async {
        let (here, there) = tokio::io::duplex(16);
        let sent: Vec<u8> = (0..10_000_u32).map(|n| n as u8).collect();
        let expected = sent.clone();
        let writing = runtime::spawn(async move {
            let mut here = Compat::new(here);
            futures::AsyncWriteExt::write_all(&mut here, &sent).await?;
            futures::AsyncWriteExt::close(&mut here).await
        });
        let mut received = Vec::new();
        futures::AsyncReadExt::read_to_end(&mut Compat::new(there), &mut received).await?;
        writing.await??;
        assert!(received == expected);
        Ok(())
    })
}

#[test]
fn sockets_and_halves_have_the_traits() {
    fn reads<T: AsyncRead + Send + Sync>() {}
    fn writes<T: AsyncWrite + Send + Sync>() {}
    reads::<TcpStream>();
    writes::<TcpStream>();
    reads::<ReadHalf<'static>>();
    writes::<WriteHalf<'static>>();
    reads::<OwnedReadHalf>();
    writes::<OwnedWriteHalf>();
    reads::<Compat<TcpStream>>();
    writes::<Compat<TcpStream>>();
}
