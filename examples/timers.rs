//! Sleeps, timeouts and intervals.
//!
//! ```text
//! cargo run --example timers
//! ```

use std::time::Duration;

use examples::{Latency, bold};
use futures::future::pending;
use runtime::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout};

const TICK: Duration = Duration::from_millis(50);

#[runtime::main]
async fn main() {
    lateness().await;
    timeouts().await;
    watchdog().await;
    ticks().await;
    missed_ticks().await;
}

/// How late a sleep ends. It is never early.
async fn lateness() {
    println!("{}", bold("sleep: 50 times 3.3 ms"));
    let wanted = Duration::from_micros(3300);
    let mut lateness = Latency::new();
    for _ in 0..50 {
        let start = Instant::now();
        sleep(wanted).await;
        lateness.record(start.elapsed().checked_sub(wanted).expect("a sleep never ends early"));
    }
    println!(
        "  half of them at most {:.1?} late, all at most {:.1?}",
        lateness.quantile(0.5),
        lateness.max()
    );
}

/// A future that takes too long is dropped.
async fn timeouts() {
    println!("{}", bold("timeout"));
    match timeout(TICK, pending::<()>()).await {
        Ok(()) => println!("  the future that never ends has ended"),
        Err(elapsed) => println!("  after {TICK:?}: {elapsed}"),
    }
    if let Ok(value) = timeout(TICK, async { 42 }).await {
        println!("  in time: {value}");
    }
}

/// A deadline that moves: each sign of life resets it.
async fn watchdog() {
    println!("{}", bold("reset: a watchdog that is fed three times"));
    let start = Instant::now();
    let mut watchdog = Box::pin(sleep(TICK));
    for meal in 1..=3 {
        sleep(TICK / 2).await;
        watchdog.as_mut().get_mut().reset(Instant::now() + TICK);
        println!("  {:>4.0?} meal {meal}", start.elapsed());
    }
    watchdog.await;
    println!("  {:>4.0?} barks", start.elapsed());
}

/// A tick does not drift: lateness of one is not passed on to the next.
async fn ticks() {
    println!("{}", bold("interval: five ticks of 50 ms, with work of 20 ms after each"));
    let start = Instant::now();
    let mut interval = interval(TICK);
    for number in 0..5 {
        interval.tick().await;
        println!("  {:>6.1?} tick {number}", start.elapsed());
        sleep(Duration::from_millis(20)).await;
    }
}

/// What an interval does about ticks that nobody could take.
async fn missed_ticks() {
    println!("{}", bold("missed ticks: the third one comes 125 ms late"));
    for behavior in [MissedTickBehavior::Burst, MissedTickBehavior::Delay, MissedTickBehavior::Skip]
    {
        let start = Instant::now();
        let mut interval = interval(TICK);
        interval.set_missed_tick_behavior(behavior);
        let mut times = Vec::new();
        for number in 0..6 {
            interval.tick().await;
            times.push(format!("{:>4}", start.elapsed().as_millis()));
            if number == 1 {
                // Something else takes the time of two and a half ticks.
                sleep_until(Instant::now() + TICK * 5 / 2 + TICK).await;
            }
        }
        println!("  {:<6} {} ms", format!("{behavior:?}"), times.join(" "));
    }
}
