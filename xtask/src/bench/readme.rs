//! The tables in the README.
//!
//! Each stands between a mark that names it, `<!-- bench:memory -->` for one, and `<!-- bench:end -->`; the mark `made` is for the
//! date and the command.

use std::fs;

use super::{
    compare::Compared,
    markdown::{made, table},
    results::Results,
};
use crate::Result;

const README: &str = "README.md";
const MARK: &str = "<!-- bench:";
const CLOSE: &str = " -->";
const END: &str = "<!-- bench:end -->";

/// Puts the figures of a run in the place of those that are there.
pub(super) fn update(results: &Results, tables: &[Compared]) -> Result<()> {
    let text = fs::read_to_string(README)?;
    fs::write(README, replace(&text, |name| content(name, results, tables))?)?;
    println!("wrote {README}");
    Ok(())
}

/// What belongs to a mark; nothing, and so no change, if the run has no such table.
fn content(name: &str, results: &Results, tables: &[Compared]) -> Option<String> {
    if name == "made" {
        return Some(made(results) + "\n");
    }
    tables.iter().find(|compared| compared.table.mark() == name).map(table)
}

/// The text with new contents between its marks.
fn replace(text: &str, content: impl Fn(&str) -> Option<String>) -> Result<String> {
    let mut replaced = String::new();
    let mut rest = text;
    while let Some((before, from)) = rest.split_once(MARK) {
        let (name, from) = from.split_once(CLOSE).ok_or("a mark of the README is not closed")?;
        let (old, after) = from.split_once(END).ok_or("a table of the README has no end")?;
        replaced += &match content(name) {
            Some(new) => format!("{before}{MARK}{name}{CLOSE}\n{new}{END}"),
            None => format!("{before}{MARK}{name}{CLOSE}{old}{END}"),
        };
        rest = after;
    }
    Ok(replaced + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a\n<!-- bench:one -->\nold\n<!-- bench:end -->\nb\n\
                        <!-- bench:two -->\nold\n<!-- bench:end -->\nc\n";

    #[test]
    fn what_is_named_is_replaced_and_the_rest_stays() {
        let new = replace(TEXT, |name| (name == "two").then(|| "new\n".to_owned()));
        assert_eq!(
            new.expect("it is well formed"),
            TEXT.replacen("two -->\nold", "two -->\nnew", 1)
        );
    }

    #[test]
    fn a_table_without_an_end_is_an_error() {
        let text = TEXT.replace(END, "");
        assert!(replace(&text, |_| None).is_err());
    }
}
