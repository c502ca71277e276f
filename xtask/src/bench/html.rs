//! The report as one page that needs nothing else.

use std::fmt::Write;

use super::{
    compare::{Compared, Line, Verdict},
    plot,
    results::{Figure, Results},
    table::{number, ratios},
};
use crate::Result;

const STYLE: &str = "
:root { color-scheme: light; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 112rem; padding: 0 1rem; color: #222; }
h1 { margin-bottom: .2rem; } h2 { margin-top: 2.4rem; font-size: 1.2rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid #ddd; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
td small { color: #777; } td.ours { font-weight: 600; }
.met { color: #17663f; } .behind { color: #8a6100; } .missed { color: #a82020; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(33rem, 1fr)); gap: 1rem; }
figure { margin: 0; } figcaption { font-weight: 600; margin-bottom: .2rem; } figure svg { max-width: 100%; height: auto; }
";

/// Renders the page.
pub(crate) fn page(results: &Results, tables: &[Compared]) -> Result<String> {
    let mut page = String::new();
    let Results { date, machine, command, rounds, .. } = results;
    write!(
        page,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>runtime: benchmarks</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style>\
         <h1>Benchmarks</h1><p>{}, <code>{}</code>, {rounds} interleaved rounds, medians. {}.</p>\
         <p>Less is better, except for messages a second. <b>limit</b> is a hand-written loop that does the \
         least possible. A small figure is the spread, half the distance between the extremes; the red line \
         of a plot is the target, a thin line on a bar the extremes, and » a bar that was cut off.</p>",
        escape(date),
        escape(command),
        escape(machine),
    )?;
    for table in tables {
        write!(page, "<h2>{}</h2>", escape(table.table.title()))?;
        write_table(&mut page, table)?;
        write!(page, "<details open><summary>Plots</summary><div class=\"plots\">")?;
        for line in &table.lines {
            let svg = plot::bars(table, line)?;
            write!(
                page,
                "<figure><figcaption>{}</figcaption>{svg}</figure>",
                escape(line.row.title)
            )?;
        }
        write!(page, "</div></details>")?;
    }
    if !results.failures.is_empty() {
        write!(page, "<h2>Without a figure</h2><ul>")?;
        for failure in &results.failures {
            let (scenario, runtime) = (escape(&failure.scenario), escape(&failure.runtime));
            write!(page, "<li>{scenario} on {runtime}: {}</li>", escape(&failure.reason))?;
        }
        write!(page, "</ul>")?;
    }
    Ok(page)
}

fn write_table(page: &mut String, table: &Compared) -> Result<()> {
    write!(page, "<div class=\"scroll\"><table><tr><th></th>")?;
    for runtime in &table.runtimes {
        write!(page, "<th>{}</th>", escape(runtime))?;
    }
    if !table.table.is_of_features() {
        write!(page, "<th>times the limit</th><th>best peer</th><th>target</th><th></th>")?;
    }
    write!(page, "</tr>")?;
    for line in &table.lines {
        write_line(page, table, line)?;
    }
    write!(page, "</table></div>")?;
    Ok(())
}

fn write_line(page: &mut String, table: &Compared, line: &Line) -> Result<()> {
    write!(page, "<tr><td>{}</td>", escape(line.row.title))?;
    for (column, (runtime, figure)) in table.runtimes.iter().zip(&line.figures).enumerate() {
        let times = table.times_ours(line, column);
        let class = if runtime.starts_with("ours") { " class=\"ours\"" } else { "" };
        match figure {
            Some(figure) => write!(
                page,
                "<td{class} title=\"{} to {}\">{}{}{}</td>",
                number(figure.least),
                number(figure.most),
                number(figure.median),
                spread(*figure),
                times.map_or(String::new(), |times| format!(" <small>x{times:.2}</small>")),
            )?,
            None => write!(page, "<td{class}>-</td>")?,
        }
    }
    if table.table.is_of_features() {
        write!(page, "</tr>")?;
        return Ok(());
    }
    for ratio in ratios(line) {
        write!(page, "<td>{}</td>", escape(&ratio))?;
    }
    let class = match line.verdict {
        Verdict::Met => "met",
        Verdict::Behind => "behind",
        Verdict::Missed(_) => "missed",
        Verdict::Unknown => "",
    };
    write!(page, "<td class=\"{class}\">{}</td></tr>", line.verdict.words())?;
    Ok(())
}

/// The spread in small letters, if it is worth a word.
fn spread(figure: Figure) -> String {
    let half = figure.spread() / 2.0;
    if half < 0.5 { String::new() } else { format!(" <small>±{half:.0}%</small>") }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
