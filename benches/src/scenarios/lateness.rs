//! How late does a sleep end on an idle loop, and how soon does a task run that another thread woke?

use std::{
    future::poll_fn,
    hint,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    task::{Poll, Waker},
    thread,
    time::{Duration, Instant},
};

use crate::{peer::Peer, plan::Plan, random::Random, report::Metrics};

/// Sleeps of 1 to 5 ms, one after the other.
pub(crate) fn of_a_sleep<P: Peer>(plan: Plan) -> Metrics {
    let sleeps = plan.size(200);
    let mut random = Random::new();
    let mut late = P::new().block_on(async {
        P::spawn(async move {
            let mut late = Vec::new();
            for _ in 0..sleeps {
                let duration = Duration::from_millis(1) + random.up_to(Duration::from_millis(4));
                let deadline = Instant::now() + duration;
                P::sleep(duration).await;
                let now = Instant::now();
                assert!(now >= deadline, "a sleep ended {:?} early", deadline - now);
                late.push((now - deadline).as_nanos() as u64);
            }
            late
        })
        .await
    });
    percentiles(&mut late)
}

/// Half and 99 % of a set of nanoseconds, as microseconds.
fn percentiles(nanoseconds: &mut [u64]) -> Metrics {
    nanoseconds.sort_unstable();
    let at = |share: usize| nanoseconds[nanoseconds.len() * share / 100] as f64 / 1000.0;
    Metrics::new().with("p50_us", at(50)).with("p99_us", at(99))
}

/// What the loop and the other thread share. `asked` and `answered` count rounds.
#[derive(Default)]
struct Meeting {
    waker: Mutex<Option<Waker>>,
    asked: AtomicU64,
    answered: AtomicU64,
}

/// A thread that never sleeps wakes the root future of a loop that has had time to park.
pub(crate) fn of_a_foreign_wake<P: Peer>(plan: Plan) -> Metrics {
    /// Longer than any loop spins before it parks.
    const TIME_TO_PARK: Duration = Duration::from_micros(300);
    let rounds = plan.size(500);
    let meeting = Arc::new(Meeting::default());
    let theirs = Arc::clone(&meeting);
    let other = thread::spawn(move || {
        let mut late = Vec::new();
        for round in 1..=rounds {
            let waker = loop {
                if let Some(waker) = theirs.waker.lock().unwrap().take() {
                    break waker;
                }
                hint::spin_loop();
            };
            let parked = Instant::now() + TIME_TO_PARK;
            while Instant::now() < parked {
                hint::spin_loop();
            }
            let start = Instant::now();
            theirs.asked.store(round, Ordering::SeqCst);
            waker.wake();
            while theirs.answered.load(Ordering::SeqCst) < round {
                hint::spin_loop();
            }
            late.push(start.elapsed().as_nanos() as u64);
        }
        late
    });
    P::new().block_on(async {
        for round in 1..=rounds {
            poll_fn(|cx| {
                if meeting.asked.load(Ordering::SeqCst) == round {
                    return Poll::Ready(());
                }
                let waker = cx.waker().clone();
                let mut place = meeting.waker.lock().unwrap();
                let previous = place.replace(waker);
                drop(place);
                drop(previous);
                // The other thread may have asked before the waker was in place.
                if meeting.asked.load(Ordering::SeqCst) == round {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })
            .await;
            meeting.answered.store(round, Ordering::SeqCst);
        }
    });
    percentiles(&mut other.join().expect("the other thread only counts"))
}
