//! A selector that does what a test says.
