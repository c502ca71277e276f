//! `AsyncFd` waits for out-of-band data, apart from data in the stream.

#![cfg(any(target_os = "linux", target_os = "android"))]

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::FileExt;
use std::pin::pin;
use std::task::Poll;

use futures::poll;
use runtime_core::reactor::{AsyncFd, Interest, Ready};
use runtime_core::task::yield_now;
use rustix::net::{RecvFlags, SendFlags, recv, send};

mod support;

use support::selectors::{self, on_each_selector, run};

const EVERYTHING: Interest = Interest::READABLE.add(Interest::WRITABLE).add(Interest::PRIORITY);

on_each_selector!(
    urgent_data_ends_a_wait_for_priority,
    data_in_the_stream_does_not,
    urgent_data_does_not_make_a_stream_readable,
    a_wait_for_priority_hears_of_the_end_of_the_stream,
    priority_and_readers_clear_what_is_theirs,
    a_file_of_sysfs_reports_by_priority,
);

fn pair(interest: Interest) -> (AsyncFd<TcpStream>, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("an address");
    let theirs = TcpStream::connect(listener.local_addr().unwrap()).expect("a connection");
    let (ours, _) = listener.accept().expect("its other end");
    ours.set_nonblocking(true).expect("non-blocking mode");
    (AsyncFd::with_interest(ours, interest).expect("a registration"), theirs)
}

fn urgent(fd: &AsyncFd<TcpStream>) -> io::Result<u8> {
    let mut byte = [0];
    recv(fd, &mut byte, RecvFlags::OOB)?;
    Ok(byte[0])
}

async fn turns() {
    for _ in 0..200 {
        yield_now().await;
    }
}

fn urgent_data_ends_a_wait_for_priority() {
    for interest in [Interest::PRIORITY, EVERYTHING] {
        run(async {
            let (ours, theirs) = pair(interest);
            for byte in *b"!?" {
                let mut wait = pin!(ours.ready(Interest::PRIORITY));
                assert!(poll!(&mut wait).is_pending());
                assert_eq!(send(&theirs, &[byte], SendFlags::OOB), Ok(1));
                let mut guard = wait.await.unwrap();
                assert_eq!(guard.ready(), Ready::PRIORITY);
                assert_eq!(guard.try_io(urgent).unwrap().unwrap(), byte);
                guard.clear_ready();
            }
        });
    }
}

fn data_in_the_stream_does_not() {
    run(async {
        let (ours, mut theirs) = pair(EVERYTHING);
        let mut wait = pin!(ours.ready(Interest::PRIORITY));
        assert!(poll!(&mut wait).is_pending());
        theirs.write_all(b"plain").unwrap();
        let _ = ours.readable().await.unwrap();
        turns().await;
        assert!(poll!(&mut wait).is_pending());
    });
}

fn urgent_data_does_not_make_a_stream_readable() {
    run(async {
        let (ours, theirs) = pair(EVERYTHING);
        let mut reader = pin!(ours.readable());
        assert!(poll!(&mut reader).is_pending());
        assert_eq!(send(&theirs, b"!", SendFlags::OOB), Ok(1));
        let _ = ours.ready(Interest::PRIORITY).await.unwrap();
        turns().await;
        assert!(poll!(&mut reader).is_pending());
    });
}

fn a_wait_for_priority_hears_of_the_end_of_the_stream() {
    run(async {
        let (ours, theirs) = pair(EVERYTHING);
        let mut wait = pin!(ours.ready(Interest::PRIORITY));
        assert!(poll!(&mut wait).is_pending());
        drop(theirs);
        let guard = wait.await.unwrap();
        assert!(guard.ready().is_read_closed() && !guard.ready().is_priority());
    });
}

/// The two wait at once, hear of one event, and neither takes it from the other.
fn priority_and_readers_clear_what_is_theirs() {
    run(async {
        let (ours, mut theirs) = pair(EVERYTHING);
        for _ in 0..3 {
            let mut buffer = [0; 16];
            let mut priority = pin!(ours.ready(Interest::PRIORITY));
            let mut reader = pin!(ours.async_io(Interest::READABLE, |mut io| io.read(&mut buffer)));
            assert!(poll!(&mut priority).is_pending() && poll!(&mut reader).is_pending());
            theirs.write_all(b"abc").unwrap();
            assert_eq!(send(&theirs, b"!", SendFlags::OOB), Ok(1));
            let mut guard = priority.await.unwrap();
            assert_eq!(guard.try_io(urgent).unwrap().unwrap(), b'!');
            guard.clear_ready();
            assert_eq!(reader.await.unwrap(), 3);
        }
        let mut buffer = [0; 16];
        let mut priority = pin!(ours.ready(Interest::PRIORITY));
        let mut reader = pin!(ours.async_io(Interest::READABLE, |mut io| io.read(&mut buffer)));
        assert!(poll!(&mut priority).is_pending() && poll!(&mut reader).is_pending());
        drop(theirs);
        priority.await.unwrap().clear_ready();
        assert_eq!(reader.await.unwrap(), 0);
    });
}

fn a_file_of_sysfs_reports_by_priority() {
    let path = "/sys/devices/system/cpu/online";
    let Ok(file) = File::open(path) else {
        println!("skipped: there is no {path}");
        return;
    };
    run(async {
        // What has not been read yet counts as changed.
        let attribute = AsyncFd::with_interest(file, Interest::PRIORITY).unwrap();
        let mut guard = attribute.ready(Interest::PRIORITY).await.unwrap();
        assert!(guard.ready().is_priority(), "{:?}", guard.ready());
        let mut text = [0; 64];
        let length = guard.get_inner().read_at(&mut text, 0).unwrap();
        assert!(text[..length].starts_with(b"0"));
        guard.clear_ready();
        let mut wait = pin!(attribute.ready(Interest::PRIORITY));
        turns().await;
        assert!(matches!(poll!(&mut wait), Poll::Pending));
    });
}
