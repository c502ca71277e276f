//! Races between attempts that are no more than sleeps, on a clock that stands still until it is waited for.

use std::cell::RefCell;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use runtime_core::Builder;
use runtime_core::time::{Instant, sleep, timeout};

use super::Race;

/// What becomes of an attempt, after how many milliseconds.
#[derive(Clone, Copy)]
enum Fate {
    Connects(u64),
    Fails(u64),
    /// Fails before it has begun, as for want of descriptors.
    FailsToStart,
    Hangs,
}

use Fate::{Connects, Fails, FailsToStart, Hangs};

/// The start or the end of an attempt, and the millisecond of it.
type Log = Rc<RefCell<Vec<String>>>;

struct Attempt {
    fate: Pin<Box<dyn Future<Output = io::Result<u16>>>>,
    name: u16,
    log: Log,
    begin: Instant,
}

impl Future for Attempt {
    type Output = io::Result<u16>;

    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        self.fate.as_mut().poll(cx)
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        note(&self.log, '-', self.name, self.begin);
    }
}

fn note(log: &Log, what: char, name: u16, begin: Instant) {
    log.borrow_mut().push(format!("{what}{name}@{}", begin.elapsed().as_millis()));
}

/// Runs attempts of these fates; tells what happened (`+` is a start, `-` a drop, `!` the end) and the
/// outcome.
///
/// Attempt `n` is one to port `n`.
fn race(
    delay: impl Into<Option<u64>>,
    limit: impl Into<Option<u64>>,
    fates: &[Fate],
) -> (String, io::Result<u16>) {
    let runtime = Builder::new().start_paused(true).build().expect("a loop");
    let log = Log::default();
    let delay = delay.into().map(Duration::from_millis);
    let limit = limit.into().map_or(Duration::MAX, Duration::from_millis);
    let outcome = runtime.block_on(async {
        let begin = Instant::now();
        let addresses = (0..fates.len()).map(|n| SocketAddr::from(([10, 0, 0, 1], n as u16)));
        let mut race = Race::new(addresses.collect(), delay, |address| {
            let name = address.port();
            note(&log, '+', name, begin);
            let fate = fates[usize::from(name)];
            if let FailsToStart = fate {
                return Err(ErrorKind::PermissionDenied.into());
            }
            let fate = async move {
                match fate {
                    Connects(after) => sleep(Duration::from_millis(after)).await,
                    Fails(after) => {
                        sleep(Duration::from_millis(after)).await;
                        return Err(ErrorKind::ConnectionRefused.into());
                    }
                    FailsToStart => unreachable!("it has failed"),
                    Hangs => std::future::pending().await,
                }
                Ok(name)
            };
            Ok(Attempt { fate: Box::pin(fate), name, log: log.clone(), begin })
        });
        let outcome = match timeout(limit, &mut race).await {
            Ok(outcome) => outcome.map_err(|attempts| attempts.into_error()),
            Err(_) => {
                Err(race.give_up(|| ErrorKind::TimedOut.into()).into_error_of(ErrorKind::TimedOut))
            }
        };
        log.borrow_mut().push(format!("!@{}", begin.elapsed().as_millis()));
        outcome
    });
    let story = log.borrow().join(" ");
    (story, outcome)
}

#[test]
fn an_unanswered_attempt_gets_company_after_the_delay() {
    let (story, outcome) = race(250, None, &[Hangs, Hangs, Connects(40)]);
    assert_eq!(outcome.expect("one connects"), 2);
    assert_eq!(story, "+0@0 +1@250 +2@500 -0@540 -1@540 -2@540 !@540");
}

#[test]
fn the_next_attempt_starts_at_once_after_a_failure() {
    let (story, outcome) = race(250, None, &[Fails(30), Fails(0), Connects(5)]);
    assert_eq!(outcome.expect("one connects"), 2);
    assert_eq!(story, "+0@0 -0@30 +1@30 -1@30 +2@30 -2@35 !@35");
}

#[test]
fn a_failure_of_an_older_attempt_starts_the_next_as_well() {
    let (story, outcome) = race(250, None, &[Fails(300), Hangs, Hangs, Connects(1)]);
    assert_eq!(outcome.expect("one connects"), 3);
    // The delay begins anew with each start.
    assert_eq!(story, "+0@0 +1@250 -0@300 +2@300 +3@550 -1@551 -2@551 -3@551 !@551");
}

#[test]
fn an_attempt_that_cannot_start_makes_way_at_once() {
    let (story, outcome) = race(250, None, &[FailsToStart, FailsToStart, Connects(7)]);
    assert_eq!(outcome.expect("one connects"), 2);
    assert_eq!(story, "+0@0 +1@0 +2@0 -2@7 !@7");
}

#[test]
fn an_older_attempt_may_still_win() {
    let (story, outcome) = race(250, None, &[Connects(260), Connects(100), Hangs]);
    assert_eq!(outcome.expect("one connects"), 0);
    assert_eq!(story, "+0@0 +1@250 -0@260 -1@260 !@260");
}

#[test]
fn of_two_that_connect_at_once_the_first_wins() {
    let (_, outcome) = race(250, None, &[Connects(350), Connects(100)]);
    assert_eq!(outcome.expect("both connect"), 0);
}

#[test]
fn a_quick_answer_starts_no_other_attempt() {
    let (story, outcome) = race(250, None, &[Connects(249), Connects(0)]);
    assert_eq!(outcome.expect("one connects"), 0);
    assert_eq!(story, "+0@0 -0@249 !@249");
}

#[test]
fn without_a_delay_attempts_go_one_at_a_time() {
    let (story, outcome) = race(None, None, &[Fails(60_000), FailsToStart, Connects(9)]);
    assert_eq!(outcome.expect("one connects"), 2);
    assert_eq!(story, "+0@0 -0@60000 +1@60000 +2@60000 -2@60009 !@60009");
}

#[test]
fn failures_are_listed_in_the_order_of_the_starts() {
    let (story, outcome) = race(250, None, &[Fails(600), FailsToStart, Fails(100)]);
    assert_eq!(story, "+0@0 +1@250 +2@250 -2@350 -0@600 !@600");
    let error = outcome.expect_err("all fail");
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    assert_eq!(
        error.to_string(),
        "could not connect to 10.0.0.1:0 (connection refused), 10.0.0.1:1 (permission denied), \
         10.0.0.1:2 (connection refused)"
    );
}

#[test]
fn giving_up_lists_what_was_under_way_and_drops_it() {
    let (story, outcome) = race(250, 300, &[Hangs, Fails(10), Hangs, Hangs]);
    assert_eq!(story, "+0@0 +1@250 -1@260 +2@260 -0@300 -2@300 !@300");
    let error = outcome.expect_err("the time is up");
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert_eq!(
        error.to_string(),
        "could not connect to 10.0.0.1:0 (timed out), 10.0.0.1:1 (connection refused), \
         10.0.0.1:2 (timed out)"
    );
}

#[test]
fn a_race_of_nobody_fails() {
    let (story, outcome) = race(250, None, &[]);
    assert_eq!(story, "!@0");
    assert_eq!(outcome.expect_err("nothing to try").kind(), ErrorKind::InvalidInput);
}
