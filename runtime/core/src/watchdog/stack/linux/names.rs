//! From the addresses of frames to the functions that they are in, those that were inlined among them.

use std::ptr::without_provenance_mut;

use super::unwind::RawStack;
use crate::watchdog::stack::Frame;

/// A function, and the number of the frame that it is in: one frame is several functions if some were
/// inlined.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) frame: Frame,
    pub(super) number: usize,
}

/// The functions of a stack, the innermost first.
pub(super) fn of(stack: &RawStack) -> Vec<Named> {
    let mut named = Vec::new();
    for (number, raw) in stack.frames.iter().enumerate() {
        if let Some((after, left_out)) = stack.gap.filter(|(after, _)| *after == number) {
            named.push(Named::words(format!("... {left_out} frames ..."), after));
        }
        resolve(raw.address as usize, number, &mut named);
    }
    if !stack.is_complete {
        named.push(Named::words("... what cannot be read ...".to_owned(), stack.frames.len()));
    }
    named
}

fn resolve(address: usize, number: usize, named: &mut Vec<Named>) {
    let before = named.len();
    // It takes one off, as it is made for return addresses.
    backtrace::resolve(without_provenance_mut(address + 1), |symbol| {
        let frame = Frame {
            // Without the hash behind it.
            function: symbol.name().map(|name| format!("{name:#}")),
            file: symbol.filename().map(Into::into),
            line: symbol.lineno(),
            address,
        };
        named.push(Named { frame, number });
    });
    if named.len() == before {
        let frame = Frame { function: None, file: None, line: None, address };
        named.push(Named { frame, number });
    }
}

impl Named {
    /// Stands for frames that are not there.
    fn words(words: String, number: usize) -> Named {
        Named { frame: Frame { function: Some(words), file: None, line: None, address: 0 }, number }
    }
}
