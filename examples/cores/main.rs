//! A web server on all processors: one loop for each, and a listener on each loop, between which the system deals out the
//! connections (`SO_REUSEPORT`).
//!
//! ```text
//! cargo run --release --example cores                       a server, a short load on it, and who answered
//! cargo run --release --example cores -- --listen ADDR      the server alone; try `curl`, or a load generator of yours
//! cargo run --release --example cores -- --measure          one loop against one for each processor
//! ```
//!
//! With two processors (AMD EPYC, a virtual machine that was busy with other things, load average 10), requests of 43 us of work each, and the
//! load itself on the same two, `--measure --rounds 9` said:
//!
//! ```text
//! 1 loop(s): 5954 requests a second (5601 to 7688), 21372 a second of processor time
//! 2 loop(s): 11537 requests a second (6665 to 22438), 21442 a second of processor time
//! 1.94 times as many, 1.00 for the same processor time
//! ```
//!
//! The last number is the one that a neighbour cannot spoil: a request costs the same whether one loop runs or two, because
//! they share nothing.

#[cfg(unix)]
mod load;
#[cfg(unix)]
mod measure;
#[cfg(unix)]
mod program;
#[cfg(unix)]
mod server;

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    program::main()
}

#[cfg(not(unix))]
fn main() {
    println!("this example needs SO_REUSEPORT, which only Unix has");
}
