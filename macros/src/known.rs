//! The options that the attributes know: a new one is a new row here.

use proc_macro2::Span;
use syn::{Error, Lit};

use crate::expand::Entry;

/// What an option does when the runtime is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Says where the facade is.
    Facade,
    /// Calls the method of `Builder` that has the option's name.
    Method,
    /// Runs the function by way of `signal::run_until_ctrl_c`.
    CtrlC,
    /// Runs the test with one seed, or with each of several.
    Seed,
    Seeds,
    /// Calls `Builder::spin`, which takes a duration, while users mostly want on or off.
    Spin,
}

/// One valid option.
pub(crate) struct Known {
    pub(crate) name: &'static str,
    pub(crate) meaning: Meaning,
    /// Says whether a literal can be a value at all. Any other expression is the compiler's to judge.
    pub(crate) accepts: fn(&Lit) -> bool,
    pub(crate) takes: &'static str,
    pub(crate) example: &'static str,
    /// What the name alone stands for, if it may be left alone.
    pub(crate) alone: Option<&'static str>,
}

/// The valid options, in the order in which the error messages list them.
pub(crate) static KNOWN: &[Known] = &[
    Known {
        name: "crate",
        meaning: Meaning::Facade,
        accepts: |literal| matches!(literal, Lit::Str(_)),
        takes: "the path of the runtime crate",
        example: "\"my_crate::runtime\"",
        alone: None,
    },
    Known {
        name: "ctrl_c",
        meaning: Meaning::CtrlC,
        accepts: |literal| matches!(literal, Lit::Str(text) if text.value() == "cancel"),
        takes: "the string `\"cancel\"`",
        example: "\"cancel\"",
        alone: None,
    },
    Known {
        name: "debug",
        meaning: Meaning::Method,
        accepts: |literal| matches!(literal, Lit::Bool(_)),
        takes: "a `bool`",
        example: "true",
        alone: None,
    },
    Known {
        name: "event_interval",
        meaning: Meaning::Method,
        accepts: is_positive,
        takes: "a number of polls, at least 1",
        example: "64",
        alone: None,
    },
    Known {
        name: "inspect",
        meaning: Meaning::Method,
        accepts: |literal| matches!(literal, Lit::Bool(_)),
        takes: "a `bool`",
        example: "true",
        alone: None,
    },
    Known {
        name: "max_blocking_threads",
        meaning: Meaning::Method,
        accepts: is_positive,
        takes: "a number of threads, at least 1",
        example: "16",
        alone: None,
    },
    Known {
        name: "seed",
        meaning: Meaning::Seed,
        accepts: |literal| matches!(literal, Lit::Int(number) if number.base10_parse::<u64>().is_ok()),
        takes: "a number or `random`",
        example: "7",
        alone: None,
    },
    Known {
        name: "seeds",
        meaning: Meaning::Seeds,
        accepts: |_| false,
        takes: "several numbers",
        example: "0..100",
        alone: None,
    },
    Known {
        name: "slow_callback_duration",
        meaning: Meaning::Method,
        accepts: |_| false,
        takes: "a `Duration`",
        example: "Duration::from_millis(100)",
        alone: None,
    },
    Known {
        name: "spin",
        meaning: Meaning::Spin,
        accepts: |literal| matches!(literal, Lit::Bool(_)),
        takes: "a `bool` or a `Duration`",
        example: "false",
        alone: None,
    },
    Known {
        name: "start_paused",
        meaning: Meaning::Method,
        accepts: |literal| matches!(literal, Lit::Bool(_)),
        takes: "a `bool`",
        example: "true",
        alone: Some("true"),
    },
    Known {
        name: "thread_keep_alive",
        meaning: Meaning::Method,
        accepts: |_| false,
        takes: "a `Duration`",
        example: "Duration::from_secs(10)",
        alone: None,
    },
    Known {
        name: "thread_name",
        meaning: Meaning::Method,
        accepts: |literal| matches!(literal, Lit::Str(_)),
        takes: "a string",
        example: "\"worker\"",
        alone: None,
    },
    Known {
        name: "thread_stack_size",
        meaning: Meaning::Method,
        accepts: |literal| matches!(literal, Lit::Int(_)),
        takes: "a number of bytes",
        example: "65536",
        alone: None,
    },
    Known {
        name: "unhandled_panic",
        meaning: Meaning::Method,
        accepts: |_| false,
        takes: "an `UnhandledPanic`",
        example: "UnhandledPanic::Shutdown",
        alone: None,
    },
    Known {
        name: "watchdog",
        meaning: Meaning::Method,
        accepts: |_| false,
        takes: "a `Duration`",
        example: "Duration::from_millis(100)",
        alone: None,
    },
];

/// Options of other runtimes that people bring along, with what to do about each.
pub(crate) static FOREIGN: &[(&str, &str)] = &[
    (
        "flavor",
        "`flavor` is not an option: this runtime is always single-threaded, so it can be removed",
    ),
    (
        "worker_threads",
        "`worker_threads` is not an option: this runtime is always single-threaded, so it can be \
         removed (the pool for blocking jobs has `max_blocking_threads`)",
    ),
];

impl Known {
    /// Whether `#[runtime::main]` does not have this option.
    pub(crate) fn is_for_tests(&self) -> bool {
        matches!(self.meaning, Meaning::Seed | Meaning::Seeds)
    }

    /// Describes a value of this option that is missing or cannot be one.
    pub(crate) fn wrong_value(&self, verb: &str, span: Span) -> Error {
        let Known { name, takes, example, .. } = self;
        Error::new(span, format!("`{name}` {verb} {takes}, as in `{name} = {example}`"))
    }
}

/// Refuses 0, for which the builder would panic later.
fn is_positive(literal: &Lit) -> bool {
    matches!(literal, Lit::Int(number) if number.base10_parse::<u64>().is_ok_and(|number| number > 0))
}

/// Returns the sentence that ends every message about a name that is none.
pub(crate) fn names(entry: Entry) -> String {
    let valid = KNOWN.iter().filter(|known| entry == Entry::Test || !known.is_for_tests());
    let names: Vec<String> = valid.map(|known| format!("`{}`", known.name)).collect();
    format!("the valid options are {}", names.join(", "))
}
