//! A little emphasis, where the output is a terminal.

use std::io::{IsTerminal, stdout};

/// Makes a text bold.
pub fn bold(text: &str) -> String {
    wrap("1", text)
}

/// Makes a text step back.
pub fn dim(text: &str) -> String {
    wrap("2", text)
}

fn wrap(code: &str, text: &str) -> String {
    let plain = !stdout().is_terminal() || std::env::var_os("NO_COLOR").is_some();
    if plain { text.to_owned() } else { format!("\x1b[{code}m{text}\x1b[0m") }
}
