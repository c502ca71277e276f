//! How durations are spread: a log-linear histogram.
//!
//! Each power of two is cut into 32 buckets of equal width, so a value is known to within a 32nd of itself,
//! and durations below 64 nanoseconds exactly. To record one takes a leading-zero count, a shift and an
//! addition, no more than a counter would; a crate that does this for arbitrary ranges takes three times as
//! many instructions, and there is nothing else about it that is needed here.

use std::fmt;
use std::time::Duration;

/// Each power of two has so many buckets, as a power of two.
const SPLIT: u32 = 5;
/// What is longer than 2^40 nanoseconds, eighteen minutes, is counted as that.
const LONGEST: u64 = (1 << 40) - 1;
const BUCKETS: usize = index(LONGEST) + 1;

const fn index(nanos: u64) -> usize {
    // The octave of everything below `2 << SPLIT` is the first, in which values stand for themselves.
    let octave = (u64::BITS - (nanos >> SPLIT).leading_zeros()).saturating_sub(1);
    ((octave as usize) << SPLIT) + (nanos >> octave) as usize
}

/// The middle of a bucket.
fn value(index: usize) -> u64 {
    let octave = (index >> SPLIT).saturating_sub(1) as u32;
    let lowest = ((index - ((octave as usize) << SPLIT)) as u64) << octave;
    lowest + (1 << octave >> 1)
}

/// How durations are spread.
///
/// Log-linear: what it says of a duration is off by a 64th of it at most (1.6 %), except for the longest,
/// [`max`](Histogram::max), which is exact. Durations above eighteen minutes count as eighteen minutes.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// let mut histogram = runtime::inspect::Histogram::new();
/// for micros in 1..=100 {
///     histogram.record(Duration::from_micros(micros));
/// }
/// assert_eq!(histogram.max(), Duration::from_micros(100));
/// let median = histogram.quantile(0.5).as_secs_f64();
/// assert!((median / 50e-6 - 1.0).abs() < 1.0 / 64.0);
/// ```
#[derive(Clone, PartialEq)]
pub struct Histogram {
    /// Nothing before the first value.
    buckets: Vec<u64>,
    count: u64,
    sum: u64,
    max: u64,
}

impl Default for Histogram {
    fn default() -> Histogram {
        Histogram::new()
    }
}

impl Histogram {
    /// An empty one.
    pub fn new() -> Histogram {
        Histogram { buckets: Vec::new(), count: 0, sum: 0, max: 0 }
    }

    /// Counts a duration.
    pub fn record(&mut self, duration: Duration) {
        self.record_nanos(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX));
    }

    #[inline]
    pub(crate) fn record_nanos(&mut self, nanos: u64) {
        if self.buckets.is_empty() {
            self.buckets.resize(BUCKETS, 0);
        }
        if let Some(bucket) = self.buckets.get_mut(index(nanos.min(LONGEST))) {
            *bucket += 1;
        }
        self.count += 1;
        self.sum = self.sum.saturating_add(nanos);
        self.max = self.max.max(nanos);
    }

    /// How many durations were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// All of them together.
    pub fn sum(&self) -> Duration {
        Duration::from_nanos(self.sum)
    }

    /// The longest; zero if there is none.
    pub fn max(&self) -> Duration {
        Duration::from_nanos(self.max)
    }

    /// The arithmetic mean; zero if there is none.
    pub fn mean(&self) -> Duration {
        Duration::from_nanos(self.sum.checked_div(self.count).unwrap_or(0))
    }

    /// The duration that a share `q` of all does not exceed: 0.5 for the median, 0.99 for what one in a
    /// hundred exceeds. Zero if there is none. What is below 0 counts as 0, above 1 as 1.
    pub fn quantile(&self, q: f64) -> Duration {
        let rank = (q.clamp(0.0, 1.0) * self.count as f64).ceil().max(1.0) as u64;
        if rank >= self.count {
            return self.max();
        }
        let mut seen = 0;
        let bucket = self.buckets.iter().position(|&count| {
            seen += count;
            seen >= rank
        });
        Duration::from_nanos(bucket.map_or(0, value).min(self.max))
    }

    /// The buckets that are not empty: the middle of each, and how many durations fell into it, the shortest
    /// first.
    pub fn iter(&self) -> impl Iterator<Item = (Duration, u64)> + '_ {
        let buckets = self.buckets.iter().enumerate().filter(|&(_, &count)| count > 0);
        buckets.map(|(index, &count)| (Duration::from_nanos(value(index)), count))
    }

    /// What has been counted since `earlier`, an older copy of the same histogram. Its maximum is exact if it
    /// is that of the whole time; else it is known as any other value is, to a 64th.
    #[must_use]
    pub fn since(&self, earlier: &Histogram) -> Histogram {
        let mut buckets = self.buckets.clone();
        for (now, then) in buckets.iter_mut().zip(&earlier.buckets) {
            *now = now.saturating_sub(*then);
        }
        let max = if self.max > earlier.max {
            self.max
        } else {
            buckets.iter().rposition(|&count| count > 0).map_or(0, value).min(self.max)
        };
        Histogram {
            buckets,
            count: self.count.saturating_sub(earlier.count),
            sum: self.sum.saturating_sub(earlier.sum),
            max,
        }
    }
}

