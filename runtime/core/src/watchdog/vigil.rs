//! The watch over one loop: when to look at it next, and what to report.
//!
//! No thread and no clock here, so that it can be tested: the time is the post's, and is handed in.

use std::time::Duration;

use crate::watchdog::post::Glance;

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct Vigil {
    threshold: Duration,
    /// The poll that was seen last.
    case: Option<Case>,
    /// When the loop was looked at last.
    looked: Duration,
}

/// A poll that may become a case of blocking.
#[derive(Debug)]
struct Case {
    /// When it began: by this the poll is known.
    since: Duration,
    /// The part of its time for which nobody can vouch.
    lost: Duration,
    /// How often it has been reported.
    reports: u32,
    /// After what time it is to be reported, or reported again.
    due: Duration,
}

/// What is to be done about a loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Look again then.
    Look(Duration),
    /// Look when the loop says that it is active.
    Wait,
    /// Report the poll that began at `since`, has gone on for `elapsed` and is reported for the `count`th
    /// time.
    Report { since: Duration, elapsed: Duration, count: u32 },
}

impl Vigil {
    pub(super) fn new(threshold: Duration) -> Vigil {
        Vigil { threshold, case: None, looked: Duration::ZERO }
    }

    /// What is seen at `now`, by a watchdog that was `late` in waking up, or had no time set for that.
    ///
    /// If it is late it did not run when it wanted to. Then the loop may not have run either: the process was
    /// stopped, or the machine overloaded, and that time is nobody's fault.
    pub(super) fn see(&mut self, glance: Glance, now: Duration, late: Option<Duration>) -> Next {
        let trusted = match late {
            Some(late) if late <= self.threshold / 2 => Trusted::But(late),
            _ => Trusted::NothingSince(self.looked),
        };
        self.looked = now;
        match glance {
            Glance::Poll(since) => self.see_poll(since, now, trusted),
            Glance::Pass => Next::Look(now + self.threshold),
            Glance::Rest => Next::Wait,
        }
    }

    fn see_poll(&mut self, since: Duration, now: Duration, trusted: Trusted) -> Next {
        let known = self.case.take().filter(|case| case.since == since);
        let mut case =
            known.unwrap_or(Case { since, lost: Duration::ZERO, reports: 0, due: self.threshold });
        case.lost += trusted.lost_since(since, now);
        let elapsed = now.saturating_sub(since + case.lost);
        let next = if elapsed >= case.due {
            case.reports += 1;
            // A poll of an hour is told a dozen times.
            case.due = elapsed.saturating_mul(2);
            Next::Report { since, elapsed, count: case.reports }
        } else {
            Next::Look(since.saturating_add(case.lost).saturating_add(case.due))
        };
        self.case = Some(case);
        next
    }

    /// The report came to nothing, because the poll was over, or the thread was stopped by a debugger.
    pub(super) fn dismiss(&mut self, now: Duration, stopped: bool) {
        match &mut self.case {
            Some(case) if stopped => {
                case.reports -= 1;
                case.due /= 2;
                case.lost = now.saturating_sub(case.since);
            }
            _ => self.case = None,
        }
    }
}

/// What the watchdog knows of the time since it looked last.
#[derive(Debug, Clone, Copy)]
enum Trusted {
    /// All but this last part.
    But(Duration),
    /// Nothing since then: it came far too late, or was woken from a sleep without end.
    NothingSince(Duration),
}

