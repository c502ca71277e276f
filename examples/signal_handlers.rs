//! Callbacks for signals, which stop the loop.
//!
//! ```text
//! cargo run --example signal_handlers
//! ```
//!
//! Press Ctrl-C, or run `kill` with the number that it prints. Once the loop has stopped the handlers are
//! gone, and signals do again what they always do.

#[cfg(unix)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use runtime::signal::{self, SignalKind};
    use runtime::{Handle, Runtime};

    let rt = Runtime::new()?;
    let _entered = rt.enter();

    let mut handlers = Vec::new();
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        handlers.push(signal::on(kind, move || {
            println!("got {kind}: exit");
            Handle::current().stop().expect("a loop that runs is not closed");
        })?);
    }

    println!("the loop runs until it is stopped: press Ctrl-C");
    println!("pid {}: send SIGINT or SIGTERM to exit", std::process::id());
    rt.run_forever()?;
    println!("stopped");
    Ok(())
}

#[cfg(not(unix))]
fn main() {
    println!("this example handles signals, which only Unix has");
}
