//! Two streams are connected to each other: all bytes and both ends are passed on, whatever the streams are.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::thread;

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, poll};
use runtime::net::{
    CopyBidirectionalError, TcpStream, copy_bidirectional, copy_bidirectional_with_sizes,
};
use runtime::task::yield_now;

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    both_directions_arrive_in_full,
    the_end_of_one_direction_leaves_the_other_open,
    bytes_one_by_one_do_not_get_stuck,
    a_writer_that_buffers_is_flushed_when_there_is_nothing_to_read,
    a_peer_that_leaves_ends_it_with_counts,
    a_peer_that_does_not_read_holds_up_one_direction_and_nobody_else,
    a_dropped_copy_closes_nothing_and_gives_its_pipes_back_empty,
    a_long_copy_gives_way_to_other_tasks,
    nothing_spins_at_rest,
);

/// A stream that the system knows nothing of.
struct Wrapped(TcpStream);

impl AsyncRead for Wrapped {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wrapped {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_close(cx)
    }
}

type Outcome = Result<(u64, u64), CopyBidirectionalError>;

/// By splice(2), through buffers because one of the two is wrapped, and through tiny buffers.
async fn copy_by(way: usize, mut a: TcpStream, mut b: TcpStream) -> Outcome {
    match way {
        0 => copy_bidirectional(&mut a, &mut b).await,
        1 => copy_bidirectional(&mut Wrapped(a), &mut b).await,
        _ => copy_bidirectional_with_sizes(&mut &a, &mut &b, 0, 7).await,
    }
}

const WAYS: usize = 3;

/// The far ends of two streams, which block, and the near ones.
async fn two() -> io::Result<((TcpStream, TcpStream), (std::net::TcpStream, std::net::TcpStream))> {
    let (a, far_a) = common::half_pair().await?;
    let (b, far_b) = common::half_pair().await?;
    Ok(((a, b), (far_a, far_b)))
}

fn pattern(length: usize, seed: usize) -> Vec<u8> {
    (0..length).map(|n| ((seed + n) ^ (n >> 8)) as u8).collect()
}

/// Sends all of `bytes` and their end, and returns what has come from the other side.
fn exchange(stream: std::net::TcpStream, bytes: Vec<u8>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let sender = {
            let mut stream = stream.try_clone().expect("descriptors are left");
            thread::spawn(move || {
                stream.write_all(&bytes).expect("somebody reads");
                stream.shutdown(Shutdown::Write).expect("it is connected");
            })
        };
        let mut received = Vec::new();
        (&stream).read_to_end(&mut received).expect("an orderly end");
        sender.join().expect("the sender does not panic");
        received
    })
}

fn both_directions_arrive_in_full() -> io::Result<()> {
    for way in 0..WAYS {
        // Tiny buffers are for the principle.
        let size = if way < 2 { 5_000_001 } else { 20_001 };
        let (there, back) = (pattern(size, 1), pattern(size / 3, 2));
        run(async {
            let ((a, b), (far_a, far_b)) = two().await?;
            let far_a = exchange(far_a, there.clone());
            let far_b = exchange(far_b, back.clone());
            let counts = copy_by(way, a, b).await?;
            assert_eq!(counts, (there.len() as u64, back.len() as u64));
            assert!(far_a.join().expect("it reads all") == back);
            assert!(far_b.join().expect("it reads all") == there);
            io::Result::Ok(())
        })?;
    }
    Ok(())
}

