//! Which frames of a stack help: from the function that blocks to the poll of the task, without the
//! machinery.

use super::names::Named;
use crate::watchdog::stack::Frame;

/// This crate, in the names of its functions.
const OURS: &str = "runtime_core::";

/// The functions of the loop that call what is the user's.
const CALLERS: [&str; 8] = [
    "runtime_core::executor::callback::",
    "runtime_core::executor::cell::",
    "runtime_core::executor::job::",
    "runtime_core::executor::pass::",
    "runtime_core::executor::proxy::",
    "runtime_core::executor::root::",
    "runtime_core::runtime::",
    "runtime_core::turn::",
];

/// What stands between a function and whoever called it, and tells nobody anything.
const MACHINERY: [&str; 8] = [
    "__rust_try",
    "core::future::",
    "core::ops::function::",
    "core::panic::",
    "core::pin::",
    "std::panic::",
    "std::panicking::",
    "std::sys::backtrace::",
];

/// Leaves what helps. The loop's own frames begin with the frame of the number `below`, or outside of it.
pub(super) fn trim(mut stack: Vec<Named>, below: usize) -> Vec<Frame> {
    let end = stack.iter().position(|named| is_outside(named, below)).unwrap_or(stack.len());
    stack.truncate(end);
    // What the loop does around a poll, the standard library included.
    while stack.len() > 1 && stack.last().is_some_and(is_internal) {
        stack.pop();
    }
    let mut kept: Vec<Named> = Vec::new();
    for named in stack {
        if is_any(&named, &MACHINERY) {
            continue;
        }
        // Of several functions of this crate in a row the last is the one that somebody has called.
        if is_any(&named, &[OURS]) && kept.last().is_some_and(|last| is_any(last, &[OURS])) {
            kept.pop();
        }
        kept.push(named);
    }
    kept.into_iter().map(|named| named.frame).collect()
}

/// Whether from here on it is the loop: a function of ours outside of the frame, or in it, where what has
/// been inlined may be the user's yet, one that is known to call the user's.
fn is_outside(named: &Named, below: usize) -> bool {
    match named.number {
        number if number < below => false,
        number if number == below => is_any(named, &CALLERS),
        _ => is_any(named, &[OURS]),
    }
}

fn is_internal(named: &Named) -> bool {
    is_any(named, &["alloc::", "core::", "std::", OURS]) || is_any(named, &MACHINERY)
}

/// Whether the name begins with one of these: `path::function`, or, of a method, `<path::Type>::function` and
/// `<path::Type as Trait>::function`.
fn is_any(named: &Named, beginnings: &[&str]) -> bool {
    let name = named.frame.function.as_deref().unwrap_or("");
    let name = name.trim_start_matches(['<', '&']);
    beginnings.iter().any(|beginning| name.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(names: &[(usize, &str)]) -> Vec<Named> {
        let named = |&(number, name): &(usize, &str)| {
            let function = Some(name.to_owned());
            Named { frame: Frame { function, file: None, line: None, address: 0 }, number }
        };
        names.iter().map(named).collect()
    }

    fn trimmed(names: &[(usize, &str)], below: usize) -> Vec<String> {
        let frames = trim(stack(names), below);
        frames.into_iter().map(|frame| frame.function.unwrap()).collect()
    }

    #[test]
    fn the_loop_and_what_called_it_is_left_out() {
        let names = [
            (0, "read"),
            (1, "<std::fs::File as std::io::Read>::read"),
            (2, "app::load"),
            (3, "app::main::{closure}"),
            (4, "runtime_core::executor::cell::run"),
            (5, "runtime_core::turn::run_loop"),
            (6, "app::main"),
        ];
        let expected =
            ["read", "<std::fs::File as std::io::Read>::read", "app::load", "app::main::{closure}"];
        assert_eq!(trimmed(&names, 4), expected);
        // The frame below the anchor may be one that the loop calls.
        assert_eq!(trimmed(&names, 3), expected);
    }

    #[test]
    fn what_was_inlined_into_a_frame_of_the_loop_is_kept() {
        let names = [
            (0, "app::crunch"),
            (1, "app::main::{closure}"),
            (1, "core::ops::function::FnOnce::call_once"),
            (1, "runtime_core::executor::cell::run"),
            (1, "runtime_core::turn::run_loop"),
            (1, "app::main"),
        ];
        assert_eq!(trimmed(&names, 1), ["app::crunch", "app::main::{closure}"]);
    }

    #[test]
    fn a_call_of_the_loop_from_a_task_is_one_line() {
        let names = [
            (0, "epoll_wait"),
            (1, "<runtime_core::reactor::Reactor>::select"),
            (2, "runtime_core::turn::park"),
            (3, "runtime_core::runtime::Runtime::turn"),
            (4, "app::drive"),
            (5, "runtime_core::executor::root::poll"),
            (6, "main"),
        ];
        let expected = ["epoll_wait", "runtime_core::runtime::Runtime::turn", "app::drive"];
        assert_eq!(trimmed(&names, 5), expected);
    }

    #[test]
    fn a_stack_of_the_loop_only_is_not_empty() {
        assert_eq!(trimmed(&[(0, "core::hint::spin_loop"), (1, "main")], 0).len(), 2);
        let names = [(0, "core::hint::spin_loop"), (1, "runtime_core::executor::cell::run")];
        assert_eq!(trimmed(&names, 0), ["core::hint::spin_loop"]);
    }
}
