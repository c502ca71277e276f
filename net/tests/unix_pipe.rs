//! Pipes, anonymous and named.

#![cfg(unix)]

use std::fs::{File, OpenOptions as StdOptions};
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::Command;

use futures::{AsyncReadExt, AsyncWriteExt, FutureExt};
use runtime::net::UnixStream;
use runtime::net::unix::pipe::{OpenOptions, Receiver, Sender, pipe};
use runtime::reactor::Interest;
use rustix::io::{FdFlags, fcntl_getfd};

mod common;

use common::folder::Folder;
use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    bytes_go_through_and_the_end_comes_when_the_sender_is_dropped,
    more_than_the_pipe_holds_goes_through,
    vectored_and_empty_reads_and_writes,
    a_broken_pipe_is_an_error,
    a_full_pipe_makes_writers_wait,
    calls_of_ones_own_wait_as_others_do,
    a_named_pipe_waits_for_its_first_writer,
    the_end_of_a_named_pipe_comes_with_its_last_writer,
    a_pipe_opened_both_ways_has_no_end_and_needs_no_reader,
    a_sender_needs_a_reader,
    what_is_no_pipe_is_refused,
    descriptors_are_not_inherited,
    ends_go_there_and_back,
    a_childs_output_is_read,
    #[cfg(target_os = "linux")]
    packets_are_read_one_by_one_and_none_is_left_behind,
);

fn would_block<T: std::fmt::Debug>(result: io::Result<T>) {
    assert_eq!(result.expect_err("nothing there").kind(), io::ErrorKind::WouldBlock);
}

fn fill(sender: &Sender) -> usize {
    std::iter::from_fn(|| sender.try_write(&[0; 4096]).ok()).sum()
}

fn make(path: &Path) -> io::Result<()> {
    let status = Command::new("mkfifo").arg(path).status()?;
    assert!(status.success());
    Ok(())
}

fn bytes_go_through_and_the_end_comes_when_the_sender_is_dropped() -> io::Result<()> {
    run(async {
        let (mut sender, mut receiver) = pipe()?;
        let mut buf = [0; 8];
        would_block(receiver.try_read(&mut buf));
        let mut read = Box::pin(receiver.read(&mut buf));
        assert!(common::stays_pending(&mut read).await?);
        sender.write_all(b"abc").await?;
        assert_eq!(read.await?, 3);
        sender.write_all(b"last").await?;
        sender.flush().await?;
        drop(sender);
        let mut text = String::new();
        receiver.read_to_string(&mut text).await?;
        assert_eq!(text, "last");
        assert_eq!(receiver.read(&mut buf).await?, 0);
        Ok(())
    })
}

fn more_than_the_pipe_holds_goes_through() -> io::Result<()> {
    run(async {
        let (mut sender, mut receiver) = pipe()?;
        let sent: Vec<u8> = (0..1 << 20).map(|n: u32| (n % 251) as u8).collect();
        let copy = sent.clone();
        let sending = runtime::spawn(async move { sender.write_all(&copy).await });
        let mut received = Vec::new();
        receiver.read_to_end(&mut received).await?;
        assert!(received == sent);
        sending.await.expect("no panic")
    })
}

fn vectored_and_empty_reads_and_writes() -> io::Result<()> {
    run(async {
        let (mut sender, mut receiver) = pipe()?;
        assert_eq!(sender.write(&[]).now_or_never().expect("at once")?, 0);
        assert_eq!(receiver.read(&mut []).now_or_never().expect("at once")?, 0);
        assert_eq!(receiver.try_read_vectored(&mut [])?, 0);
        would_block(receiver.try_read(&mut [0]));
        assert_eq!(sender.write_vectored(&[IoSlice::new(b"ab"), IoSlice::new(b"c")]).await?, 3);
        let (mut one, mut two) = ([0; 2], [0; 2]);
        let mut list = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut two)];
        assert_eq!(receiver.read_vectored(&mut list).await?, 3);
        assert_eq!((&one, &two), (b"ab", b"c\0"));
        Ok(())
    })
}

fn a_broken_pipe_is_an_error() -> io::Result<()> {
    run(async {
        let (mut sender, receiver) = pipe()?;
        fill(&sender);
        let writing = runtime::spawn(async move { sender.write_all(b"x").await });
        common::round_trips(3).await?;
        assert!(!writing.is_finished());
        drop(receiver);
        let error = writing.await.expect("no panic").expect_err("no reader");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        let (sender, receiver) = pipe()?;
        drop(receiver);
        let error = sender.try_write(b"x").expect_err("no reader");
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        Ok(())
    })
}

