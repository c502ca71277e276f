//! Descriptors sent over Unix sockets: they arrive, they are not inherited, and none is ever left open.

#![cfg(unix)]

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use futures::{AsyncReadExt, AsyncWriteExt, FutureExt};
use runtime::net::{UnixDatagram, UnixStream};
use rustix::io::{FdFlags, fcntl_getfd};
use rustix::pipe::{PipeFlags, pipe_with};

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    descriptors_arrive_in_order_and_are_not_inherited,
    a_receiver_waits_for_them,
    more_than_were_asked_for_are_closed,
    an_ordinary_read_closes_them,
    a_read_that_stops_behind_them_is_not_the_end_of_what_there_is,
    those_never_received_are_closed_with_the_stream,
    they_need_a_byte_on_a_stream_and_are_limited,
    the_end_of_a_stream_comes_without_any,
    they_travel_with_datagrams_also_empty_ones,
    #[cfg(target_os = "linux")]
    they_arrive_beside_credentials,
    #[cfg(target_os = "linux")]
    a_process_that_is_out_of_descriptors_gets_what_fits_and_leaks_nothing,
);

/// Tells whether the writing end of a pipe is open anywhere.
struct Witness {
    reader: OwnedFd,
}

impl Witness {
    fn new() -> io::Result<(Witness, OwnedFd)> {
        let (reader, writer) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
        Ok((Witness { reader }, writer))
    }

    fn is_open(&self) -> bool {
        // The end of the pipe reads as 0 bytes, a pipe that is just empty as an error.
        rustix::io::read(&self.reader, &mut [0; 8]).is_err()
    }
}

fn three(fd: &OwnedFd) -> [BorrowedFd<'_>; 3] {
    [fd.as_fd(); 3]
}

fn descriptors_arrive_in_order_and_are_not_inherited() -> io::Result<()> {
    run(async {
        let (one, other) = UnixStream::pair()?;
        let (reader, writer) = rustix::pipe::pipe()?;
        assert_eq!(one.send_fds(b"a pipe", &[reader.as_fd(), writer.as_fd()]).await?, 6);
        let mut buf = [0; 16];
        let received = other.recv_fds(&mut buf, 2).await?;
        assert_eq!(&buf[..received.len], b"a pipe");
        assert!(!received.truncated && !received.fds_truncated);
        let [reader, writer] = <[OwnedFd; 2]>::try_from(received.fds).expect("two");
        for fd in [&reader, &writer] {
            assert!(fcntl_getfd(fd)?.contains(FdFlags::CLOEXEC));
        }
        rustix::io::write(&writer, b"works")?;
        assert_eq!(rustix::io::read(&reader, &mut buf)?, 5);
        Ok(())
    })
}

fn a_receiver_waits_for_them() -> io::Result<()> {
    run(async {
        let (one, other) = UnixStream::pair()?;
        let mut buf = [0; 16];
        let error = other.try_recv_fds(&mut buf, 1).expect_err("nothing there");
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        let mut receive = Box::pin(other.recv_fds(&mut buf, 1));
        assert!(common::stays_pending(&mut receive).await?);
        assert_eq!(one.try_send_fds(b"x", &[one.as_fd()])?, 1);
        assert_eq!(receive.await?.fds.len(), 1);
        // Bytes without any are received too.
        (&one).write_all(b"y").await?;
        let received = other.recv_fds(&mut buf, 1).await?;
        assert_eq!((received.len, received.fds.len()), (1, 0));
        Ok(())
    })
}

fn more_than_were_asked_for_are_closed() -> io::Result<()> {
    run(async {
        let (one, other) = UnixStream::pair()?;
        for most in 0..3 {
            let (witness, writer) = Witness::new()?;
            one.send_fds(b"x", &three(&writer)).await?;
            drop(writer);
            let received = other.recv_fds(&mut [0; 8], most).await?;
            assert_eq!(received.fds.len(), most);
            assert!(received.fds_truncated);
            assert_eq!(witness.is_open(), most > 0);
            drop(received);
            assert!(!witness.is_open());
        }
        let (witness, writer) = Witness::new()?;
        one.send_fds(b"x", &three(&writer)).await?;
        drop(writer);
        let received = other.recv_fds(&mut [0; 8], usize::MAX).await?;
        assert_eq!(received.fds.len(), 3);
        assert!(!received.fds_truncated);
        drop(received);
        assert!(!witness.is_open());
        Ok(())
    })
}

fn an_ordinary_read_closes_them() -> io::Result<()> {
    run(async {
        let (one, mut other) = UnixStream::pair()?;
        let (witness, writer) = Witness::new()?;
        one.send_fds(b"xyz", &three(&writer)).await?;
        drop(writer);
        assert!(witness.is_open());
        assert_eq!(other.read(&mut [0; 8]).await?, 3);
        assert!(!witness.is_open());
        Ok(())
    })
}

fn a_read_that_stops_behind_them_is_not_the_end_of_what_there_is() -> io::Result<()> {
    run(async {
        let (one, mut other) = UnixStream::pair()?;
        one.send_fds(b"ab", &[one.as_fd()]).await?;
        (&one).write_all(b"cd").await?;
        one.send_fds(b"ef", &[one.as_fd()]).await?;
        (&one).write_all(b"gh").await?;
        let (mut text, mut reads) = (Vec::new(), 0);
        let mut buf = [0; 64];
        while text.len() < 8 {
            // All is there already: no event will come for what a read leaves behind.
            let count = other.read(&mut buf).now_or_never().expect("at once")?;
            text.extend_from_slice(&buf[..count]);
            reads += 1;
        }
        assert_eq!(text, b"abcdefgh");
        assert!(reads > 1, "the test is about reads that stop early");
        Ok(())
    })
}

