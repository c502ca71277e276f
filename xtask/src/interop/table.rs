//! The table of what was tried.

use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, TableComponent, presets};

use super::Outcome;
use super::trials::Trial;

/// Prints how all trials went.
pub(super) fn print(outcomes: &[(&Trial, Outcome)]) {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY).remove_style(TableComponent::HorizontalLines);
    table.remove_style(TableComponent::MiddleIntersections);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    let header = ["peer", "example", "what was tried", "outcome", ""];
    table.set_header(header.map(|title| Cell::new(title).add_attribute(Attribute::Bold)));
    for (trial, outcome) in outcomes {
        let (word, color, remark) = match outcome {
            Outcome::Passed(figure) => ("passed", Color::Green, figure.as_str()),
            Outcome::Skipped(why) => ("skipped", Color::Yellow, why.as_str()),
            // The rest has been printed already.
            Outcome::Failed(why) => ("failed", Color::Red, why.lines().next().unwrap_or_default()),
        };
        let outcome = Cell::new(word).fg(color);
        let texts = [trial.peer, trial.example, trial.tried].map(Cell::new);
        table.add_row(texts.into_iter().chain([outcome, Cell::new(remark)]));
    }
    println!("\n{table}");
}