fn calls_of_ones_own_wait_as_others_do() -> io::Result<()> {
    run(async {
        let (sender, receiver) = pipe()?;
        let mut buf = [0; 8];
        let read = |buf: &mut [u8]| rustix::io::read(&receiver, buf).map_err(io::Error::from);
        would_block(receiver.try_io(Interest::READABLE, || read(&mut buf)));
        let mut waiting = Box::pin(receiver.async_io(Interest::READABLE, || read(&mut buf)));
        assert!(common::stays_pending(&mut waiting).await?);
        assert_eq!(sender.try_write(b"late")?, 4);
        assert_eq!(waiting.await?, 4);
        assert_eq!(&buf[..4], b"late");
        Ok(())
    })
}

fn a_full_pipe_makes_writers_wait() -> io::Result<()> {
    run(async {
        let (mut sender, mut receiver) = pipe()?;
        sender.writable().await?;
        assert!(sender.ready(Interest::WRITABLE).await?.is_writable());
        let filled = fill(&sender);
        would_block(sender.try_write(b"x"));
        would_block(sender.try_io(Interest::WRITABLE, || -> io::Result<()> {
            panic!("a pipe that is known to be full is not asked again")
        }));
        let mut write = Box::pin(sender.write(b"x"));
        assert!(common::stays_pending(&mut write).await?);
        receiver.readable().await?;
        receiver.read_exact(&mut vec![0; filled]).await?;
        assert_eq!(write.await?, 1);
        Ok(())
    })
}

fn a_named_pipe_waits_for_its_first_writer() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("fifo");
    make(&path)?;
    run(async {
        let mut receiver = OpenOptions::new().open_receiver(&path)?;
        let mut buf = [0; 8];
        would_block(receiver.try_read(&mut buf));
        let mut read = Box::pin(receiver.read(&mut buf));
        assert!(common::stays_pending(&mut read).await?);
        let mut sender = OpenOptions::new().open_sender(&path)?;
        assert!(common::stays_pending(&mut read).await?);
        sender.write_all(b"first").await?;
        assert_eq!(read.await?, 5);

        // A writer that comes and goes without a word is an end as well.
        let folder = Folder::new()?;
        let path = folder.path("fifo");
        make(&path)?;
        let mut receiver = OpenOptions::new().open_receiver(&path)?;
        let mut read = Box::pin(receiver.read(&mut buf));
        assert!(common::stays_pending(&mut read).await?);
        drop(OpenOptions::new().open_sender(&path)?);
        assert_eq!(read.await?, 0);
        Ok(())
    })
}

fn the_end_of_a_named_pipe_comes_with_its_last_writer() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("fifo");
    make(&path)?;
    run(async {
        let mut receiver = OpenOptions::new().open_receiver(&path)?;
        let mut one = OpenOptions::new().open_sender(&path)?;
        let two = OpenOptions::new().open_sender(&path)?;
        one.write_all(b"x").await?;
        drop(one);
        let mut buf = [0; 8];
        assert_eq!(receiver.read(&mut buf).await?, 1);
        let mut read = Box::pin(receiver.read(&mut buf));
        assert!(common::stays_pending(&mut read).await?);
        drop(two);
        assert_eq!(read.await?, 0);
        // The next writer begins anew.
        let mut three = OpenOptions::new().open_sender(&path)?;
        three.write_all(b"yz").await?;
        assert_eq!(receiver.read(&mut buf).await?, 2);
        Ok(())
    })
}

fn a_pipe_opened_both_ways_has_no_end_and_needs_no_reader() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("fifo");
    make(&path)?;
    run(async {
        let sender = OpenOptions::new().read_write(true).open_sender(&path)?;
        assert_eq!(sender.try_write(b"early")?, 5);
        let mut receiver = OpenOptions::new().read_write(true).open_receiver(&path)?;
        let mut buf = [0; 8];
        assert_eq!(receiver.read(&mut buf).await?, 5);
        drop(sender);
        let mut read = Box::pin(receiver.read(&mut buf));
        assert!(common::stays_pending(&mut read).await?);
        let mut other = OpenOptions::new().open_sender(&path)?;
        other.write_all(b"more").await?;
        assert_eq!(read.await?, 4);
        Ok(())
    })
}

