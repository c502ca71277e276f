//! Reads and writes dropped after any number of polls, by tasks that change: every byte arrives once, in
//! order.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::task::{Context, Poll};

use futures::future::join;
use futures::stream::{FuturesUnordered, StreamExt};
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use runtime::net::{copy_bidirectional, copy_bidirectional_with_sizes};
use runtime::task::yield_now;

#[cfg(feature = "tls")]
#[path = "common/tls.rs"]
mod certificates;
mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    nothing_is_lost_over_tcp,
    nothing_is_lost_between_tasks_that_take_turns,
    nothing_is_lost_through_a_copy_by_splice,
    nothing_is_lost_through_a_copy_by_buffers,
);

const SIZE: usize = 1 << 20;

/// Numbers that are the same in each run (xorshift64).
struct Dice(Cell<u64>);

impl Dice {
    fn new(seed: u64) -> Dice {
        Dice(Cell::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1))
    }

    fn below(&self, limit: usize) -> usize {
        let mut x = self.0.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.0.set(x);
        (x >> 16) as usize % limit
    }

    /// Mostly small, sometimes large.
    fn length(&self) -> usize {
        1 + self.below([8, 200, 5000, 70_000][self.below(4)])
    }
}

fn byte(position: usize) -> u8 {
    (position ^ (position >> 8) ^ (position >> 16)) as u8
}

/// Polls a future some times, or until its end, by the task's waker or by one of its own.
async fn attempt<F: Future>(dice: &Dice, future: F) -> Option<F::Output> {
    let polls = match dice.below(8) {
        0 => usize::MAX,
        most => dice.below(most + 1),
    };
    if polls == usize::MAX && dice.below(2) == 0 {
        // It has a waker of its own.
        return std::iter::once(future).collect::<FuturesUnordered<_>>().next().await;
    }
    let mut future = pin!(future);
    for _ in 0..polls {
        let polled = poll_fn(|cx: &mut Context<'_>| match future.as_mut().poll(cx) {
            Poll::Pending if polls == usize::MAX => Poll::Pending,
            polled => Poll::Ready(polled),
        });
        if let Poll::Ready(output) = polled.await {
            return Some(output);
        }
        yield_now().await;
    }
    None
}

async fn send(mut to: impl AsyncWrite + Unpin, dice: &Dice) -> io::Result<()> {
    let bytes: Vec<u8> = (0..SIZE).map(byte).collect();
    let mut sent = 0;
    while sent < SIZE {
        let end = SIZE.min(sent + dice.length());
        if let Some(count) = attempt(dice, to.write(&bytes[sent..end])).await {
            sent += count?;
        }
        if dice.below(16) == 0 {
            attempt(dice, to.flush()).await.unwrap_or(Ok(()))?;
        }
    }
    to.close().await
}

async fn receive(mut from: impl AsyncRead + Unpin, dice: &Dice) -> io::Result<()> {
    let mut buffer = vec![0; 70_001];
    let mut received = 0;
    loop {
        let length = dice.length();
        match attempt(dice, from.read(&mut buffer[..length])).await.transpose()? {
            None => continue,
            Some(0) => break,
            Some(count) => {
                for (index, found) in buffer[..count].iter().enumerate() {
                    assert_eq!(*found, byte(received + index), "at {}", received + index);
                }
                received += count;
            }
        }
    }
    assert_eq!(received, SIZE);
    Ok(())
}

/// Sends through one end what the other receives.
async fn through(
    one: impl AsyncWrite + Unpin,
    other: impl AsyncRead + Unpin,
    seed: u64,
) -> io::Result<()> {
    let (sender, receiver) = (Dice::new(seed), Dice::new(seed + 1000));
    let (sent, received) = join(send(one, &sender), receive(other, &receiver)).await;
    sent.and(received)
}

fn nothing_is_lost_over_tcp() -> io::Result<()> {
    run(async {
        for seed in 0..4 {
            let (one, other) = common::pair().await?;
            let there = through(&one, &other, seed);
            let back = through(&other, &one, seed + 100);
            let (there, back) = join(there, back).await;
            there.and(back)?;
        }
        Ok(())
    })
}

