//! Whether an idle worker should spin for its next job before it sleeps.

use std::thread::available_parallelism;
use std::time::Duration;

/// Remembers how long one worker's recent waits for a job were.
///
/// Waking a sleeping thread costs its waker a system call and the woken thread a trip through the
/// scheduler, together several times a short job. A loop that hands over one job after the
/// other gets an answer from a spinning worker in a fraction of that. The worker spins only while the
/// average of its recent waits is below the limit, so that idle pools use no processor time, and
/// never where a second processor is missing to produce the job it spins for.
#[derive(Debug)]
pub(super) struct Patience {
    limit: Duration,
    average: Duration,
}

/// How strongly one long wait counts, in multiples of the limit: two short ones make up for it.
const CAP: u32 = 4;

impl Patience {
    /// Starts out impatient. A limit of zero never becomes patient.
    pub(super) fn new(limit: Duration) -> Patience {
        let alone = available_parallelism().is_ok_and(|processors| processors.get() == 1);
        let limit = if alone { Duration::ZERO } else { limit };
        Patience { limit, average: limit }
    }

    /// Returns for how long to spin, if at all.
    pub(super) fn spin(&self) -> Option<Duration> {
        (self.average < self.limit).then_some(self.limit)
    }

    /// Takes note of how long a job was waited for.
    pub(super) fn record(&mut self, waited: Duration) {
        let waited = waited.min(self.limit * CAP);
        self.average = (self.average + waited) / 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_micros(50);

    fn fresh() -> Patience {
        // Not `new`: the test is to hold on one processor, too.
        Patience { limit: LIMIT, average: LIMIT }
    }

    #[test]
    fn a_short_wait_makes_patient_and_a_long_one_impatient() {
        let mut patience = fresh();
        assert_eq!(patience.spin(), None);
        patience.record(Duration::from_micros(5));
        assert_eq!(patience.spin(), Some(LIMIT));
        patience.record(Duration::from_secs(1));
        assert_eq!(patience.spin(), None);
    }

    #[test]
    fn patience_comes_back_within_a_few_short_waits() {
        let mut patience = fresh();
        patience.record(Duration::MAX);
        for _ in 0..3 {
            patience.record(Duration::from_micros(5));
        }
        assert!(patience.spin().is_some());
    }

    #[test]
    fn a_limit_of_zero_never_spins() {
        let mut patience = Patience { limit: Duration::ZERO, average: Duration::ZERO };
        patience.record(Duration::ZERO);
        assert_eq!(patience.spin(), None);
    }
}
