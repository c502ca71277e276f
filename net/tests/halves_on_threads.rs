//! The halves of streams with two threads, and their events with a third.

use std::io;
use std::thread;

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpStream, copy_bidirectional};
use runtime::task::yield_now;

mod common;

use common::selectors::{self, Choice, on_each_selector, run};

on_each_selector!(
    halves_in_loops_of_their_own_lose_nothing,
    two_threads_may_read_one_stream_and_get_each_byte_once,
);

const SIZE: usize = 2 << 20;

fn byte(position: usize) -> u8 {
    (position ^ (position >> 8)) as u8
}

/// Runs a future in a new loop on a new thread.
fn elsewhere<F>(choice: Choice, future: F) -> thread::JoinHandle<io::Result<()>>
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    thread::spawn(move || selectors::on(choice, || run(future)))
}

/// Waits for threads while the loop turns.
async fn all(threads: Vec<thread::JoinHandle<io::Result<()>>>) -> io::Result<()> {
    for thread in threads {
        let joined = runtime::spawn_blocking(move || thread.join().expect("no panic"));
        joined.await.expect("no panic")?;
    }
    Ok(())
}

fn halves_in_loops_of_their_own_lose_nothing() -> io::Result<()> {
    run(async {
        let (one, mut near) = common::pair().await?;
        let (mut far, other) = common::pair().await?;
        let copy = runtime::spawn(async move { copy_bidirectional(&mut near, &mut far).await });
        let mut threads = Vec::new();
        for (stream, first) in [(one, 1), (other, 7)] {
            let (mut reader, mut writer) = stream.into_split();
            threads.push(elsewhere(selectors::choice(), async move {
                let bytes: Vec<u8> = (0..SIZE).map(byte).collect();
                let mut length = first;
                let mut rest = &bytes[..];
                while !rest.is_empty() {
                    length = length * 5 % 70_001;
                    let count = writer.write(&rest[..rest.len().min(length)]).await?;
                    rest = &rest[count..];
                }
                writer.close().await
            }));
            threads.push(elsewhere(selectors::choice(), async move {
                let (mut position, mut length, mut buffer) = (0, first, vec![0; 70_001]);
                loop {
                    length = length * 3 % 70_001;
                    let count = reader.read(&mut buffer[..length]).await?;
                    if count == 0 {
                        break;
                    }
                    for (index, found) in buffer[..count].iter().enumerate() {
                        assert_eq!(*found, byte(position + index));
                    }
                    position += count;
                }
                assert_eq!(position, SIZE);
                Ok(())
            }));
        }
        all(threads).await?;
        assert_eq!(copy.await.expect("no panic")?, (SIZE as u64, SIZE as u64));
        Ok(())
    })
}

/// Reads until the end, and counts; `readable` takes any number of tasks.
async fn count_bytes(stream: &TcpStream) -> io::Result<usize> {
    let mut sum = 0;
    loop {
        stream.readable().await?;
        match stream.try_read(&mut [0; 100]) {
            Ok(0) => return Ok(sum),
            Ok(count) => sum += count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        yield_now().await;
    }
}

fn two_threads_may_read_one_stream_and_get_each_byte_once() -> io::Result<()> {
    run(async {
        let (stream, mut peer) = common::pair().await?;
        let stream = std::sync::Arc::new(stream);
        let counting = elsewhere(selectors::choice(), async move {
            for length in 0..3000 {
                peer.write_all(&vec![1; 1 + length % 150]).await?;
            }
            peer.close().await
        });
        let total: usize = (0..3000).map(|length| 1 + length % 150).sum();
        let (sender, receiver) = std::sync::mpsc::channel();
        let mut threads = vec![counting];
        for _ in 0..2 {
            let (stream, sender) = (stream.clone(), sender.clone());
            threads.push(elsewhere(selectors::choice(), async move {
                let _ = sender.send(count_bytes(&stream).await?);
                Ok(())
            }));
        }
        drop(sender);
        let here = count_bytes(&stream).await?;
        all(threads).await?;
        assert_eq!(here + receiver.iter().sum::<usize>(), total);
        Ok(())
    })
}
