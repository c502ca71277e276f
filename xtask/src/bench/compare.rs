//! Sets ours against the limit, the best peer and the target, row by row.

use super::{
    results::{Figure, Results},
    rows::{Row, Table, Target},
};

/// A table with its figures.
#[derive(Debug)]
pub(crate) struct Compared {
    pub(crate) table: Table,
    pub(crate) runtimes: Vec<String>,
    pub(crate) lines: Vec<Line>,
}

/// One row with its figures.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) row: &'static Row,
    /// One a runtime, in the table's order.
    pub(crate) figures: Vec<Option<Figure>>,
    pub(crate) limit: Option<f64>,
    pub(crate) ours: Option<f64>,
    /// The best peer's name and figure.
    pub(crate) best: Option<(String, f64)>,
    pub(crate) target: Option<f64>,
    pub(crate) verdict: Verdict,
}

/// A target is met if ours is off by less than this share of it: a rounding, not a difference.
const TOLERANCE: f64 = 0.005;

/// How ours did in a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// At the target, and ahead of every peer.
    Met,
    /// At the target, but behind a peer.
    Behind,
    /// Off the target by so many per cent.
    Missed(f64),
    /// Something is missing to say.
    Unknown,
}

impl Compared {
    /// How many times the figure of ours as it comes a figure is, where that is what the table tells.
    pub(crate) fn times_ours(&self, line: &Line, column: usize) -> Option<f64> {
        if !self.table.is_of_features() || self.runtimes[column] == "ours" {
            return None;
        }
        Some(line.figures[column]?.median / line.ours?)
    }
}

impl Verdict {
    /// A few words for a cell.
    pub(crate) fn words(self) -> String {
        match self {
            Self::Met => "met".to_owned(),
            Self::Behind => "met, behind a peer".to_owned(),
            Self::Missed(by) => format!("missed by {by:.0} %"),
            Self::Unknown => "-".to_owned(),
        }
    }
}

/// Compares the rows that have any figure; a table that has none is left out.
pub(crate) fn compare(results: &Results, rows: &'static [Row]) -> Vec<Compared> {
    let mut tables: Vec<Compared> = Vec::new();
    for row in rows {
        let mut runtimes = results.runtimes();
        runtimes.retain(|runtime| row.table.shows(runtime));
        let line = compare_row(results, row, &runtimes);
        if line.figures.iter().all(Option::is_none) {
            continue;
        }
        match tables.iter_mut().find(|table| table.table == row.table) {
            Some(table) => table.lines.push(line),
            None => tables.push(Compared { table: row.table, runtimes, lines: vec![line] }),
        }
    }
    tables.iter_mut().for_each(drop_empty_columns);
    tables
}

fn drop_empty_columns(table: &mut Compared) {
    for column in (0..table.runtimes.len()).rev() {
        if table.lines.iter().all(|line| line.figures[column].is_none()) {
            table.runtimes.remove(column);
            for line in &mut table.lines {
                line.figures.remove(column);
            }
        }
    }
}

fn compare_row(results: &Results, row: &'static Row, runtimes: &[String]) -> Line {
    let median =
        |name: &str| results.figure(row.scenario, name, row.metric).map(|figure| figure.median);
    let figures =
        runtimes.iter().map(|name| results.figure(row.scenario, name, row.metric)).collect();
    let limit = median("limit");
    let ours = median(judged(row)).or_else(|| median("ours"));
    let better = |a: f64, b: f64| if row.target.is_rate() { a > b } else { a < b };
    let peers = runtimes.iter().filter(|name| *name != "limit" && !name.starts_with("ours"));
    let best = peers
        .filter_map(|name| Some((name.clone(), median(name)?)))
        .reduce(|best, peer| if better(peer.1, best.1) { peer } else { best });
    let target = match row.target {
        Target::Scaled { ours, limit: then } => limit.map(|now| ours * now / then),
        Target::TimesLimit(times) => limit.map(|limit| limit * times),
        Target::AtMost(target) => Some(target),
        Target::BestPeer => best.as_ref().map(|best| best.1),
        Target::TimesTokio(times) => median("tokio").map(|tokio| tokio * times),
        Target::None => None,
    };
    let verdict = match (ours, target) {
        (Some(ours), Some(target)) if better(target, ours) && off(ours, target) > TOLERANCE => {
            Verdict::Missed(
                if row.target.is_rate() { target / ours - 1.0 } else { ours / target - 1.0 }
                    * 100.0,
            )
        }
        (Some(ours), Some(_)) if best.as_ref().is_some_and(|best| better(best.1, ours)) => {
            Verdict::Behind
        }
        (Some(_), Some(_)) => Verdict::Met,
        _ => Verdict::Unknown,
    };
    Line { row, figures, limit, ours, best, target, verdict }
}

/// The share of the target that ours is away from it.
fn off(ours: f64, target: f64) -> f64 {
    (ours / target - 1.0).abs()
}

/// Which of ours is judged: the CPU and the calls of a lone connection without the spin, which spends these
/// for latency.
fn judged(row: &Row) -> &'static str {
    let spins =
        matches!(row.table, Table::Cpu | Table::SystemCalls) && row.scenario.ends_with("-echo-1");
    if spins { "ours-nospin" } else { "ours" }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Verdict, compare};
    use crate::bench::{
        results::Results,
        rows::{Row, Table, Target},
    };

    static ROW: [Row; 1] = [Row {
        table: Table::Executor,
        scenario: "s",
        metric: "ns",
        title: "a row",
        target: Target::Scaled { ours: 30.0, limit: 20.0 },
    }];

    /// The verdict on ours, where the limit stands at 10, so that 15 is asked for.
    fn verdict(ours: &[f64], peer: f64) -> Verdict {
        let mut results = Results::default();
        let mut add = |runtime, value| {
            results.add(0, "s", runtime, Ok(BTreeMap::from([("ns".to_owned(), value)])));
        };
        add("limit", 10.0);
        add("tokio", peer);
        ours.iter().for_each(|value| add("ours", *value));
        compare(&results, &ROW)[0].lines[0].verdict
    }

    #[test]
    fn the_target_scales_with_the_limit_of_the_run() {
        assert_eq!(verdict(&[15.0], 20.0), Verdict::Met);
        assert_eq!(verdict(&[30.0], 40.0), Verdict::Missed(100.0));
    }

    #[test]
    fn a_loop_of_python_is_no_peer_of_the_executor() {
        let mut results = Results::default();
        for (runtime, value) in [("limit", 10.0), ("ours", 15.0), ("tokio", 20.0), ("rloop", 1.0)] {
            results.add(0, "s", runtime, Ok(BTreeMap::from([("ns".to_owned(), value)])));
        }
        let tables = compare(&results, &ROW);
        assert_eq!(tables[0].runtimes, ["limit", "ours", "tokio"]);
        assert_eq!(tables[0].lines[0].best, Some(("tokio".to_owned(), 20.0)));
    }

    #[test]
    fn a_better_peer_is_named_even_if_the_target_is_met() {
        assert_eq!(verdict(&[15.0], 14.0), Verdict::Behind);
    }

    #[test]
    fn the_median_counts() {
        assert_eq!(verdict(&[1000.0, 12.0, 11.0], 20.0), Verdict::Met);
    }
}