fn the_end_of_one_direction_leaves_the_other_open() -> io::Result<()> {
    for way in 0..WAYS {
        run(async {
            let ((a, b), (mut far_a, mut far_b)) = two().await?;
            let copy = runtime::spawn(copy_by(way, a, b));
            let question = runtime::spawn_blocking(move || {
                far_a.write_all(b"question")?;
                far_a.shutdown(Shutdown::Write)?;
                let mut question = String::new();
                far_b.read_to_string(&mut question)?;
                io::Result::Ok((question, far_a, far_b))
            });
            let (question, mut far_a, mut far_b) = question.await.expect("no panic")?;
            assert_eq!(question, "question");
            assert!(!copy.is_finished());
            let answer = runtime::spawn_blocking(move || {
                far_b.write_all(b"answer")?;
                drop(far_b);
                let mut answer = String::new();
                far_a.read_to_string(&mut answer).map(|_| answer)
            });
            assert_eq!(answer.await.expect("no panic")?, "answer");
            assert_eq!(copy.await.expect("no panic")?, (8, 6));
            io::Result::Ok(())
        })?;
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_tcp_and_a_unix_stream_are_connected() -> io::Result<()> {
    let (there, back) = (pattern(5_000_001, 1), pattern(2_000_000, 2));
    run(async {
        let (mut a, far_a) = common::half_pair().await?;
        let (mut b, mut far_b) = runtime::net::UnixStream::pair()?;
        let far_a = exchange(far_a, there.clone());
        let answer = back.clone();
        let other = runtime::spawn(async move {
            far_b.write_all(&answer).await?;
            far_b.close().await?;
            let mut received = Vec::new();
            far_b.read_to_end(&mut received).await.map(|_| received)
        });
        let counts = copy_bidirectional(&mut a, &mut b).await?;
        assert_eq!(counts, (there.len() as u64, back.len() as u64));
        assert!(far_a.join().expect("it reads all") == back);
        assert!(other.await.expect("no panic")? == there);
        Ok(())
    })
}

/// Each is a slot of the pipe, of which there are fewer than bytes.
fn bytes_one_by_one_do_not_get_stuck() -> io::Result<()> {
    run(async {
        let ((a, b), (far_a, far_b)) = two().await?;
        far_a.set_nodelay(true)?;
        // All of them wait in the socket when copying begins.
        for n in 0..1000_u32 {
            (&far_a).write_all(&[n as u8])?;
        }
        far_a.shutdown(Shutdown::Write)?;
        let far_b = exchange(far_b, Vec::new());
        assert_eq!(copy_by(0, a, b).await?, (1000, 0));
        let received = far_b.join().expect("it reads all");
        assert!((0..1000_u32).map(|n| n as u8).eq(received));
        Ok(())
    })
}

fn a_writer_that_buffers_is_flushed_when_there_is_nothing_to_read() -> io::Result<()> {
    run(async {
        let ((a, b), (mut far_a, mut far_b)) = two().await?;
        let mut b = futures::io::BufWriter::with_capacity(1 << 20, Wrapped(b));
        let copy = runtime::spawn(async move {
            let mut a = a;
            copy_bidirectional(&mut a, &mut b).await
        });
        let echo = runtime::spawn_blocking(move || {
            let mut bytes = [0; 5];
            far_a.write_all(b"hello")?;
            far_b.read_exact(&mut bytes)?;
            io::Result::Ok(bytes)
        });
        assert_eq!(&echo.await.expect("no panic")?, b"hello");
        assert_eq!(copy.await.expect("no panic")?, (5, 0));
        Ok(())
    })
}

fn a_peer_that_leaves_ends_it_with_counts() -> io::Result<()> {
    for way in 0..2 {
        run(async {
            let ((a, b), (mut far_a, mut far_b)) = two().await?;
            let sender = thread::spawn(move || {
                far_a.read_exact(&mut [0; 3]).expect("the other side says goodbye");
                let chunk = vec![0; 1 << 20];
                let mut count = 0;
                while let Ok(sent) = far_a.write(&chunk) {
                    count += sent as u64;
                }
                count
            });
            let leaving = thread::spawn(move || {
                let mut bytes = vec![0; 1 << 20];
                far_b.write_all(b"bye").expect("it is connected");
                // It goes with the rest unread, which is a reset.
                far_b.read_exact(&mut bytes).expect("somebody sends");
            });
            let error = copy_by(way, a, b).await.expect_err("the peer has gone");
            leaving.join().expect("no panic");
            let sent = sender.join().expect("no panic");
            let kinds = [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe];
            assert!(kinds.contains(&error.kind()), "{error}");
            assert!((1 << 20..=sent).contains(&error.a_to_b()), "{error}");
            assert_eq!(error.b_to_a(), 3);
            let (kind, count) = (error.kind(), error.a_to_b());
            let error = io::Error::from(error);
            assert_eq!(error.kind(), kind);
            let inner = error.get_ref().and_then(|error| error.downcast_ref());
            assert_eq!(inner.map(CopyBidirectionalError::a_to_b), Some(count));
            io::Result::Ok(())
        })?;
    }
    Ok(())
}

fn a_peer_that_does_not_read_holds_up_one_direction_and_nobody_else() -> io::Result<()> {
    for way in 0..2 {
        run(async {
            let ((a, b), (far_a, mut far_b)) = two().await?;
            let mut copy = pin!(copy_by(way, a, b));
            far_a.set_nonblocking(true)?;
            let mut refusals = 0;
            while refusals < 3 {
                match (&far_a).write(&[1; 65536]) {
                    Ok(_) => refusals = 0,
                    Err(_) => refusals += 1,
                }
                assert!(common::stays_pending(&mut copy).await?);
            }
            // The other direction still goes.
            far_b.write_all(b"hello")?;
            let mut received = [0; 5];
            loop {
                assert!(poll!(&mut copy).is_pending());
                match (&far_a).read(&mut received) {
                    Ok(count) => break assert_eq!(&received[..count], b"hello"),
                    Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
                }
                yield_now().await;
            }
            common::round_trips(10).await
        })?;
    }
    Ok(())
}

fn a_dropped_copy_closes_nothing_and_gives_its_pipes_back_empty() -> io::Result<()> {
    run(async {
        let ((mut a, mut b), (mut far_a, mut far_b)) = two().await?;
        far_a.write_all(b"first")?;
        {
            let mut copy = pin!(copy_bidirectional(&mut a, &mut b));
            assert!(common::stays_pending(&mut copy).await?);
        }
        // Full of what will never arrive.
        let ((mut c, mut d), (far_c, _far_d)) = two().await?;
        {
            far_c.set_nonblocking(true)?;
            let mut copy = pin!(copy_bidirectional(&mut c, &mut d));
            let mut refusals = 0;
            while refusals < 3 {
                match (&far_c).write(&[1; 65536]) {
                    Ok(_) => refusals = 0,
                    Err(_) => refusals += 1,
                }
                assert!(common::stays_pending(&mut copy).await?);
            }
        }
        let mut copy = pin!(copy_bidirectional(&mut a, &mut b));
        far_a.write_all(b", then more")?;
        assert!(common::stays_pending(&mut copy).await?);
        let mut received = [0; 16];
        far_b.read_exact(&mut received)?;
        assert_eq!(&received, b"first, then more");
        drop((far_a, far_b));
        assert_eq!(copy.await?, (11, 0));
        Ok(())
    })
}

fn a_long_copy_gives_way_to_other_tasks() -> io::Result<()> {
    for way in 0..2 {
        run(async {
            let ((a, b), (far_a, far_b)) = two().await?;
            let zeros = thread::spawn(move || {
                let chunk = vec![0; 1 << 20];
                for _ in 0..128 {
                    (&far_a).write_all(&chunk).expect("somebody reads");
                }
            });
            let drain = thread::spawn(move || {
                let mut buffer = vec![0; 4 << 20];
                while (&far_b).read(&mut buffer).expect("zeros") > 0 {}
            });
            let turns = std::rc::Rc::new(std::cell::Cell::new(0));
            let others = turns.clone();
            let other = runtime::spawn(async move {
                loop {
                    yield_now().await;
                    others.set(others.get() + 1);
                }
            });
            assert_eq!(copy_by(way, a, b).await?, (128 << 20, 0));
            other.abort();
            assert!(turns.get() >= 16, "{} turns", turns.get());
            zeros.join().expect("no panic");
            drain.join().expect("no panic");
            io::Result::Ok(())
        })?;
    }
    Ok(())
}

fn nothing_spins_at_rest() -> io::Result<()> {
    run(async {
        let ((a, b), (far_a, mut far_b)) = two().await?;
        let mut copy = wakes::counted(copy_by(0, a, b));
        // One direction has ended, the other rests.
        far_a.shutdown(Shutdown::Write)?;
        assert!(common::stays_pending(&mut copy).await?);
        assert_eq!(far_b.read(&mut [0; 1])?, 0);
        let wakes = copy.wakes();
        let mut rest = pin!(async { common::round_trips(200).await });
        futures::future::poll_fn(|cx| {
            assert!(Pin::new(&mut copy).poll(cx).is_pending());
            rest.as_mut().poll(cx)
        })
        .await?;
        assert_eq!(copy.wakes(), wakes);
        Ok(())
    })
}

/// A future whose wakes are counted.
mod wakes {
    use std::pin::Pin;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};
    use std::task::{Context, Poll, Wake, Waker};

    pub(crate) struct Counted<F> {
        future: Pin<Box<F>>,
        bell: Arc<Bell>,
    }

    struct Bell {
        count: AtomicUsize,
        outer: Mutex<Waker>,
    }

    impl Wake for Bell {
        fn wake(self: Arc<Bell>) {
            self.count.fetch_add(1, Ordering::SeqCst);
            let outer = self.outer.lock().expect("nobody panics").clone();
            outer.wake();
        }
    }

    pub(crate) fn counted<F: Future>(future: F) -> Counted<F> {
        let bell = Bell { count: AtomicUsize::new(0), outer: Mutex::new(Waker::noop().clone()) };
        Counted { future: Box::pin(future), bell: Arc::new(bell) }
    }

    impl<F> Counted<F> {
        pub(crate) fn wakes(&self) -> usize {
            self.bell.count.load(Ordering::SeqCst)
        }
    }

    impl<F: Future> Future for Counted<F> {
        type Output = F::Output;

        fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
            *self.bell.outer.lock().expect("nobody panics") = cx.waker().clone();
            let waker = Waker::from(self.bell.clone());
            self.future.as_mut().poll(&mut Context::from_waker(&waker))
        }
    }
}
