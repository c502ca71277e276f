//! Tables without lines, as ps(1) draws them.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

/// Makes a table with these columns, of which those in `right` are aligned to the right.
///
/// A terminal's width is not kept: lines that are too long are for the reader's pager, and a task's location
/// is no use in pieces.
pub(crate) fn table(columns: &[&str], right: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(columns.iter().copied());
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if right.contains(&index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Draws a table, without the spaces at the ends of its lines.
pub(crate) fn drawn(table: &Table) -> String {
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
