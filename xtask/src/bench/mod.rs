//! `cargo xtask bench`: every scenario on every runtime, in interleaved rounds.

mod compare;
mod html;
mod markdown;
mod plot;
mod program;
mod python;
mod readme;
mod results;
mod rows;
mod system_calls;
mod table;

use std::{fs, path::PathBuf, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use xshell::Shell;

pub(crate) use self::{
    compare::compare,
    program::{Programs, run_to_end},
    results::Results,
    rows::{FEATURE_INSTRUCTIONS, INSTRUCTIONS, wanted},
    table::{print, print_failures},
};
use self::{results::RUNTIMES, rows::Row};
use crate::Result;

/// Options of `cargo xtask bench`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Short batches and three rounds: a first impression within a few minutes.
    #[arg(long)]
    quick: bool,
    /// Only scenarios whose name contains one of these words.
    #[arg(long, value_delimiter = ',', num_args = 1..)]
    only: Vec<String>,
    #[command(flatten)]
    selection: Selection,
    /// Interleaved rounds; the median counts.
    #[arg(long)]
    rounds: Option<u32>,
    /// Seconds after which a run is killed.
    #[arg(long, default_value_t = 60)]
    timeout: u64,
    /// The directory of the reports.
    #[arg(long, default_value = "target/bench")]
    out: PathBuf,
    /// Prints the tables as Markdown as well.
    #[arg(long)]
    markdown: bool,
    /// Puts the tables into the README.
    #[arg(long)]
    readme: bool,
    /// Runs nothing and renders the JSON of an earlier run again.
    #[arg(long, value_name = "JSON")]
    from: Option<PathBuf>,
}

impl Arguments {
    fn rows(&self) -> &'static [Row] {
        self.selection.rows(&rows::TIMES, &rows::FEATURE_TIMES)
    }
}

/// Which runtimes to build and to run.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Selection {
    /// Only these peers, by the names of the table's columns; `ours` and `limit` always run.
    #[arg(long, value_delimiter = ',', num_args = 1..)]
    peers: Vec<String>,
    /// Peers not to build at all, where one does not build: monoio, compio or glommio; or python.
    #[arg(long, value_delimiter = ',', num_args = 1..)]
    without: Vec<String>,
    /// Compares ours as it comes with ours when a feature is in use, and with nothing else.
    #[arg(long)]
    features_cost: bool,
}

impl Selection {
    /// The rows to measure and to show, out of the usual ones and those of the features.
    pub(crate) fn rows(&self, usual: &'static [Row], features: &'static [Row]) -> &'static [Row] {
        if self.features_cost { features } else { usual }
    }

    /// Complains of a name that no runtime has.
    pub(crate) fn check(&self) -> Result<()> {
        match self.peers.iter().find(|peer| !RUNTIMES.contains(&peer.as_str())) {
            Some(peer) => {
                Err(format!("no runtime is called {peer:?}; there are {}", RUNTIMES.join(", "))
                    .into())
            }
            None => Ok(()),
        }
    }

    /// The runtimes to run, out of those that were built.
    pub(crate) fn choose(&self, built: &[String]) -> Vec<String> {
        // Of the loops of Python it was said already why they are not there.
        let missing =
            |peer: &&String| !built.contains(peer) && !python::LOOPS.contains(&peer.as_str());
        for peer in self.peers.iter().filter(missing) {
            println!("{peer}: not built, so skipped");
        }
        let ours_or_limit = |name: &str| name == "limit" || name.starts_with("ours");
        let chosen = |name: &&String| {
            let has_feature = name.starts_with("ours+") && !rows::is_way_to_serve(name);
            if self.features_cost {
                return has_feature || *name == "ours";
            }
            !has_feature
                && (self.peers.is_empty() || ours_or_limit(name) || self.peers.contains(name))
        };
        built.iter().filter(chosen).cloned().collect()
    }

    /// The loops of Python to run, for these scenarios.
    fn loops(&self, scenarios: &[&str]) -> Vec<&'static str> {
        if self.features_cost
            || self.without.iter().any(|name| name == "python")
            || !scenarios.iter().any(|scenario| rows::is_beside_python(scenario))
        {
            return Vec::new();
        }
        let chosen = |name: &&'static str| {
            self.peers.is_empty() || self.peers.iter().any(|peer| peer == name)
        };
        python::LOOPS.into_iter().filter(|name| chosen(name)).collect()
    }

    /// Whether ours has to be built with the feature `tracing`.
    pub(crate) fn traced(&self) -> bool {
        self.features_cost
    }

    /// The peers not to build.
    pub(crate) fn without(&self) -> &[String] {
        &self.without
    }
}

/// Runs the command.
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    let results = match &arguments.from {
        Some(path) => serde_json::from_str(&fs::read_to_string(path)?)?,
        None => measure(&arguments)?,
    };
    let tables = compare(&results, arguments.rows());
    for table in &tables {
        print(table);
    }
    print_failures(&results);
    fs::create_dir_all(&arguments.out)?;
    let json = arguments.out.join("bench.json");
    let page = arguments.out.join("index.html");
    fs::write(&json, serde_json::to_string_pretty(&results)?)?;
    fs::write(&page, html::page(&results, &tables)?)?;
    if arguments.markdown {
        println!("{}", markdown::tables(&results, &tables));
    }
    if arguments.readme {
        readme::update(&results, &tables)?;
    }
    println!("wrote {} and {}", json.display(), page.display());
    Ok(())
}

fn measure(arguments: &Arguments) -> Result<Results> {
    let scenarios = wanted(arguments.rows(), &arguments.only)?;
    arguments.selection.check()?;
    let shell = Shell::new()?;
    let rounds = arguments.rounds.unwrap_or(if arguments.quick { 3 } else { 5 }).max(1);
    let mut programs =
        Programs::build(&shell, arguments.selection.without(), arguments.selection.traced())?;
    let mut results = Results::new(&shell, rounds)?;
    let loops = arguments.selection.loops(&scenarios);
    if !loops.is_empty() {
        if let Some(version) = programs.add_python(&loops) {
            results.machine += &format!(", {version}");
        }
    }
    let runtimes = arguments.selection.choose(&programs.runtimes()?);
    let limit = Duration::from_secs(arguments.timeout);
    system_calls::count(&programs, &scenarios, &runtimes, limit, &mut results);
    let runs = rounds as usize * scenarios.len() * runtimes.len();
    let progress = ProgressBar::new(runs as u64);
    progress.set_style(ProgressStyle::with_template(
        "{elapsed_precise} [{wide_bar}] {pos}/{len} {msg:<32} {eta} left",
    )?);
    for round in 0..rounds {
        for scenario in &scenarios {
            for runtime in &runtimes {
                progress.set_message(format!("{scenario} on {runtime}"));
                if programs.has(scenario, runtime) && !results.has_failed(scenario, runtime) {
                    let run = programs.run(scenario, runtime, arguments.quick, limit);
                    if let Err(reason) = &run {
                        progress.suspend(|| eprintln!("{scenario} on {runtime}: {reason}"));
                    }
                    results.add(round, scenario, runtime, run);
                }
                progress.inc(1);
            }
        }
    }
    progress.finish_and_clear();
    Ok(results)
}
