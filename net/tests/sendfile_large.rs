//! Files of more than 4 GiB are sent in full, and by the right offsets.
//!
//! They are sparse and in memory, and the peer counts without copying, so that gigabytes are cheap. They
//! still are gigabytes, so each of the two long tests runs on one selector.

#![cfg(target_os = "linux")]

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::FileExt;
use std::thread;

use runtime::net::sendfile;
use rustix::fs::{MemfdFlags, memfd_create};
use rustix::net::{RecvFlags, recv};

mod common;

use common::selectors::{self, on_each_selector, run};

const GIB: u64 = 1 << 30;
const SIZE: u64 = 5 * GIB + 3;

on_each_selector!(offsets_beyond_two_and_four_gibibytes_are_exact,);

fn large_file() -> io::Result<File> {
    let file = File::from(memfd_create("large", MemfdFlags::CLOEXEC)?);
    file.set_len(SIZE)?;
    Ok(file)
}

/// Counts what arrives, up to `most` bytes and up to the end of the stream.
fn count(peer: &std::net::TcpStream, most: u64) -> u64 {
    let (mut sum, mut buffer) = (0, vec![0; 16 << 20]);
    while sum < most {
        let wanted = (most - sum).min(buffer.len() as u64) as usize;
        // tcp(7): with MSG_TRUNC the bytes are discarded, and the buffer is not touched.
        match recv(peer, &mut buffer[..wanted], RecvFlags::TRUNC) {
            Ok((_, 0)) => break,
            Ok((_, length)) => sum += length as u64,
            Err(error) => panic!("{error}"),
        }
    }
    sum
}

#[test]
fn five_gibibytes_arrive() -> io::Result<()> {
    let file = large_file()?;
    run(async {
        let (stream, peer) = common::half_pair().await?;
        let peer = thread::spawn(move || count(&peer, u64::MAX));
        assert_eq!(sendfile(&stream, &file, 0, None).fallback(false).await?, SIZE);
        drop(stream);
        assert_eq!(peer.join().expect("the peer counts all"), SIZE);
        Ok(())
    })
}

#[test]
fn a_peer_that_leaves_after_four_gibibytes_ends_it_with_a_count() -> io::Result<()> {
    let file = large_file()?;
    selectors::on(selectors::POLL, || {
        run(async {
            let (stream, peer) = common::half_pair().await?;
            // What the buffers hold is far from the rest of the file.
            let leaving = thread::spawn(move || count(&peer, 4 * GIB + 1));
            let error = sendfile(&stream, &file, 0, None).await.expect_err("the peer has gone");
            assert_eq!(leaving.join().expect("the peer counts"), 4 * GIB + 1);
            assert!((4 * GIB + 1..SIZE).contains(&error.sent()), "{error}");
            let kinds = [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe];
            assert!(kinds.contains(&error.kind()), "{error}");
            Ok(())
        })
    })
}

fn offsets_beyond_two_and_four_gibibytes_are_exact() -> io::Result<()> {
    let file = large_file()?;
    for boundary in [2 * GIB, 4 * GIB] {
        let from = boundary - 300_000;
        let marks: Vec<u8> = (0..600_000_u32).map(|n| (n % 251) as u8).collect();
        file.write_all_at(&marks, from)?;
        run(async {
            let (stream, mut peer) = common::half_pair().await?;
            let reader = thread::spawn(move || {
                let mut bytes = Vec::new();
                peer.read_to_end(&mut bytes).map(|_| bytes)
            });
            assert_eq!(sendfile(&stream, &file, from, 600_000).await?, 600_000);
            drop(stream);
            assert!(reader.join().expect("the peer reads")? == marks);

            let mut memory = Vec::new();
            assert_eq!(sendfile(&mut memory, &file, from, 600_000).await?, 600_000);
            assert!(memory == marks);
            io::Result::Ok(())
        })?;
    }
    Ok(())
}
