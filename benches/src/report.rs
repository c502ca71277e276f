//! What a run prints: one JSON object on one line.

use std::collections::BTreeMap;

use serde::Serialize;

/// Named figures of one run; the unit is part of the name.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Metrics(BTreeMap<String, f64>);

impl Metrics {
    /// No figures yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a figure.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: f64) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// Adds to a figure that is there already.
    #[must_use]
    pub(crate) fn plus(mut self, name: &str, value: f64) -> Self {
        *self.0.entry(name.to_owned()).or_default() += value;
        self
    }
}

/// One run of one scenario on one runtime.
#[derive(Debug, Serialize)]
pub(crate) struct Record<'a> {
    /// The scenario's name.
    pub(crate) scenario: &'a str,
    /// The runtime's name.
    pub(crate) runtime: &'a str,
    /// The figures.
    pub(crate) metrics: Metrics,
}

impl Record<'_> {
    /// Prints the record.
    pub(crate) fn print(&self) {
        println!("{}", serde_json::to_string(self).expect("figures are plain"));
    }
}