fn those_never_received_are_closed_with_the_stream() -> io::Result<()> {
    run(async {
        let (one, other) = UnixStream::pair()?;
        let (witness, writer) = Witness::new()?;
        one.send_fds(b"x", &three(&writer)).await?;
        drop(writer);
        assert!(witness.is_open());
        drop(other);
        assert!(!witness.is_open());
        let error = one.send_fds(b"x", &[one.as_fd()]).await.expect_err("gone");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        Ok(())
    })
}

fn they_need_a_byte_on_a_stream_and_are_limited() -> io::Result<()> {
    run(async {
        let (one, other) = UnixStream::pair()?;
        let error = one.send_fds(b"", &[one.as_fd()]).await.expect_err("no byte");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert_eq!(one.try_send_fds(b"", &[])?, 0);
        let error = one.send_fds(b"x", &vec![one.as_fd(); 254]).await.expect_err("too many");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains("254 descriptors"), "{error}");
        one.send_fds(b"x", &vec![one.as_fd(); 253]).await?;
        // An empty buffer takes nothing, and not the descriptors either.
        assert_eq!(other.recv_fds(&mut [], 253).await?.fds.len(), 0);
        let received = other.recv_fds(&mut [0], 253).await?;
        assert_eq!(received.fds.len(), 253);
        assert!(!received.fds_truncated);
        Ok(())
    })
}

fn the_end_of_a_stream_comes_without_any() -> io::Result<()> {
    run(async {
        let (one, other) = UnixStream::pair()?;
        drop(one);
        let received = other.recv_fds(&mut [0; 8], 1).await?;
        assert_eq!((received.len, received.fds.len()), (0, 0));
        Ok(())
    })
}

fn they_travel_with_datagrams_also_empty_ones() -> io::Result<()> {
    run(async {
        let (one, other) = UnixDatagram::pair()?;
        let (witness, writer) = Witness::new()?;
        one.send_fds(b"", &three(&writer)).await?;
        one.send_fds(b"four", &three(&writer)).await?;
        one.send_fds(b"x", &three(&writer)).await?;
        drop(writer);
        let received = other.recv_fds(&mut [0; 8], 3).await?;
        assert_eq!((received.len, received.fds.len()), (0, 3));
        let mut buf = [0; 2];
        let cut = other.recv_fds(&mut buf, 2).await?;
        assert!(cut.truncated && cut.fds_truncated);
        assert_eq!((cut.len, cut.fds.len()), (2, 2));
        assert_eq!(other.recv(&mut buf).await?, 1);
        drop((received, cut));
        assert!(!witness.is_open());
        Ok(())
    })
}

#[cfg(target_os = "linux")]
fn they_arrive_beside_credentials() -> io::Result<()> {
    run(async {
        let (one, other) = UnixStream::pair()?;
        rustix::net::sockopt::set_socket_passcred(&other, true)?;
        let (witness, fd) = Witness::new()?;
        for most in [3, 1, 0] {
            one.send_fds(b"three", &three(&fd)).await?;
            let received = other.recv_fds(&mut [0; 16], most).await?;
            assert_eq!((received.len, received.fds.len()), (5, most));
            assert_eq!(received.fds_truncated, most < 3);
        }
        one.send_fds(b"none", &[]).await?;
        for most in [0, 3] {
            let received = other.recv_fds(&mut [0; 2], most).await?;
            assert_eq!((received.len, received.fds.len()), (2, 0));
            assert!(!received.fds_truncated);
        }
        drop(fd);
        assert!(!witness.is_open());
        Ok(())
    })
}

#[cfg(target_os = "linux")]
fn a_process_that_is_out_of_descriptors_gets_what_fits_and_leaks_nothing() -> io::Result<()> {
    use std::env;
    use std::fs::File;
    use std::process::Command;

    use rustix::process::{Resource, Rlimit, setrlimit};

    const CHILD: &str = "RUNTIME_TEST_RECEIVER";
    const TEST: &str = "a_process_that_is_out_of_descriptors_gets_what_fits_and_leaks_nothing";

    if env::var_os(CHILD).is_none() {
        // In a process of its own, as the limit is one for all tests of a process.
        let module = selectors::choice().module;
        let output = Command::new(env::current_exe()?)
            .args(["--exact", &format!("{module}::{TEST}"), "--nocapture"])
            .env(CHILD, "1")
            .output()?;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        return Ok(());
    }
    setrlimit(Resource::Nofile, Rlimit { current: Some(64), maximum: Some(64) })?;
    run(async {
        let (one, other) = UnixStream::pair()?;
        let (witness, writer) = Witness::new()?;
        one.send_fds(b"x", &three(&writer)).await?;
        drop(writer);
        let mut files: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
        files.pop();
        let received = other.recv_fds(&mut [0; 8], 3).await?;
        assert_eq!((received.len, received.fds.len()), (1, 1));
        assert!(received.fds_truncated && witness.is_open());
        drop(received);
        assert!(!witness.is_open());
        Ok(())
    })
}
