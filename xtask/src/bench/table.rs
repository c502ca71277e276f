//! The tables on a terminal.

use comfy_table::{
    Attribute, Cell, CellAlignment, Color, ContentArrangement, Table, TableComponent, presets,
};

use super::{
    compare::{Compared, Line, Verdict},
    results::{Figure, Results},
};

/// Prints one table.
pub(crate) fn print(compared: &Compared) {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY).remove_style(TableComponent::HorizontalLines);
    table.remove_style(TableComponent::MiddleIntersections);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    let mut header = vec![String::new()];
    header.extend(compared.runtimes.iter().cloned());
    let judged = !compared.table.is_of_features();
    if judged {
        header.extend(["times the limit", "best peer", "target", ""].map(str::to_owned));
    }
    table.set_header(header.iter().map(|title| Cell::new(title).add_attribute(Attribute::Bold)));
    for line in &compared.lines {
        let mut cells = vec![Cell::new(line.row.title)];
        cells.extend((0..compared.runtimes.len()).map(|column| {
            let mut words = line.figures[column].map_or("-".to_owned(), with_spread);
            if let Some(times) = compared.times_ours(line, column) {
                words += &format!(" x{times:.2}");
            }
            let ours = compared.runtimes[column].starts_with("ours");
            let cell = Cell::new(words);
            if ours { cell.add_attribute(Attribute::Bold) } else { cell }
        }));
        if judged {
            cells.extend(ratios(line).map(Cell::new));
            cells.push(verdict(line.verdict));
        }
        table.add_row(cells);
    }
    let words = if judged { header.len() - 1 } else { header.len() };
    for (index, column) in table.column_iter_mut().enumerate() {
        if index != 0 && index != words {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    println!("\n{}\n{table}", compared.table.title());
}

/// Ours to the limit, the best peer to ours, and the target, as words.
pub(crate) fn ratios(line: &Line) -> [String; 3] {
    let ratio = |a: f64, b: f64| if b == 0.0 { "-".to_owned() } else { format!("{:.2}", a / b) };
    let to_limit =
        line.ours.zip(line.limit).map_or("-".to_owned(), |(ours, limit)| ratio(ours, limit));
    let to_best = line.ours.zip(line.best.as_ref()).map_or("-".to_owned(), |(ours, best)| {
        let (upper, lower) =
            if line.row.target.is_rate() { (ours, best.1) } else { (best.1, ours) };
        format!("{} x {}", best.0, ratio(upper, lower))
    });
    [to_limit, to_best, line.target.map_or("-".to_owned(), number)]
}

fn verdict(verdict: Verdict) -> Cell {
    let cell = Cell::new(verdict.words());
    match verdict {
        Verdict::Met => cell.fg(Color::Green),
        Verdict::Behind => cell.fg(Color::Yellow),
        Verdict::Missed(_) => cell.fg(Color::Red),
        Verdict::Unknown => cell,
    }
}

/// A median, and the spread of its samples if it is worth a word.
fn with_spread(figure: Figure) -> String {
    let median = number(figure.median);
    if figure.spread() < 1.0 { median } else { format!("{median} ±{:.0}%", figure.spread() / 2.0) }
}

/// Three significant digits, or all of them before the point.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size < 10.0 => format!("{value:.2}"),
        size if size < 100.0 => format!("{value:.1}"),
        _ => grouped(value),
    }
}

/// A whole number with commas.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        let left = digits.len() - index;
        if index != 0 && left % 3 == 0 && digit.is_ascii_digit() {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Prints what gave no figures, and why.
pub(crate) fn print_failures(results: &Results) {
    if !results.failures.is_empty() {
        println!("\nWithout a figure:");
    }
    for failure in &results.failures {
        println!("  {} on {}: {}", failure.scenario, failure.runtime, failure.reason);
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn a_number_keeps_three_digits_or_all_before_the_point() {
        let words: Vec<_> =
            [0.0, 0.256, 7.0, 42.42, 592.4, 1_234_567.8].into_iter().map(number).collect();
        assert_eq!(words, ["0", "0.26", "7.00", "42.4", "592", "1,234,568"]);
    }
}