impl Trusted {
    /// How much of a poll's time is lost.
    fn lost_since(self, since: Duration, now: Duration) -> Duration {
        let age = now.saturating_sub(since);
        match self {
            Trusted::But(late) => late.min(age),
            Trusted::NothingSince(looked) => now.saturating_sub(looked).min(age),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THRESHOLD: Duration = Duration::from_millis(100);

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    const IN_TIME: Option<Duration> = Some(Duration::ZERO);

    fn report(since: u64, elapsed: u64, count: u32) -> Next {
        Next::Report { since: ms(since), elapsed: ms(elapsed), count }
    }

    #[test]
    fn a_poll_is_looked_at_when_it_would_be_too_long_and_reported_then() {
        let mut vigil = Vigil::new(THRESHOLD);
        assert_eq!(vigil.see(Glance::Poll(ms(10)), ms(10), None), Next::Look(ms(110)));
        let next = vigil.see(Glance::Poll(ms(10)), ms(110), IN_TIME);
        assert_eq!(next, report(10, 100, 1));
    }

    #[test]
    fn another_poll_is_another_case() {
        let mut vigil = Vigil::new(THRESHOLD);
        vigil.see(Glance::Poll(ms(10)), ms(10), None);
        let next = vigil.see(Glance::Poll(ms(90)), ms(110), IN_TIME);
        assert_eq!(next, Next::Look(ms(190)));
    }

    #[test]
    fn a_poll_that_goes_on_is_reported_when_its_time_has_doubled() {
        let mut vigil = Vigil::new(THRESHOLD);
        vigil.see(Glance::Poll(ms(0)), ms(0), None);
        let glance = Glance::Poll(ms(0));
        assert_eq!(vigil.see(glance, ms(100), IN_TIME), report(0, 100, 1));
        assert_eq!(vigil.see(glance, ms(100), IN_TIME), Next::Look(ms(200)));
        assert_eq!(vigil.see(glance, ms(200), IN_TIME), report(0, 200, 2));
        assert_eq!(vigil.see(glance, ms(200), IN_TIME), Next::Look(ms(400)));
        assert_eq!(vigil.see(glance, ms(400), IN_TIME), report(0, 400, 3));
    }

    #[test]
    fn a_poll_that_is_seen_late_is_reported_once() {
        let mut vigil = Vigil::new(THRESHOLD);
        vigil.see(Glance::Poll(ms(0)), ms(0), None);
        let glance = Glance::Poll(ms(0));
        assert_eq!(vigil.see(glance, ms(100), IN_TIME), report(0, 100, 1));
        // It took three seconds to make the first report.
        assert_eq!(vigil.see(glance, ms(3100), IN_TIME), report(0, 3100, 2));
        assert_eq!(vigil.see(glance, ms(3100), IN_TIME), Next::Look(ms(6200)));
    }

    #[test]
    fn time_in_which_the_watchdog_did_not_run_either_does_not_count() {
        let mut vigil = Vigil::new(THRESHOLD);
        let glance = Glance::Poll(ms(0));
        vigil.see(glance, ms(0), None);
        // Stopped for five seconds: the sleep of a tenth took that long.
        assert_eq!(vigil.see(glance, ms(5100), Some(ms(5000))), Next::Look(ms(5200)));
        assert_eq!(vigil.see(glance, ms(5200), IN_TIME), report(0, 100, 1));
    }

    #[test]
    fn a_little_lateness_costs_no_more_than_itself() {
        let mut vigil = Vigil::new(THRESHOLD);
        let glance = Glance::Poll(ms(0));
        vigil.see(glance, ms(0), None);
        assert_eq!(vigil.see(glance, ms(103), Some(ms(3))), report(0, 100, 1));
    }

    #[test]
    fn a_poll_that_began_before_the_watchdog_was_woken_is_watched_first() {
        let mut vigil = Vigil::new(THRESHOLD);
        vigil.see(Glance::Rest, ms(0), None);
        let next = vigil.see(Glance::Poll(ms(1000)), ms(3000), None);
        assert_eq!(next, Next::Look(ms(3100)));
    }

    #[test]
    fn a_poll_whose_thread_a_debugger_has_stopped_is_watched_anew() {
        let mut vigil = Vigil::new(THRESHOLD);
        let glance = Glance::Poll(ms(0));
        vigil.see(glance, ms(0), None);
        assert_eq!(vigil.see(glance, ms(100), IN_TIME), report(0, 100, 1));
        vigil.dismiss(ms(100), true);
        assert_eq!(vigil.see(glance, ms(100), IN_TIME), Next::Look(ms(200)));
        assert_eq!(vigil.see(glance, ms(200), IN_TIME), report(0, 100, 1));
    }

    #[test]
    fn a_loop_that_rests_is_left_alone() {
        let mut vigil = Vigil::new(THRESHOLD);
        assert_eq!(vigil.see(Glance::Rest, ms(0), None), Next::Wait);
        assert_eq!(vigil.see(Glance::Pass, ms(0), None), Next::Look(THRESHOLD));
    }
}
