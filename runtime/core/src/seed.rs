//! Tests that are run in many orders, and say in which one they failed.
//!
//! A loop runs what is ready first in, first out, so a test sees one order of events out of the many that a
//! busy program will see. With a [seed](crate::Builder::seed) the loop shuffles what is ready instead. A test
//! that asks for one,
//!
//! ```
//! # fn main() {}
//! #[runtime::test(start_paused, seeds = 0..100)]
//! async fn the_stock_is_never_oversold() {
//!     // ..
//! }
//! ```
//!
//! is run with each of them, on a new loop each time, up to the first that fails. Then it says
//!
//! ```text
//! failed with seed 17; to run it with this seed alone: RUNTIME_SEED=17 cargo test the_stock_is_never_oversold
//! ```
//!
//! | option | seeds |
//! |---|---|
//! | `seed = 7` | this one |
//! | `seed = random` | another one in each run |
//! | `seeds = 0..100` | each of these numbers; anything that can be iterated over |
//!
//! A test that hangs says nothing. With the environment variable `RUNTIME_SEED_ANNOUNCE` set, to anything but `0`,
//! each run is announced before it begins, on the standard error stream, past the test harness, which keeps what
//! tests print to itself:
//!
//! ```text
//! the_stock_is_never_oversold: seed 17
//! ```
//!
//! A test under `#[should_panic]` succeeds with the first seed with which it panics, and is not run with the
//! others: it tests that some seed finds a failure, not that each does.
//!
//! The environment variable `RUNTIME_SEED`, if it is set, takes the place of all of them. What a seed decides,
//! and what it does not, is said at [`Builder::seed`](crate::Builder::seed).
//!
//! # Examples
//!
//! A program that is correct only if the writer comes before the reader. First in, first out it always does;
//! some of a few seeds find the order in which it does not:
//!
//! ```
//! use std::cell::Cell;
//! use std::rc::Rc;
//!
//! use runtime::seed::{Seeds, run};
//!
//! let found = std::panic::catch_unwind(|| {
//!     run("doc", Seeds::each(0..20), |builder| {
//!         builder.build().unwrap().block_on(async {
//!             let value = Rc::new(Cell::new(None));
//!             let written = value.clone();
//!             let writer = runtime::spawn(async move { written.set(Some(7)) });
//!             let reader = runtime::spawn(async move { value.get().unwrap() });
//!             writer.await.unwrap();
//!             assert_eq!(reader.await.unwrap(), 7);
//!         });
//!     });
//! });
//! assert!(found.is_err());
//! ```

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::builder::Builder;

/// The environment variable that takes the place of a test's own seeds.
const VARIABLE: &str = "RUNTIME_SEED";

/// The environment variable that has each run announced.
const ANNOUNCE: &str = "RUNTIME_SEED_ANNOUNCE";

/// The seeds with which a test is run, one after the other.
pub struct Seeds(Box<dyn Iterator<Item = u64>>);

impl Seeds {
    /// Each of these.
    pub fn each<I>(seeds: I) -> Seeds
    where
        I: IntoIterator<Item = u64>,
        I::IntoIter: 'static,
    {
        Seeds(Box::new(seeds.into_iter()))
    }

    /// One that is different each time.
    pub fn random() -> Seeds {
        // The keys of a hash map are as random as a program can have them without asking the system itself.
        let seed = RandomState::new().build_hasher().finish();
        // Short enough to be typed.
        Seeds::each([seed >> 32])
    }
}

impl fmt::Debug for Seeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seeds").finish_non_exhaustive()
    }
}

/// What a test may return, and whether it has failed then.
pub trait Outcome {
    /// Whether this is a failure.
    fn is_failure(&self) -> bool;
}

impl Outcome for () {
    fn is_failure(&self) -> bool {
        false
    }
}

impl<T: Outcome, E> Outcome for Result<T, E> {
    fn is_failure(&self) -> bool {
        self.as_ref().map_or(true, Outcome::is_failure)
    }
}

/// Calls `test` once for each seed, with a [`Builder`] that has it, up to the first that fails by a panic or
/// an `Err`; returns what the last call returned.
///
/// A failure is announced on the standard error stream, with the seed and how to run the test with this one
/// alone, and then passed on. With `RUNTIME_SEED_ANNOUNCE` set each call is announced there. `name` is what `cargo test` calls the test; its crate, `crate::`, may be in
/// front.
///
/// This is what `#[runtime::test(seed = ..)]` calls.
///
/// # Panics
///
/// If there are no seeds: the test would test nothing. If `RUNTIME_SEED` is set and not a number below 2^64,
/// decimal, or hexadecimal behind `0x`. A panic of `test` is passed on.
///
/// # Examples
///
/// ```
/// use runtime::seed::{Seeds, run};
///
/// let mut loops = 0;
/// run("a_sum_is_a_sum", Seeds::each([1, 2, 3]), |builder| {
///     let sum = builder.build().unwrap().block_on(async { 1 + 1 });
///     assert_eq!(sum, 2);
///     loops += 1;
/// });
/// assert_eq!(loops, 3);
/// ```
#[track_caller]
pub fn run<T: Outcome>(name: &str, seeds: Seeds, mut test: impl FnMut(Builder) -> T) -> T {
    let seeds = match std::env::var(VARIABLE) {
        Ok(text) => Seeds::each([parse(&text)]),
        Err(_) => seeds,
    };
    let announces =
        std::env::var_os(ANNOUNCE).is_some_and(|value| !value.is_empty() && value != "0");
    let mut last = None;
    for seed in seeds.0 {
        if announces {
            // Not by the macro, whose output the test harness keeps until the test has ended.
            let _ = writeln!(io::stderr(), "{}: seed {seed}", name_in_crate(name));
        }
        match catch_unwind(AssertUnwindSafe(|| test(Builder::new().seed(seed)))) {
            Ok(outcome) if outcome.is_failure() => {
                announce(name, seed);
                return outcome;
            }
            Ok(outcome) => last = Some(outcome),
            Err(payload) => {
                announce(name, seed);
                resume_unwind(payload);
            }
        }
    }
    last.expect("a test without any seed tests nothing")
}

/// By the macro, whose output the test harness keeps for the report.
fn announce(name: &str, seed: u64) {
    let name = name_in_crate(name);
    eprintln!(
        "failed with seed {seed}; to run it with this seed alone: {VARIABLE}={seed} cargo test {name}"
    );
}

/// What `cargo test` calls a test.
fn name_in_crate(name: &str) -> &str {
    name.split_once("::").map_or(name, |(_, name)| name)
}

#[track_caller]
fn parse(text: &str) -> u64 {
    let seed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    seed.unwrap_or_else(|_| panic!("`{VARIABLE}` is `{text}`, but a seed is a number below 2^64"))
}
