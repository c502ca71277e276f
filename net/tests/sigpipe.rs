//! Writing to a connection that is gone is an error and never a signal.
//!
//! One test, alone in its process: it changes what the process does with a signal.

#![cfg(unix)]
#![allow(unsafe_code)]

use std::io::{self, ErrorKind, IoSlice};
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(writing_to_a_dead_connection_raises_no_signal,);

fn writing_to_a_dead_connection_raises_no_signal() -> io::Result<()> {
    // SAFETY: the default action needs no handler; as the test would end by it, nothing else depends on it.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    run(async {
        let (client, mut server) = common::pair().await?;
        client.set_linger(Some(Duration::ZERO))?;
        drop(client);
        assert_eq!(
            server.read(&mut [0; 1]).await.expect_err("reset").kind(),
            ErrorKind::ConnectionReset
        );
        let error = server.write(b"gone").await.expect_err("gone");
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        let error = server.write_vectored(&[IoSlice::new(b"gone")]).await.expect_err("gone");
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        assert_eq!(server.try_write(b"gone").expect_err("gone").kind(), ErrorKind::BrokenPipe);
        // sendfile(2) would raise the signal, so another way is taken.
        let file = std::fs::File::open(std::env::current_exe()?)?;
        let error = runtime::net::sendfile(&server, &file, 0, None).await.expect_err("gone");
        assert_eq!((error.sent(), error.kind()), (0, ErrorKind::BrokenPipe));
        let (mut stream, peer) = runtime::net::UnixStream::pair()?;
        drop(peer);
        for error in [
            stream.write(b"gone").await.expect_err("gone"),
            stream.write_vectored(&[IoSlice::new(b"gone")]).await.expect_err("gone"),
            stream.try_write(b"gone").expect_err("gone"),
            stream.send_fds(b"gone", &[]).await.expect_err("gone"),
        ] {
            assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        }
        Ok(())
    })
}
