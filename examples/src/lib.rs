//! What the examples share: a table that grows while a program runs, and a meter for latencies.

mod latency;
mod style;
mod table;

pub use latency::Latency;
pub use style::{bold, dim};
pub use table::{Cell, Column, Table};