fn nothing_is_lost_between_tasks_that_take_turns() -> io::Result<()> {
    run(async {
        let (one, other) = common::pair().await?;
        let (mut one, mut other) = (std::rc::Rc::new(one), std::rc::Rc::new(other));
        let dice = Dice::new(7);
        let mut position = 0;
        for round in 0..2000 {
            // A read that another task has begun to wait for, and the next task goes on with.
            let waiting = runtime::spawn({
                let other = other.clone();
                async move { (&*other).read(&mut [0; 0]).await.and(other.readable().await) }
            });
            for _ in 0..dice.below(3) {
                yield_now().await;
            }
            if dice.below(2) == 0 {
                waiting.abort();
            }
            let length = 1 + dice.below(100);
            let bytes: Vec<u8> = (position..position + length).map(byte).collect();
            (&*one).write_all(&bytes).await?;
            let reading = runtime::spawn({
                let other = other.clone();
                async move {
                    let mut buffer = vec![0; length];
                    (&*other).read_exact(&mut buffer).await.map(|()| buffer)
                }
            });
            assert_eq!(reading.await.expect("no panic")?, bytes, "round {round}");
            position += length;
            waiting.abort();
            let _ = waiting.await;
            std::mem::swap(&mut one, &mut other);
        }
        Ok(())
    })
}

fn nothing_is_lost_through_a_copy_by_splice() -> io::Result<()> {
    run(async {
        for seed in 0..4 {
            let (one, mut near) = common::pair().await?;
            let (mut far, other) = common::pair().await?;
            let copy = runtime::spawn(async move { copy_bidirectional(&mut near, &mut far).await });
            let both = join(through(&one, &other, seed), through(&other, &one, seed + 100));
            let (there, back) = both.await;
            there.and(back)?;
            assert_eq!(copy.await.expect("no panic")?, (SIZE as u64, SIZE as u64));
        }
        Ok(())
    })
}

fn nothing_is_lost_through_a_copy_by_buffers() -> io::Result<()> {
    run(async {
        for seed in 0..4 {
            let (one, mut near) = common::pair().await?;
            let (mut far, other) = common::pair().await?;
            let copy = runtime::spawn(async move {
                copy_bidirectional_with_sizes(&mut near, &mut far, 1000, 50_000).await
            });
            let both = join(through(&one, &other, seed), through(&other, &one, seed + 100));
            let (there, back) = both.await;
            there.and(back)?;
            assert_eq!(copy.await.expect("no panic")?, (SIZE as u64, SIZE as u64));
        }
        Ok(())
    })
}

#[cfg(unix)]
mod unix {
    use super::*;

    on_each_selector!(nothing_is_lost_over_a_unix_stream, nothing_is_lost_through_a_pipe);

    fn nothing_is_lost_over_a_unix_stream() -> io::Result<()> {
        run(async {
            for seed in 0..4 {
                let (one, other) = runtime::net::UnixStream::pair()?;
                let there = through(&one, &other, seed);
                let back = through(&other, &one, seed + 100);
                let (there, back) = join(there, back).await;
                there.and(back)?;
            }
            Ok(())
        })
    }

    fn nothing_is_lost_through_a_pipe() -> io::Result<()> {
        run(async {
            for seed in 0..4 {
                let (sender, receiver) = runtime::net::unix::pipe::pipe()?;
                let (dice, other) = (Dice::new(seed), Dice::new(seed + 1000));
                let sending = async {
                    let sender = sender;
                    send(sender, &dice).await
                };
                let (sent, received) = join(sending, receive(receiver, &other)).await;
                sent.and(received)?;
            }
            Ok(())
        })
    }
}

#[cfg(feature = "tls")]
mod tls {
    use super::*;
    use crate::certificates::{Authority, handshake};

    on_each_selector!(nothing_is_lost_over_tls);

    fn nothing_is_lost_over_tls() -> io::Result<()> {
        run(async {
            let authority = Authority::new();
            for seed in 0..4 {
                let (connector, acceptor) = (authority.connector(), authority.acceptor());
                let ends = handshake(&connector, "localhost", &acceptor).await?;
                let (from_one, to_one) = ends.0?.split();
                let (from_other, to_other) = ends.1?.split();
                let there = through(to_one, from_other, seed);
                let back = through(to_other, from_one, seed + 100);
                let (there, back) = join(there, back).await;
                there.and(back)?;
            }
            Ok(())
        })
    }
}
