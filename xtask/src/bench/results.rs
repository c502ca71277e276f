//! What was measured: every sample of every round.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use xshell::{Shell, cmd};

use crate::Result;

/// The figures of one run of one scenario on one runtime, by name.
pub(crate) type Metrics = BTreeMap<String, f64>;

/// All runtimes, in the order of the tables.
pub(crate) const RUNTIMES: [&str; 27] = [
    "limit",
    "ours",
    "ours-nospin",
    "ours+debug",
    "ours+context",
    "ours+handler",
    "ours+factory",
    "ours+inspect",
    "ours+hooks",
    "ours+eager",
    "ours+priorities",
    "ours+watchdog",
    "ours+poll",
    "ours+spans",
    "ours+tracing",
    "ours+protocol",
    "ours+server",
    "tokio",
    "tokio-local",
    "smol",
    "monoio",
    "monoio-uring",
    "compio",
    "glommio",
    "asyncio",
    "uvloop",
    "rloop",
];

/// All samples of a session, and what did not work.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Results {
    pub(crate) date: String,
    pub(crate) machine: String,
    pub(crate) command: String,
    pub(crate) rounds: u32,
    /// scenario, runtime, figure: a sample a round.
    samples: BTreeMap<String, BTreeMap<String, BTreeMap<String, Vec<f64>>>>,
    pub(crate) failures: Vec<Failure>,
}

/// A run that gave no figures.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) scenario: String,
    pub(crate) runtime: String,
    pub(crate) reason: String,
}

/// A figure over all rounds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figure {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Figure {
    /// The distance between the extremes, in per cent of the median.
    pub(crate) fn spread(self) -> f64 {
        if self.median == 0.0 { 0.0 } else { (self.most - self.least) / self.median * 100.0 }
    }
}

impl Results {
    pub(crate) fn new(shell: &Shell, rounds: u32) -> Result<Self> {
        let machine = ["model name", "cpu family"]
            .iter()
            .find_map(|key| processor(key))
            .unwrap_or_else(|| "unknown processor".to_owned());
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let kernel = cmd!(shell, "uname -sr").quiet().read().unwrap_or_default();
        let rustc = cmd!(shell, "rustc --version").quiet().read().unwrap_or_default();
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        Ok(Self {
            date: cmd!(shell, "date +%F").quiet().read()?,
            machine: format!("{machine}, {cores} cores, {kernel}, {rustc}"),
            command: format!("cargo xtask {}", arguments.join(" ")),
            rounds,
            ..Self::default()
        })
    }

    /// Takes in one run.
    pub(crate) fn add(
        &mut self,
        round: u32,
        scenario: &str,
        runtime: &str,
        run: Result<Metrics, String>,
    ) {
        match run {
            Ok(metrics) => {
                let place = self.samples.entry(scenario.to_owned()).or_default();
                let place = place.entry(runtime.to_owned()).or_default();
                for (name, value) in metrics {
                    place.entry(name).or_default().push(value);
                }
            }
            Err(reason) => self.failures.push(Failure {
                scenario: scenario.to_owned(),
                runtime: runtime.to_owned(),
                reason: format!("{reason} (round {})", round + 1),
            }),
        }
    }

    /// Whether a pair failed before, so that it is not tried again.
    pub(crate) fn has_failed(&self, scenario: &str, runtime: &str) -> bool {
        self.failures
            .iter()
            .any(|failure| failure.scenario == scenario && failure.runtime == runtime)
    }

    /// The runtimes that gave any figure, in the order of the tables.
    pub(crate) fn runtimes(&self) -> Vec<String> {
        let has =
            |name: &&&str| self.samples.values().any(|scenario| scenario.contains_key(**name));
        RUNTIMES.iter().filter(has).map(ToString::to_string).collect()
    }

    /// A figure's median and extremes.
    pub(crate) fn figure(&self, scenario: &str, runtime: &str, metric: &str) -> Option<Figure> {
        let mut samples = self.samples.get(scenario)?.get(runtime)?.get(metric)?.clone();
        samples.sort_by(f64::total_cmp);
        let (least, most) = (*samples.first()?, *samples.last()?);
        let middle = samples.len() / 2;
        let median = match samples.len() % 2 {
            1 => samples[middle],
            _ => (samples[middle - 1] + samples[middle]) / 2.0,
        };
        Some(Figure { median, least, most })
    }
}

/// A line of /proc/cpuinfo, where there is one.
fn processor(key: &str) -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with(key))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
