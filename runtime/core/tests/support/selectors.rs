//! Runs tests on each of the built-in selectors.
//!
//! A test file lists its tests, and uses `run` or `builder` from here:
//!
//! ```ignore
//! use support::selectors::{self, on_each_selector, run};
//!
//! on_each_selector!(a_byte_arrives, an_end_is_heard_of);
//!
//! fn a_byte_arrives() {
//!     run(async { .. });
//! }
//! ```

#![allow(dead_code, unused_imports, unused_macros)]

use std::cell::Cell;
use std::convert::identity;
use std::future::Future;

use runtime::Builder;

/// How the loops of a test are set up.
#[derive(Clone, Copy)]
pub(crate) struct Choice {
    /// The module that the tests are in.
    pub(crate) module: &'static str,
    pub(crate) setup: fn(Builder) -> Builder,
}

impl Choice {
    /// Sets up a loop that others build.
    pub(crate) fn set_up(self, builder: Builder) -> Builder {
        (self.setup)(builder)
    }
}

pub(crate) const MIO: Choice = Choice { module: "on_mio", setup: identity };

#[cfg(unix)]
pub(crate) use poll::POLL;

#[cfg(unix)]
mod poll {
    use runtime::reactor::PollSelector;

    use super::Choice;

    pub(crate) const POLL: Choice = Choice {
        module: "on_poll",
        setup: |builder| builder.selector(PollSelector::new().expect("descriptors are left")),
    };
}

/// Makes two tests of each function that is named, `on_mio::name` and `on_poll::name`.
macro_rules! on_each_selector {
    ($($(#[$attribute:meta])* $name:ident),+ $(,)?) => {
        mod on_mio {
            $(
                $(#[$attribute])*
                #[test]
                fn $name() -> impl std::process::Termination {
                    $crate::selectors::on($crate::selectors::MIO, super::$name)
                }
            )+
        }

        #[cfg(unix)]
        mod on_poll {
            $(
                $(#[$attribute])*
                #[test]
                fn $name() -> impl std::process::Termination {
                    $crate::selectors::on($crate::selectors::POLL, super::$name)
                }
            )+
        }
    };
}

pub(crate) use on_each_selector;

thread_local! {
    static CHOICE: Cell<Choice> = const { Cell::new(MIO) };
}

/// Runs a test, or a part of one, on a selector.
pub(crate) fn on<R>(choice: Choice, test: impl FnOnce() -> R) -> R {
    let outer = CHOICE.replace(choice);
    let result = test();
    CHOICE.set(outer);
    result
}

/// What the test that is running is run on; on a thread that it has started, the default.
pub(crate) fn choice() -> Choice {
    CHOICE.get()
}

/// Sets up a loop of the test that is running.
pub(crate) fn builder() -> Builder {
    choice().set_up(Builder::new())
}

/// Runs a future to its end on a loop of the test that is running.
#[track_caller]
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    builder().build().expect("a loop can be built").block_on(future)
}
