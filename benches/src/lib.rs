//! The same scenarios for `runtime`, for its peers and for a hand-written loop.
//!
//! Each run is a process of its own that prints one JSON object; `cargo xtask bench` starts them in
//! interleaved rounds and compares. Linux only: some peers, and the limit's epoll, know nothing else.
#![cfg(target_os = "linux")]

pub mod alloc;
pub mod cli;
mod clock;
mod leaf;
mod limit;
mod peer;
mod plan;
mod random;
mod report;
mod runtimes;
mod scenarios;
mod tcp;
mod udp;
mod unix;
