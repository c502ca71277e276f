//! One loop against many, in turns, so that both meet the same weather.

use std::io;
use std::time::Duration;

use examples::bold;

use crate::load::{self, Load};
use crate::server::Server;

/// Measures one loop and `many`, so many rounds of each, and prints medians, their spread and their ratio.
///
/// Beside the rate there is what a second of the loops' processor time was good for: where other programs
/// take their share of the processors, that tells a loss in scaling from a lack of processors.
pub(crate) fn compare(
    rounds: u32,
    many: usize,
    load: &Load,
    start: impl Fn(usize) -> io::Result<Server>,
) -> io::Result<()> {
    let mut one_s = Measurements::of(1);
    let mut many_s = Measurements::of(many);
    for _ in 0..rounds {
        for each in [&mut one_s, &mut many_s] {
            let server = start(each.loops)?;
            let answers = load::run(server.address(), load)?;
            let busy = server.processor_time()?;
            server.stop()?;
            each.record(answers.count, answers.rate(), busy);
        }
    }
    for each in [&one_s, &many_s] {
        each.print();
    }
    let ratio = median(&many_s.rates) / median(&one_s.rates);
    let worth = median(&many_s.per_processor) / median(&one_s.per_processor);
    println!(
        "{}",
        bold(&format!("{ratio:.2} times as many, {worth:.2} for the same processor time"))
    );
    Ok(())
}

struct Measurements {
    loops: usize,
    /// Requests a second.
    rates: Vec<f64>,
    /// Requests a second of the loops' processor time.
    per_processor: Vec<f64>,
}

impl Measurements {
    fn of(loops: usize) -> Measurements {
        Measurements { loops, rates: Vec::new(), per_processor: Vec::new() }
    }

    fn record(&mut self, count: u64, rate: f64, busy: Duration) {
        self.rates.push(rate);
        self.per_processor.push(count as f64 / busy.as_secs_f64());
    }

    fn print(&self) {
        let least = self.rates.iter().copied().fold(f64::INFINITY, f64::min);
        let most = self.rates.iter().copied().fold(0.0, f64::max);
        println!(
            "{} loop(s): {:.0} requests a second ({least:.0} to {most:.0}), {:.0} a second of processor time",
            self.loops,
            median(&self.rates),
            median(&self.per_processor)
        );
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
