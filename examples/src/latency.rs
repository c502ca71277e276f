//! A meter for latencies.

use std::time::Duration;

use hdrhistogram::Histogram;

/// Collects latencies, to a thousandth of each and up to a minute; longer ones count as that.
#[derive(Debug, Clone)]
pub struct Latency {
    nanoseconds: Histogram<u64>,
}

impl Latency {
    /// Makes an empty meter.
    pub fn new() -> Latency {
        let nanoseconds = Histogram::new_with_bounds(1, 60_000_000_000, 3);
        Latency { nanoseconds: nanoseconds.expect("the bounds are in order") }
    }

    /// Adds one latency.
    pub fn record(&mut self, latency: Duration) {
        let nanoseconds = latency.as_nanos().try_into().unwrap_or(u64::MAX);
        self.nanoseconds.saturating_record(nanoseconds);
    }

    /// Returns how many latencies were added.
    pub fn count(&self) -> u64 {
        self.nanoseconds.len()
    }

    /// Returns the latency that the given share of all did not exceed, a share of 0.5 giving the median.
    pub fn quantile(&self, share: f64) -> Duration {
        Duration::from_nanos(self.nanoseconds.value_at_quantile(share))
    }

    /// Returns the longest latency.
    pub fn max(&self) -> Duration {
        Duration::from_nanos(self.nanoseconds.max())
    }

    /// Adds everything that another meter has collected, and empties that one.
    pub fn drain(&mut self, other: &mut Latency) {
        self.nanoseconds.add(&other.nanoseconds).expect("both have the same bounds");
        other.nanoseconds.reset();
    }
}

impl Default for Latency {
    fn default() -> Latency {
        Latency::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_right_to_a_thousandth() {
        let mut latency = Latency::new();
        (1..=1000).for_each(|us| latency.record(Duration::from_micros(us)));
        let median = latency.quantile(0.5);
        assert!(
            median.abs_diff(Duration::from_micros(500)) < Duration::from_micros(1),
            "{median:?}"
        );
        assert_eq!(latency.count(), 1000);
    }

    #[test]
    fn draining_moves_everything() {
        let (mut all, mut second) = (Latency::new(), Latency::new());
        second.record(Duration::from_millis(3));
        all.drain(&mut second);
        assert_eq!((all.count(), second.count()), (1, 0));
    }
}
