//! The figures of a loop.

use serde::{Deserialize, Serialize};

/// How a loop is doing; each figure is that of the same name in
/// [`inspect::Metrics`](runtime_core::inspect::Metrics), with durations in nanoseconds.
///
/// Those that are counted only while a loop is observed are left out otherwise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
#[allow(missing_docs)]
pub struct Metrics {
    pub live_tasks: usize,
    pub queue_depth: usize,
    pub armed_timers: usize,
    pub registered_sources: usize,
    pub blocking_jobs: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inspected_for_ns: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spawned: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub polls: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_wakes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_wakes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parks: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spins: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub busy_ns: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parked_ns: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_ns: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timers_fired: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub io_events: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poll_durations: Option<Histogram>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduling_delays: Option<Histogram>,
}

/// How durations are spread; see [`inspect::Histogram`](runtime_core::inspect::Histogram).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Histogram {
    /// How many durations were counted.
    pub count: u64,
    /// All of them together, in nanoseconds.
    pub sum_ns: u64,
    /// The longest, in nanoseconds.
    pub max_ns: u64,
    /// The middle of each bucket that is not empty, in nanoseconds, and how many durations fell into it; the
    /// shortest first.
    pub buckets: Vec<(u64, u64)>,
}

impl Histogram {
    /// The duration, in nanoseconds, that a share `q` of all does not exceed; zero if there is none.
    pub fn quantile_ns(&self, q: f64) -> u64 {
        let count: u64 = self.buckets.iter().map(|(_, count)| count).sum();
        // Rounding up, and at least the first.
        let rank = (q.clamp(0.0, 1.0) * count as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        let reached = self.buckets.iter().find(|(_, count)| {
            seen += count;
            seen >= rank
        });
        reached.map_or(0, |(middle, _)| (*middle).min(self.max_ns))
    }

    /// What has been counted since `earlier`, an older copy of the same histogram. The maximum is exact if it
    /// is that of the whole time, else that of the highest bucket.
    #[must_use]
    pub fn since(&self, earlier: &Histogram) -> Histogram {
        let mut before = earlier.buckets.iter().peekable();
        let mut buckets = Vec::with_capacity(self.buckets.len());
        for &(middle, count) in &self.buckets {
            while before.next_if(|(other, _)| *other < middle).is_some() {}
            let then = before.next_if(|(other, _)| *other == middle).map_or(0, |(_, then)| *then);
            if count > then {
                buckets.push((middle, count - then));
            }
        }
        let highest = buckets.last().map_or(0, |(middle, _)| *middle).min(self.max_ns);
        Histogram {
            count: self.count.saturating_sub(earlier.count),
            sum_ns: self.sum_ns.saturating_sub(earlier.sum_ns),
            max_ns: if self.max_ns > earlier.max_ns { self.max_ns } else { highest },
            buckets,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Histogram;

    fn histogram(buckets: &[(u64, u64)]) -> Histogram {
        let count = buckets.iter().map(|(_, count)| count).sum();
        let sum_ns = buckets.iter().map(|(middle, count)| middle * count).sum();
        let max_ns = buckets.last().map_or(0, |(middle, _)| *middle);
        Histogram { count, sum_ns, max_ns, buckets: buckets.to_vec() }
    }

    #[test]
    fn a_quantile_is_the_first_bucket_that_has_the_share() {
        let spread = histogram(&[(10, 50), (20, 49), (900, 1)]);
        assert_eq!(spread.quantile_ns(0.0), 10);
        assert_eq!(spread.quantile_ns(0.5), 10);
        assert_eq!(spread.quantile_ns(0.51), 20);
        assert_eq!(spread.quantile_ns(0.99), 20);
        assert_eq!(spread.quantile_ns(1.0), 900);
        assert_eq!(Histogram::default().quantile_ns(0.5), 0);
    }

    #[test]
    fn the_difference_of_two_has_what_came_in_between() {
        let earlier = histogram(&[(10, 5), (900, 1)]);
        let later = histogram(&[(10, 5), (20, 3), (30, 1), (900, 1)]);
        let between = later.since(&earlier);
        assert_eq!(between, histogram(&[(20, 3), (30, 1)]));
        let highest = Histogram { max_ns: 915, ..histogram(&[(10, 5), (900, 2)]) };
        assert_eq!(highest.since(&earlier).max_ns, 915);
        assert_eq!(later.since(&Histogram::default()), later);
        assert_eq!(later.since(&later), Histogram::default());
    }
}
