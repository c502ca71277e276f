//! How much of a scenario to run, and how to time it.

use std::time::{Duration, Instant};

use crate::report::Metrics;

/// The size of one run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// One batch of just so many operations; otherwise each scenario finds its own size.
    pub(crate) ops: Option<u64>,
    /// How long a timed batch should take.
    pub(crate) batch: Duration,
    /// Timed batches; the median counts.
    pub(crate) batches: u32,
    /// What the usual size of a scenario is divided by, where it has one.
    pub(crate) share: u64,
}

impl Plan {
    /// Times batches of operations; `batch` is told how many, and returns how long they took.
    ///
    /// The number is a multiple of `grain`. It grows until a batch takes a tenth of its time, which warms
    /// everything up, and is then scaled to the whole.
    pub(crate) fn time(&self, grain: u64, mut batch: impl FnMut(u64) -> Duration) -> Metrics {
        if let Some(ops) = self.ops {
            let ops = ops.next_multiple_of(grain);
            return summary(vec![per_op(batch(ops), ops)]);
        }
        let mut ops = grain;
        let ops = loop {
            let took = batch(ops);
            if took * 10 >= self.batch {
                let scale = self.batch.as_secs_f64() / took.as_secs_f64();
                break ((ops as f64 * scale) as u64).max(1).next_multiple_of(grain);
            }
            ops *= 2;
        };
        summary((0..self.batches).map(|_| per_op(batch(ops), ops)).collect())
    }

    /// The size asked for, or the usual one.
    pub(crate) fn size(&self, usual: u64) -> u64 {
        self.ops.unwrap_or(usual / self.share)
    }

    /// Times batches of a given size, for scenarios whose time is not their size.
    pub(crate) fn time_fixed(&self, ops: u64, mut batch: impl FnMut(u64) -> Duration) -> Metrics {
        let plan = Self { ops: Some(self.ops.unwrap_or(ops)), ..*self };
        plan.time(1, &mut batch)
    }
}

fn per_op(took: Duration, ops: u64) -> f64 {
    took.as_nanos() as f64 / ops as f64
}

fn summary(mut times: Vec<f64>) -> Metrics {
    times.sort_by(f64::total_cmp);
    Metrics::new().with("ns", times[times.len() / 2]).with("ns_min", times[0])
}

/// Times a future that is part of a batch.
pub(crate) async fn timed(future: impl Future<Output = ()>) -> Duration {
    let start = Instant::now();
    future.await;
    start.elapsed()
}
