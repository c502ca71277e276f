//! Flow control: what waits to be sent stays within bounds if the protocol listens, and reading can be
//! paused.

use std::cell::Cell;
use std::io::{self, IoSlice, Read, Write};
use std::rc::Rc;

use runtime::net::protocol::{Transport, connect_accepted_socket};

mod common;

use common::recorder::Log;
use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_peer_that_does_not_read_pauses_writing_once,
    vectored_writes_pause_as_well,
    writing_resumes_at_the_low_mark,
    a_pause_that_a_callback_brings_about_comes_after_it,
    a_successor_is_told_of_a_pause_that_lasts,
    a_successor_is_not_told_of_a_pause_that_is_none_to_it,
    limits_apply_to_what_waits_already,
    a_limit_of_zero_pauses_with_the_first_byte_that_waits,
    nothing_is_received_while_reading_is_paused,
    data_received_may_pause_reading,
    a_peer_that_never_reads_can_be_aborted,
    an_error_while_writing_is_waited_for_ends_the_connection,
    writes_keep_their_order_under_pressure,
    a_flood_leaves_the_loop_to_others,
);

const CHUNK: usize = 64 * 1024;

/// Writes until the system takes no more.
fn fill(transport: &Transport, write: impl Fn(&Transport)) -> usize {
    let mut count = 0;
    while transport.write_buffer_size() == 0 {
        write(transport);
        count += 1;
    }
    count
}

/// Reads so many bytes in a thread.
fn read_on(peer: &std::net::TcpStream, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    (&mut &*peer).read_exact(&mut bytes)?;
    Ok(bytes)
}

fn a_peer_that_does_not_read_pauses_writing_once() -> io::Result<()> {
    run(async {
        let (stream, _peer) = common::half_pair().await?;
        let log = Log::new();
        let transport = connect_accepted_socket(|| log.plain(), stream)?;
        assert_eq!(transport.write_buffer_limits(), (16 * 1024, 64 * 1024));
        transport.set_write_buffer_limits(Some(4 * CHUNK), None);
        assert_eq!(transport.write_buffer_limits(), (CHUNK, 4 * CHUNK));
        fill(&transport, |transport| transport.write(&[0; CHUNK]));
        assert_eq!(log.count("pause"), 0);
        while transport.write_buffer_size() <= 4 * CHUNK {
            assert!(!transport.is_writing_paused());
            transport.write(&[0; CHUNK]);
        }
        assert_eq!(log.count("pause"), 1, "before the write returns");
        assert!(transport.is_writing_paused());
        transport.write(&[0; CHUNK]);
        common::round_trips(3).await?;
        assert_eq!(log.events(), ["made", "pause"]);
        Ok(())
    })
}

fn vectored_writes_pause_as_well() -> io::Result<()> {
    run(async {
        let (stream, peer) = common::half_pair().await?;
        let log = Log::new();
        let transport = connect_accepted_socket(|| log.plain(), stream)?;
        let lines = |transport: &Transport| {
            transport.writelines(&[IoSlice::new(&[1; 1000]), IoSlice::new(&[2; 70_000])]);
        };
        let mut count = fill(&transport, lines);
        while log.count("pause") == 0 {
            assert!(transport.write_buffer_size() <= 64 * 1024);
            lines(&transport);
            count += 1;
        }
        assert!(transport.write_buffer_size() > 64 * 1024);
        let reader = std::thread::spawn(move || read_on(&peer, count * 71_000));
        log.heard("resume").await;
        let bytes = blocking(reader).await?;
        for line in bytes.chunks(71_000) {
            assert!(line[..1000] == [1; 1000] && line[1000..] == [2; 70_000]);
        }
        assert_eq!(log.events()[..3], ["made", "pause", "resume"]);
        Ok(())
    })
}

fn writing_resumes_at_the_low_mark() -> io::Result<()> {
    run(async {
        let (stream, peer) = common::half_pair().await?;
        let sizes = Rc::new(Cell::new(usize::MAX));
        let log = Log::new().reacting({
            let sizes = sizes.clone();
            move |event, transport| {
                if event == "resume" {
                    sizes.set(transport.write_buffer_size());
                }
            }
        });
        let transport = connect_accepted_socket(|| log.buffered(), stream)?;
        transport.set_write_buffer_limits(Some(1 << 20), Some(1000));
        let mut count = fill(&transport, |transport| transport.write(&[0; CHUNK]));
        while log.count("pause") == 0 {
            transport.write(&[0; CHUNK]);
            count += 1;
        }
        let reader = std::thread::spawn(move || read_on(&peer, count * CHUNK));
        log.heard("resume").await;
        assert!(sizes.get() <= 1000);
        assert!(!transport.is_writing_paused());
        blocking(reader).await?;
        Ok(())
    })
}

