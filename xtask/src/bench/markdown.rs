//! The tables as Markdown.

use std::fmt::Write;

use super::{
    compare::{Compared, Line},
    results::Results,
    table::{number, ratios},
};

/// All tables, with the date and the command that made them.
pub(crate) fn tables(results: &Results, tables: &[Compared]) -> String {
    let mut text = String::new();
    for compared in tables {
        let _ = writeln!(text, "\n**{}**\n", compared.table.title());
        text += &table(compared);
    }
    text + "\n" + &made(results)
}

/// One table.
pub(super) fn table(table: &Compared) -> String {
    let mut text = String::new();
    let judged = !table.table.is_of_features();
    let last = if judged { " times the limit | best peer |" } else { "" };
    let _ = writeln!(text, "| | {} |{last}", table.runtimes.join(" | "));
    let columns = table.runtimes.len() + if judged { 2 } else { 0 };
    let _ = writeln!(text, "|---|{}", "---:|".repeat(columns));
    for line in &table.lines {
        let cells: Vec<_> = (0..table.runtimes.len()).map(|at| cell(table, line, at)).collect();
        let _ = write!(text, "| {} | {} |", line.row.title, cells.join(" | "));
        if judged {
            let [to_limit, to_best, _] = ratios(line);
            let _ = write!(text, " {to_limit} | {to_best} |");
        }
        let _ = writeln!(text);
    }
    text
}

/// When, how and on what the figures were made.
pub(super) fn made(results: &Results) -> String {
    let Results { date, command, machine, rounds, .. } = results;
    format!("{date}, `{command}`, {rounds} interleaved rounds, medians. {machine}.")
}

/// A median; in bold if it is ours.
fn cell(table: &Compared, line: &Line, column: usize) -> String {
    let Some(figure) = line.figures[column] else { return "-".to_owned() };
    let median = number(figure.median);
    match table.times_ours(line, column) {
        Some(times) => format!("{median} x{times:.2}"),
        None if table.runtimes[column] == "ours" => format!("**{median}**"),
        None => median,
    }
}
