//! Signals for the `runtime` event loop: an empty crate, for now.
//!
//! Nothing is here yet. The crate holds the place where `signal::ctrl_c`, streams of signals, and
//! callbacks on a signal will live, so that the shape of the workspace and its dependencies
//! (`signal` stands on `runtime-core` and on nothing else of ours) are settled before the code is.
//!
//! Until then a program that has to react to signals can take any crate that turns a signal into
//! a readable file descriptor, and wait for that descriptor through `runtime::reactor`.