fn a_pause_that_a_callback_brings_about_comes_after_it() -> io::Result<()> {
    run(async {
        let (stream, mut peer) = common::half_pair().await?;
        let inside = Rc::new(Cell::new(false));
        let log = Log::new().reacting({
            let inside = inside.clone();
            move |event, transport| match event {
                "data" => {
                    inside.set(true);
                    while !transport.is_writing_paused() {
                        transport.write(&[0; CHUNK]);
                    }
                    inside.set(false);
                }
                "pause" => assert!(!inside.get()),
                _ => {}
            }
        });
        connect_accepted_socket(|| log.plain(), stream)?;
        peer.write_all(b"more")?;
        log.heard("pause").await;
        assert_eq!(log.events(), ["made", "data", "pause"]);
        Ok(())
    })
}

/// Writes until the protocol pauses; returns how much.
fn choke(transport: &Transport, log: &Log) -> usize {
    let mut count = fill(transport, |transport| transport.write(&[0; CHUNK]));
    while log.count("pause") == 0 {
        transport.write(&[0; CHUNK]);
        count += 1;
    }
    count * CHUNK
}

fn a_successor_is_told_of_a_pause_that_lasts() -> io::Result<()> {
    run(async {
        let (stream, peer) = common::half_pair().await?;
        let (first, second) = (Log::new(), Log::new());
        let transport = connect_accepted_socket(|| first.plain(), stream)?;
        let count = choke(&transport, &first);
        transport.set_protocol(second.plain());
        assert_eq!(second.events(), ["pause"], "before it returns");
        let reader = std::thread::spawn(move || read_on(&peer, count));
        second.heard("resume").await;
        assert_eq!(second.events()[..2], ["pause", "resume"]);
        assert_eq!(first.events(), ["made", "pause"]);
        blocking(reader).await?;
        Ok(())
    })
}

fn a_successor_is_not_told_of_a_pause_that_is_none_to_it() -> io::Result<()> {
    run(async {
        let (stream, peer) = common::half_pair().await?;
        let (first, second) = (Log::new(), Log::new());
        let transport = connect_accepted_socket(|| first.plain(), stream)?;
        let count = choke(&transport, &first);
        // Above the low mark, and below the high one.
        let (low, high) = (1, transport.write_buffer_size() + 1);
        transport.set_write_buffer_limits(Some(high), Some(low));
        assert!(transport.is_writing_paused());
        transport.set_protocol(second.plain());
        assert!(!transport.is_writing_paused());
        let reader = std::thread::spawn(move || read_on(&peer, count));
        blocking(reader).await?;
        transport.close();
        assert_eq!(second.end().await, "lost");
        assert_eq!((second.count("pause"), second.count("resume")), (0, 0));
        Ok(())
    })
}

fn limits_apply_to_what_waits_already() -> io::Result<()> {
    run(async {
        let (stream, _peer) = common::half_pair().await?;
        let log = Log::new();
        let transport = connect_accepted_socket(|| log.plain(), stream)?;
        transport.set_write_buffer_limits(Some(1 << 30), None);
        fill(&transport, |transport| transport.write(&[0; CHUNK]));
        transport.write(&[0; CHUNK]);
        assert_eq!(log.count("pause"), 0);
        transport.set_write_buffer_limits(None, Some(1000));
        assert_eq!(transport.write_buffer_limits(), (1000, 4000));
        assert_eq!(log.count("pause"), 1);
        Ok(())
    })
}

fn a_limit_of_zero_pauses_with_the_first_byte_that_waits() -> io::Result<()> {
    run(async {
        let (stream, peer) = common::half_pair().await?;
        let log = Log::new();
        let transport = connect_accepted_socket(|| log.plain(), stream)?;
        transport.set_write_buffer_limits(Some(0), None);
        assert_eq!(log.count("pause"), 0);
        let count = fill(&transport, |transport| transport.write(&[0; CHUNK]));
        assert_eq!(log.count("pause"), 1);
        let reader = std::thread::spawn(move || read_on(&peer, count * CHUNK));
        log.heard("resume").await;
        assert_eq!(transport.write_buffer_size(), 0);
        blocking(reader).await?;
        Ok(())
    })
}

