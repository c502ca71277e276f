//! The tables as Markdown, for the README.

use std::fmt::Write;

use super::{
    compare::Compared,
    results::Results,
    table::{number, ratios},
};

/// All tables, with the date and the command that made them.
pub(crate) fn tables(results: &Results, tables: &[Compared]) -> String {
    let mut text = String::new();
    for table in tables {
        let _ = writeln!(text, "\n**{}**\n", table.table.title());
        let _ =
            writeln!(text, "| | {} | times the limit | best peer |", table.runtimes.join(" | "));
        let _ = writeln!(text, "|---|{}", "---:|".repeat(table.runtimes.len() + 2));
        for line in &table.lines {
            let figures = table.runtimes.iter().zip(&line.figures).map(|(runtime, figure)| {
                let figure = figure.map_or("-".to_owned(), |figure| number(figure.median));
                if runtime == "ours" { format!("**{figure}**") } else { figure }
            });
            let [to_limit, to_best, _] = ratios(line);
            let figures = figures.collect::<Vec<_>>().join(" | ");
            let _ = writeln!(text, "| {} | {figures} | {to_limit} | {to_best} |", line.row.title);
        }
    }
    let Results { date, command, machine, rounds, .. } = results;
    let _ = write!(text, "\n{date}, `{command}`, {rounds} interleaved rounds, medians. {machine}.");
    text
}
