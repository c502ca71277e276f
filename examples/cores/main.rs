//! A web server on all processors: one loop for each, and a listener on each loop, between which the system
//! deals out the connections (`SO_REUSEPORT`).
//!
//! ```text
//! cargo run --release --example cores                       a server, a short load on it, and who answered
//! cargo run --release --example cores -- --listen ADDR      the server alone; try `curl`, or a load generator of yours
//! cargo run --release --example cores -- --measure          one loop against one for each processor
//! ```
//!
//! With two processors (AMD EPYC, a virtual machine), of which other programs took their share all the time
//! (load average 9), requests of 43 us of work each, and the load itself on the same two, `--measure --rounds
//! 15` said:
//!
//! ```text
//! 1 loop(s): 8198 requests a second (6385 to 14603), 22077 a second of processor time
//! 2 loop(s): 12031 requests a second (8007 to 22158), 22074 a second of processor time
//! 1.47 times as many, 1.00 for the same processor time
//! ```
//!
//! The first ratio depends on what the neighbours leave over (1.5 to 1.9 in four runs). The second does not:
//! a request costs the same whether one loop runs or two, because they share nothing.

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