fn nothing_is_received_while_reading_is_paused() -> io::Result<()> {
    run(async {
        let (stream, mut peer) = common::half_pair().await?;
        let log = Log::new();
        let transport = connect_accepted_socket(|| log.buffered(), stream)?;
        transport.pause_reading();
        transport.pause_reading();
        assert!(!transport.is_reading());
        peer.write_all(b"hello")?;
        drop(peer);
        common::round_trips(5).await?;
        assert_eq!(log.events(), ["made"]);
        transport.resume_reading();
        transport.resume_reading();
        assert_eq!(log.end().await, "lost");
        assert_eq!(log.received(), b"hello");
        assert_eq!(log.events(), ["made", "data", "eof", "lost"]);
        Ok(())
    })
}

fn data_received_may_pause_reading() -> io::Result<()> {
    run(async {
        let (stream, mut peer) = common::half_pair().await?;
        let log = Log::new().reacting(|event, transport| {
            if event == "data" {
                transport.pause_reading();
            }
        });
        let transport = connect_accepted_socket(|| log.buffered(), stream)?;
        peer.write_all(&[7; 10_000])?;
        for bytes in [4096, 8192, 10_000] {
            log.until(|log| log.received().len() >= bytes).await;
            common::round_trips(3).await?;
            assert_eq!(log.received().len(), bytes);
            transport.resume_reading();
        }
        Ok(())
    })
}

fn a_peer_that_never_reads_can_be_aborted() -> io::Result<()> {
    run(async {
        let (stream, _peer) = common::half_pair().await?;
        let log = Log::new();
        let transport = connect_accepted_socket(|| log.plain(), stream)?;
        transport.write(&vec![0; 20 << 20]);
        transport.close();
        common::round_trips(5).await?;
        assert_eq!(log.events(), ["made", "pause"], "it waits for the peer");
        transport.abort();
        assert_eq!(log.end().await, "lost");
        assert_eq!(log.events(), ["made", "pause", "lost"]);
        Ok(())
    })
}

fn an_error_while_writing_is_waited_for_ends_the_connection() -> io::Result<()> {
    run(async {
        let (stream, peer) = common::half_pair().await?;
        let log = Log::new();
        let transport = connect_accepted_socket(|| log.plain(), stream)?;
        transport.pause_reading();
        transport.write(&vec![0; 20 << 20]);
        common::round_trips(3).await?;
        // Closed with data that was never read, so the system resets the connection.
        drop(peer);
        let end = log.end().await;
        assert!(["lost: ConnectionReset", "lost: BrokenPipe"].contains(&&*end), "{end}");
        transport.write(b"too late");
        assert_eq!(transport.write_buffer_size(), 0);
        Ok(())
    })
}

fn writes_keep_their_order_under_pressure() -> io::Result<()> {
    run(async {
        let (stream, peer) = common::half_pair().await?;
        let log = Log::new();
        let transport = connect_accepted_socket(|| log.plain(), stream)?;
        let mut expected = Vec::new();
        let mut number = 0_u32;
        let size = 24 << 20;
        let reader = std::thread::spawn(move || read_on(&peer, size));
        while expected.len() < size {
            let bytes: Vec<u8> = (0..1024).flat_map(|i| (number + i).to_be_bytes()).collect();
            number += 1024;
            expected.extend_from_slice(&bytes);
            if number % 3 == 0 {
                transport.writelines(&[IoSlice::new(&bytes[..100]), IoSlice::new(&bytes[100..])]);
            } else {
                transport.write(&bytes);
            }
            if transport.is_writing_paused() {
                let resumed = log.count("resume");
                log.until(|log| log.count("resume") > resumed).await;
            }
        }
        assert!(blocking(reader).await? == expected[..size]);
        assert_eq!(log.count("pause"), log.count("resume"));
        Ok(())
    })
}

fn a_flood_leaves_the_loop_to_others() -> io::Result<()> {
    run(async {
        let (stream, mut peer) = common::half_pair().await?;
        let log = Log::new();
        let transport = connect_accepted_socket(|| log.plain(), stream)?;
        let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let stopped = stop.clone();
        let flood = std::thread::spawn(move || {
            let chunk = vec![0; 1 << 20];
            while !stopped.load(std::sync::atomic::Ordering::Relaxed) {
                if peer.write_all(&chunk).is_err() {
                    break;
                }
            }
        });
        log.heard("data").await;
        common::round_trips(20).await?;
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        transport.abort();
        log.end().await;
        flood.join().expect("it does not panic");
        Ok(())
    })
}

/// Waits for a thread without keeping the loop from the connection.
async fn blocking<T: Send + 'static>(
    thread: std::thread::JoinHandle<io::Result<T>>,
) -> io::Result<T> {
    let joined = runtime::spawn_blocking(move || thread.join().expect("it does not panic"));
    joined.await.expect("the job runs")
}