impl fmt::Debug for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Histogram")
            .field("count", &self.count)
            .field("median", &self.quantile(0.5))
            .field("p99", &self.quantile(0.99))
            .field("max", &self.max())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn small_values_are_exact_and_the_buckets_are_without_gaps() {
        for nanos in 0..64 {
            assert_eq!(value(index(nanos)), nanos);
        }
        let mut last = 0;
        for nanos in 0..1 << 16 {
            let bucket = index(nanos);
            assert!(bucket == last || bucket == last + 1, "{nanos}: {last}, {bucket}");
            last = bucket;
        }
    }

    proptest! {
        #[test]
        fn a_value_is_known_to_a_64th(nanos in 0..=LONGEST) {
            let error = value(index(nanos)).abs_diff(nanos);
            prop_assert!(error * 64 <= nanos, "{nanos} off by {error}");
        }

        #[test]
        fn a_quantile_is_that_of_the_sorted_values(
            mut values in prop::collection::vec(0..LONGEST, 1..200),
            q in 0.0..=1.0,
        ) {
            let mut histogram = Histogram::new();
            values.iter().for_each(|&nanos| histogram.record_nanos(nanos));
            values.sort_unstable();
            let q: f64 = q;
            let rank = ((q * values.len() as f64).ceil() as usize).clamp(1, values.len());
            let exact = values[rank - 1];
            let told = histogram.quantile(q).as_nanos() as u64;
            prop_assert!(told.abs_diff(exact) * 64 <= exact, "{told} for {exact}");
        }
    }

    #[test]
    fn what_is_out_of_range_is_counted_at_its_end() {
        let mut histogram = Histogram::new();
        histogram.record(Duration::MAX);
        histogram.record(Duration::from_secs(3600));
        assert_eq!(histogram.count(), 2);
        assert_eq!(histogram.max(), Duration::from_nanos(u64::MAX));
        assert_eq!(histogram.iter().map(|(_, count)| count).sum::<u64>(), 2);
    }

    #[test]
    fn an_empty_histogram_says_zero() {
        let empty = Histogram::new();
        assert_eq!((empty.count(), empty.mean(), empty.max()), Default::default());
        assert_eq!(empty.quantile(0.5), Duration::ZERO);
        assert_eq!(empty.iter().count(), 0);
    }

    #[test]
    fn the_difference_of_two_is_what_came_in_between() {
        let mut histogram = Histogram::new();
        histogram.record_nanos(10);
        let earlier = histogram.clone();
        histogram.record_nanos(20);
        let since = histogram.since(&earlier);
        assert_eq!((since.count(), since.sum()), (1, Duration::from_nanos(20)));
        assert_eq!(since.quantile(0.5), Duration::from_nanos(20));
    }

    #[test]
    fn what_was_longest_before_is_not_the_longest_since() {
        let mut histogram = Histogram::new();
        histogram.record(Duration::from_secs(1));
        let earlier = histogram.clone();
        (0..100).for_each(|_| histogram.record_nanos(50));
        let since = histogram.since(&earlier);
        assert_eq!((since.max(), since.quantile(1.0)), (since.quantile(0.5), since.quantile(0.99)));
        assert_eq!(since.max(), Duration::from_nanos(50));
        let exact = Duration::from_nanos(1_234_567_891);
        histogram.record(exact);
        assert_eq!(histogram.since(&earlier).max(), exact);
        assert_eq!(histogram.since(&histogram).max(), Duration::ZERO);
    }
}