fn a_sender_needs_a_reader() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("fifo");
    make(&path)?;
    run(async {
        let error = OpenOptions::new().open_sender(&path).expect_err("no reader");
        assert_eq!(error.raw_os_error(), Some(libc::ENXIO));
        let _receiver = OpenOptions::new().open_receiver(&path)?;
        OpenOptions::new().open_sender(&path)?;
        Ok(())
    })
}

fn what_is_no_pipe_is_refused() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("file");
    File::create(&path)?;
    run(async {
        for error in [
            OpenOptions::new().open_receiver(&path).expect_err("a file"),
            OpenOptions::new().open_sender(&path).expect_err("a file"),
        ] {
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
            let text = error.to_string();
            assert!(text.contains("not that of a pipe") && text.contains("file"), "{text}");
        }
        let error = OpenOptions::new().open_receiver(folder.path("none")).expect_err("nothing");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        let (socket, _other) = UnixStream::pair()?;
        Receiver::try_from(OwnedFd::try_from(socket)?).expect_err("a socket");

        let (sender, receiver) = pipe()?;
        let error = Receiver::try_from(sender.into_blocking_fd()?).expect_err("the other end");
        assert!(error.to_string().contains("not open for reading"), "{error}");
        let error = Sender::try_from(receiver.into_blocking_fd()?).expect_err("the other end");
        assert!(error.to_string().contains("not open for writing"), "{error}");
        Ok(())
    })
}

fn descriptors_are_not_inherited() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("fifo");
    make(&path)?;
    run(async {
        let (sender, receiver) = pipe()?;
        let named = OpenOptions::new().open_receiver(&path)?;
        for fd in [sender.as_fd(), receiver.as_fd(), named.as_fd()] {
            assert!(fcntl_getfd(fd)?.contains(FdFlags::CLOEXEC));
        }
        Ok(())
    })
}

fn ends_go_there_and_back() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("fifo");
    make(&path)?;
    // Both ways, as opening one end of a named pipe blocks until the other is opened.
    let mut file = StdOptions::new().read(true).write(true).open(&path)?;
    run(async {
        let mut receiver = Receiver::from_file(file.try_clone()?)?;
        let mut buf = [0; 8];
        let mut read = Box::pin(receiver.read(&mut buf));
        // Would hang here if the pipe were still blocking.
        assert!(common::stays_pending(&mut read).await?);
        file.write_all(b"in")?;
        assert_eq!(read.await?, 2);
        let mut back = File::from(receiver.into_nonblocking_fd()?);
        would_block(back.read(&mut buf));
        let receiver = Receiver::from_file(back)?;
        let mut back = File::from(receiver.into_blocking_fd()?);
        let mut sender = Sender::from_file(file.try_clone()?)?;
        sender.write_all(b"out").await?;
        sender.into_blocking_fd()?;
        assert_eq!(back.read(&mut buf)?, 3);
        Ok(())
    })
}

fn a_childs_output_is_read() -> io::Result<()> {
    run(async {
        let (sender, mut receiver) = pipe()?;
        let mut child = Command::new("sh")
            .args(["-c", "echo one; echo two"])
            .stdout(sender.into_blocking_fd()?)
            .spawn()?;
        let mut text = String::new();
        receiver.read_to_string(&mut text).await?;
        assert_eq!(text, "one\ntwo\n");
        assert!(child.wait()?.success());
        Ok(())
    })
}

#[cfg(target_os = "linux")]
fn packets_are_read_one_by_one_and_none_is_left_behind() -> io::Result<()> {
    use rustix::pipe::{PipeFlags, pipe_with};

    let (reader, writer) = pipe_with(PipeFlags::DIRECT | PipeFlags::CLOEXEC)?;
    run(async {
        let (mut receiver, sender) = (Receiver::try_from(reader)?, Sender::try_from(writer)?);
        assert_eq!(sender.try_write(b"one")?, 3);
        assert_eq!(sender.try_write(b"three")?, 5);
        let mut buf = [0; 64];
        assert_eq!(receiver.read(&mut buf).now_or_never().expect("at once")?, 3);
        // No event comes for what the first read has left behind.
        assert_eq!(receiver.read(&mut buf).now_or_never().expect("at once")?, 5);
        would_block(receiver.try_read(&mut buf));
        Ok(())
    })
}
