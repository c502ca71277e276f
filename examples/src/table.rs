//! A table whose rows appear one by one.

use std::io::{self, Write, stdout};

use crate::style::bold;

/// The width of a bar at its longest, in characters.
const BAR: usize = 24;

/// A table that is printed while its rows are made: the columns' widths are known before.
///
/// The last column is a bar that shows one figure of each row against the largest one so far.
#[derive(Debug)]
pub struct Table {
    columns: Vec<Column>,
    longest: f64,
}

/// A column: its title, and how many characters wide it is at least.
#[derive(Debug, Clone, Copy)]
pub struct Column(pub &'static str, pub usize);

/// What stands in a row under a column.
pub type Cell = String;

impl Table {
    /// Prints the head of a table.
    ///
    /// # Errors
    ///
    /// The standard output is closed.
    pub fn begin(columns: Vec<Column>) -> io::Result<Table> {
        let titles = columns.iter().map(|column| column.0.to_owned()).collect();
        let table = Table { columns, longest: 0.0 };
        table.print(&bold(&table.line(titles)), "")?;
        Ok(table)
    }

    /// Prints a row, with a bar for `measure`.
    ///
    /// # Errors
    ///
    /// The standard output is closed.
    pub fn row(&mut self, cells: Vec<Cell>, measure: f64) -> io::Result<()> {
        self.longest = self.longest.max(measure);
        let share = if self.longest > 0.0 { measure / self.longest } else { 0.0 };
        let line = self.line(cells);
        self.print(&line, &bar(share))
    }

    fn line(&self, cells: Vec<Cell>) -> String {
        let pad = |(column, cell): (&Column, Cell)| {
            let width = column.1.max(column.0.chars().count());
            format!("{cell:>width$}")
        };
        let cells: Vec<String> = self.columns.iter().zip(cells).map(pad).collect();
        cells.join("  ")
    }

    fn print(&self, line: &str, bar: &str) -> io::Result<()> {
        let mut out = stdout().lock();
        writeln!(out, "{}", format!("{line}  {bar}").trim_end())?;
        out.flush()
    }
}

/// Draws a share of one, to an eighth of a character.
fn bar(share: f64) -> String {
    const PARTS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let eighths = (share.clamp(0.0, 1.0) * (BAR * 8) as f64).round() as usize;
    let mut bar = "█".repeat(eighths / 8);
    if eighths % 8 > 0 {
        bar.push(PARTS[eighths % 8]);
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        assert_eq!(bar(0.0), "");
        assert_eq!(bar(1.0).chars().count(), BAR);
        assert_eq!(bar(0.5), "█".repeat(BAR / 2));
        assert_eq!(bar(7.0), bar(1.0));
    }

    #[test]
    fn cells_are_padded_to_the_width_of_their_column() {
        let table = Table { columns: vec![Column("rate", 6), Column("p50", 2)], longest: 0.0 };
        assert_eq!(table.line(vec!["12".into(), "3".into()]), "    12    3");
    }
}
